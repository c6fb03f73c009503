/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What people type after -p, -t, -n and --, who is followed then, and what is said of those who cannot be. */
#include "target/describe.h"
#include "target/target.h"
#include "unit/target/village.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

Test(target, a_process_and_its_descendants)
{
	struct canned canned;
	struct target *target;

	village_open(&canned);
	target = resolved(canned.root, TARGET_PROCESS, "100", true);
	EXPECT_PROCESSES(target, 100, 200, 201, 0);
	cr_assert_eq(target->thread_count, 0);
	cr_assert_eq(target->pidfd_count, 1);
	cr_assert_eq(target->pidfds[0], -1);
	cr_assert(target->children);
	cr_assert_str_eq(target->description, "server[100]");
	target_free(target);

	target = resolved(canned.root, TARGET_PROCESS, "100", false);
	EXPECT_PROCESSES(target, 100, 0);
	cr_assert_not(target->children);
	target_free(target);

	target = resolved(canned.root, TARGET_PROCESS, "10", true); /* rota's own shell: all but rota */
	EXPECT_PROCESSES(target, 10, 100, 200, 201, 0);
	target_free(target);
	canned_close(&canned);
}

Test(target, several_processes)
{
	struct canned canned;
	struct target *target;

	village_open(&canned);
	target = resolved(canned.root, TARGET_PROCESS, "400,100,400,500", false);
	cr_assert_eq(target->process_count, 3);
	cr_assert_eq(target->processes[0], 400);
	cr_assert_eq(target->processes[1], 100);
	cr_assert_eq(target->pidfd_count, 3);
	cr_assert_str_eq(target->description, "3 processes: odd) R 1 (name[400], server[100], half[500]");
	target_free(target);
	canned_close(&canned);
}

Test(target, threads)
{
	struct canned canned;
	struct target *target;

	village_open(&canned);
	village_show_thread(&canned, 100, 101, 10, "worker/0", 'R');
	village_show_thread(&canned, 100, 102, 10, "worker/1", 'S');
	target = resolved(canned.root, TARGET_THREAD, "102", true);
	EXPECT_THREADS(target, 102, 0);
	cr_assert_eq(target->process_count, 0);
	cr_assert_eq(target->pidfd_count, 0);
	cr_assert_not(target->children, "-t follows exactly these threads");
	cr_assert_str_eq(target->description, "worker/1[102]");
	target_free(target);
	target = resolved(canned.root, TARGET_THREAD, "101,102", false);
	EXPECT_THREADS(target, 101, 102, 0);
	cr_assert_str_eq(target->description, "2 threads: worker/0[101], worker/1[102]");
	target_free(target);
	canned_close(&canned);
}

Test(target, names)
{
	struct canned canned;
	struct target *target;

	village_open(&canned);
	target = resolved(canned.root, TARGET_NAME, "worker/*", true);
	EXPECT_THREADS(target, 101, 102, 0);
	cr_assert_eq(target->process_count, 0);
	cr_assert_str_eq(target->description, "name 'worker/*'");
	cr_assert_str_eq(target->name_glob, "worker/*");
	target_free(target);

	target = resolved(canned.root, TARGET_NAME, "server", true);
	EXPECT_PROCESSES(target, 100, 200, 201, 0);
	cr_assert_eq(target->thread_count, 0);
	target_free(target);

	target =
		resolved(canned.root, TARGET_NAME, "*a*", false); /* kthreadd too, but not rota, rota-drain, and dead */
	EXPECT_PROCESSES(target, 2, 201, 400, 500, 0);
	EXPECT_THREADS(target, 0);
	target_free(target);

	target = resolved(canned.root, TARGET_NAME, "half-*", false);
	EXPECT_THREADS(target, 501, 0);
	target_free(target);

	target = resolved(canned.root, TARGET_NAME, "nobody", true);
	EXPECT_PROCESSES(target, 0);
	target_free(target);
	canned_close(&canned);
}

Test(target, a_plain_name_is_cut_as_the_kernel_cuts_it)
{
	struct canned canned;
	struct target *target;

	village_open(&canned);
	village_process(&canned, 600, 1, "a-very-long-nam");
	target = resolved(canned.root, TARGET_NAME, "a-very-long-name-indeed", true);
	EXPECT_PROCESSES(target, 600, 0);
	cr_assert_str_eq(target->name_glob, "a-very-long-nam");
	target_free(target);
	canned_close(&canned);
}

Test(target, refusals_of_processes)
{
	struct canned canned;

	village_open(&canned);
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "999", -ESRCH, "-p 999", "no such process", "-n NAME");
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "100,999", -ESRCH, "-p 999", "no such process");
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "3", -EINVAL, "-p 3", "kworker", "kernel thread", "--system");
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "202", -EINVAL, "dead[202]", "zombie");
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "300", -EINVAL, "rota[300]", "rota itself");
	village_show_thread(&canned, 100, 101, 10, "worker/0", 'R');
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "101", -ESRCH, "thread of server[100]", "-p 100", "-t 101");
	canned_close(&canned);
}

Test(target, refusals_of_threads)
{
	struct canned canned;

	village_open(&canned);
	village_show_thread(&canned, 300, 301, 10, "rota-drain", 'S');
	EXPECT_REFUSAL(canned.root, TARGET_THREAD, "999", -ESRCH, "-t 999", "no such thread");
	EXPECT_REFUSAL(canned.root, TARGET_THREAD, "3", -EINVAL, "kernel thread");
	EXPECT_REFUSAL(canned.root, TARGET_THREAD, "202", -EINVAL, "zombie");
	EXPECT_REFUSAL(canned.root, TARGET_THREAD, "301", -EINVAL, "rota-drain[301]", "rota itself");
	canned_close(&canned);
}

Test(target, refusals_of_texts)
{
	static const char *const texts[] = {
		"", "abc", "1,", ",1", "1,,2", "1 2", "-1", "+1", "0x10", "1.5", "1;reboot"
	};
	struct canned canned;

	village_open(&canned);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		EXPECT_REFUSAL(canned.root, TARGET_PROCESS, texts[i], -EINVAL, "no list of ids", "-p 4711,4712");
		EXPECT_REFUSAL(canned.root, TARGET_THREAD, texts[i], -EINVAL, "no list of ids", "-t 4711,4712");
	}
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "0", -ESRCH, "-p 0", "no such process");
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "4194304", -ESRCH, "-p 4194304", "no such process");
	EXPECT_REFUSAL(canned.root, TARGET_PROCESS, "99999999999999999999999999", -ESRCH, "no such process");
	EXPECT_REFUSAL(canned.root, TARGET_NAME, "", -EINVAL, "needs a name");
	canned_close(&canned);
}

Test(target, commands_and_the_system)
{
	char *const argv[] = { "make", "-j2", "all\033[31m", NULL }, *const none[] = { NULL };
	struct target_request request = { .kind = TARGET_COMMAND, .command = argv, .children = true };
	struct target *target = NULL;
	struct heard heard;

	cr_assert_eq(target_resolve("", &request, &target), 0);
	cr_assert_str_eq(target->description, "make -j2 all?[31m");
	cr_assert_eq(target->process_count + target->thread_count, 0);
	target_free(target);
	request.command = none;
	heard_open(&heard);
	cr_assert_eq(target_resolve("", &request, &target), -EINVAL);
	heard_close(&heard);
	cr_assert(strstr(heard.text, "no command"));
	target = resolved("", TARGET_SYSTEM, NULL, true);
	cr_assert_str_eq(target->description, "the whole system");
	target_free(target);
}

Test(describe, sixty_columns_of_clean_text)
{
	static const struct {
		const char *text, *shown;
		size_t columns;
	} cases[] = {
		{"plain",                "plain",            10},
		{ "0123456789",          "0123456789",       10},
		{ "0123456789a",         "012345678…",     10},
		{ "grün",               "grün",            4 },
		{ "grüne",              "grü…",          4 },
		{ "a\tb\nc\x7f",         "a?b?c?",           0 },
		{ "\x80\xff\xc0\xaf",    "????",             0 }, /* no UTF-8 */
		{ "\xed\xa0\x80",        "???",              0 }, /* a surrogate */
		{ "\xf4\x90\x80\x80",    "????",             0 }, /* above U+10FFFF */
		{ "\xc2\x9b"
		  "1m", "?1m",              0 }, /* C1: CSI */
		{ "\xe2\x82",            "??",               0 }, /* cut short */
		{ "\xf0\x9f\x98\x80",    "\xf0\x9f\x98\x80", 1 }, /* four bytes, one character */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *shown = describe_text(cases[i].text, cases[i].columns);

		cr_assert_str_eq(shown, cases[i].shown);
		free(shown);
	}
}

Test(describe, a_long_list_is_cut)
{
	char *const argv[] = { "find", "/usr/share/a/rather/long/path", "-name", "a-rather-long-pattern*", "-print0",
			       NULL };
	char *const absolute[] = { "/opt/tool/bin/run", "/etc/run.conf", NULL };
	char *text = describe_command(absolute);

	cr_assert_str_eq(text, "run /etc/run.conf");
	free(text);
	text = describe_command(argv);

	cr_assert_str_eq(text, "find /usr/share/a/rather/long/path -name a-rather-long-patt…");
	free(text);
}

/* --- live --------------------------------------------------------------------------------------------------------- */

/* A child that sleeps until it is killed; `grandchild` is the same below it. */
static pid_t sleeper(void)
{
	pid_t child = fork();

	if (!child) {
		for (;;)
			pause();
	}
	return child;
}

static void stop(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

Test(target, live_a_child_and_its_end)
{
	pid_t child = sleeper();
	struct target *target;
	struct pollfd ended;
	char text[16];

	snprintf(text, sizeof(text), "%d", child);
	target = resolved("", TARGET_PROCESS, text, true);
	EXPECT_PROCESSES(target, (uint32_t)child, 0);
	ended = (struct pollfd){ .fd = target->pidfds[0], .events = POLLIN };
	cr_assert_eq(poll(&ended, 1, 0), 0, "it lives");
	kill(child, SIGKILL);
	if (ended.fd >= 0)
		cr_assert_eq(poll(&ended, 1, 10000), 1, "it has ended");
	target_free(target);
	waitid(P_PID, (id_t)child, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	EXPECT_REFUSAL("", TARGET_PROCESS, text, -EINVAL, "zombie");
	waitpid(child, NULL, 0);
	EXPECT_REFUSAL("", TARGET_PROCESS, text, -ESRCH, text, "no such process");
}

Test(target, live_pid_1_and_ourselves)
{
	struct target *target = resolved("", TARGET_PROCESS, "1", false);
	char text[16];

	EXPECT_PROCESSES(target, 1, 0);
	cr_assert(strstr(target->description, "[1]"));
	target_free(target);
	snprintf(text, sizeof(text), "%d", getpid());
	EXPECT_REFUSAL("", TARGET_PROCESS, text, -EINVAL, "rota itself");
	EXPECT_REFUSAL("", TARGET_THREAD, text, -EINVAL, "rota itself");
}

static void *say_tid_and_wait(void *argument)
{
	int *ends = argument;
	pid_t tid = (pid_t)syscall(SYS_gettid);

	if (write(ends[1], &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	for (;;)
		pause();
}

Test(target, live_a_thread_given_to_p)
{
	int ends[2];
	char tid_text[16], leader[32];
	pid_t child, tid = 0;
	struct target *target;

	cr_assert_eq(pipe(ends), 0);
	child = fork();
	if (!child) {
		pthread_t thread;

		pthread_create(&thread, NULL, say_tid_and_wait, ends);
		for (;;)
			pause();
	}
	cr_assert_eq(read(ends[0], &tid, sizeof(tid)), (ssize_t)sizeof(tid));
	cr_assert_neq(tid, child);
	snprintf(tid_text, sizeof(tid_text), "%d", tid);
	snprintf(leader, sizeof(leader), "-p %d", child);
	EXPECT_REFUSAL("", TARGET_PROCESS, tid_text, -ESRCH, "is a thread of", leader, "-t ", tid_text);
	target = resolved("", TARGET_THREAD, tid_text, false);
	EXPECT_THREADS(target, (uint32_t)tid, 0);
	target_free(target);
	stop(child);
}

Test(target, live_a_kernel_thread)
{
	char comm[32] = "";
	FILE *file = fopen("/proc/2/comm", "re");

	if (!file || !fgets(comm, sizeof(comm), file) || strcmp(comm, "kthreadd\n") != 0)
		cr_skip_test("no kernel threads in this pid namespace");
	fclose(file);
	EXPECT_REFUSAL("", TARGET_PROCESS, "2", -EINVAL, "kthreadd[2]", "kernel thread", "--system");
}
