/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* System calls in text, CSV and JSON; and that nothing is said of them where they were not followed. */
#include "capture.h"
#include "golden.h"
#include "sample.h"

#define US 1000ULL

static struct rota_summary *with_calls(void)
{
	static const struct rota_syscall calls[] = {
		{4711,  4711, "checkout", "futex",       false, 12000, 9000 * MS, 60 * MS, 40 * MS,  700 * US, 12 * MS},
		{ 4712, 4711, "worker-1", "epoll_wait",  false, 800,   4000 * MS, 9 * MS,  90 * MS,  5 * MS,   60 * MS},
		{ 4712, 4711, "worker-1", "read",        true,  5000,  30 * MS,   25 * MS, 800 * US, 5 * US,   90 * US},
		{ 0,    0,    "",         "syscall 470", false, 3,     9 * US,    9 * US,  4 * US,   0,        0      },
	};
	struct rota_summary *summary = sample_service();

	summary->syscalls_known = true;
	summary->syscall_count = summary->syscall_total_count = COUNT_OF(calls);
	summary->syscalls = xcalloc(COUNT_OF(calls), sizeof(calls[0]));
	memcpy(summary->syscalls, calls, sizeof(calls));
	summary->syscall_totals = xcalloc(COUNT_OF(calls), sizeof(calls[0]));
	for (size_t i = 0; i < COUNT_OF(calls); i++) {
		summary->syscall_totals[i] = calls[i];
		summary->syscall_totals[i].tid = summary->syscall_totals[i].tgid = 0;
		summary->syscall_totals[i].thread[0] = 0;
	}
	summary->threads[0].syscall_ns = 9000 * MS;
	summary->threads[0].syscall_cpu_ns = 60 * MS;
	return summary;
}

static void done(struct rota_summary *summary)
{
	free(summary->syscalls);
	free(summary->syscall_totals);
	summary->syscalls = summary->syscall_totals = NULL;
	sample_free(summary);
}

Test(syscalls, text)
{
	struct rota_summary *summary = with_calls();
	char *text = capture_text(summary, (struct view_options){ .utf8 = true, .width = 120, .explain = true });
	char *at = strstr(text, "\nsystem calls");

	cr_assert(at, "no section of system calls:\n%s", text);
	cr_assert(strstr(at, "17,803"), "%s", at);
	free(text);
	text = capture_text(summary, (struct view_options){ .utf8 = true, .width = 120, .table = VIEW_SYSCALLS });
	golden_check("syscalls-120", text);
	free(text);
	text = capture_text(summary, (struct view_options){ .width = 80, .table = VIEW_SYSCALLS, .explain = true });
	golden_check("syscalls-ascii-80", text);
	free(text);
	text = capture_text(summary, (struct view_options){ .utf8 = true, .width = 100, .table = VIEW_WAKEUPS });
	golden_check("wakeups-100", text);
	free(text);
	done(summary);
}

Test(syscalls, csv)
{
	struct rota_summary *summary = with_calls();
	char *text = capture_csv(summary, (struct view_options){ .table = VIEW_SYSCALLS });

	cr_assert_str_eq(
		text,
		"name,tid,tgid,syscall,count,seconds,cpu_seconds,off_cpu_seconds,p50_seconds,p99_seconds,max_seconds\r\n"
		"checkout,4711,4711,futex,12000,9.000000000,0.060000000,8.940000000,0.000700000,0.012000000,0.040000000\r\n"
		"worker-1,4712,4711,epoll_wait,800,4.000000000,0.009000000,3.991000000,0.005000000,0.060000000,0.090000000\r\n"
		"worker-1,4712,4711,read (32-bit),5000,0.030000000,0.025000000,0.005000000,0.000005000,0.000090000,0.000800000\r\n"
		"others,,,syscall 470,3,0.000009000,0.000009000,0.000000000,,,0.000004000\r\n");
	free(text);
	done(summary);
}

Test(syscalls, json)
{
	struct rota_summary *summary = with_calls();
	char *text = capture_json(summary, true);

	cr_assert(
		strstr(text,
		       "\"syscalls\": [ { \"tid\": 4711, \"tgid\": 4711, \"thread\": \"checkout\", \"syscall\": \"futex\", \"compat\": false, "
		       "\"count\": 12000, \"seconds\": 9.000000000, \"cpu_seconds\": 0.060000000, \"p50_us\": 700.000, \"p99_us\": 12000.000, "
		       "\"max_us\": 40000.000 }"),
		"%s", text);
	cr_assert(strstr(
		text,
		"{ \"tid\": null, \"tgid\": null, \"thread\": null, \"syscall\": \"syscall 470\", \"compat\": false, \"count\": 3"));
	cr_assert(strstr(text, "\"syscall_totals\": [ { \"syscall\": \"futex\""));
	cr_assert(strstr(
		text,
		"\"syscall_seconds\": 9.000000000, \"syscall_cpu_seconds\": 0.060000000, \"user_seconds\": 8.940000000"));
	free(text);
	done(summary);
}

Test(syscalls, not_followed)
{
	struct rota_summary *summary = sample_service();
	char *text = capture_json(summary, true);

	cr_assert(strstr(text, "\"syscalls\": null, \"syscall_totals\": null"));
	cr_assert(strstr(text, "\"syscall_seconds\": null, \"syscall_cpu_seconds\": null, \"user_seconds\": null"));
	cr_assert(strstr(text, "syscalls is null: they were not followed"));
	free(text);
	text = capture_text(summary, (struct view_options){ .width = 100 });
	cr_assert(!strstr(text, "system calls"));
	free(text);
	sample_free(summary);
}
