/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* /proc as it can be: names that look like fields, processes that vanish, leaders that ended first; and our own, live. */
#include "target/proc.h"
#include "unit/target/village.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>

Test(proc, a_name_may_look_like_anything)
{
	static const struct {
		const char *text, *comm;
		char state;
		uint32_t ppid;
		bool kthread;
	} cases[] = {
		{"7 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 77 0 0",                           "a",               'S', 1, false},
		{ "7 () R 2 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 77 0 0",                           "",                'R', 2, false},
		{ "7 (a b) D 3 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 77",                            "a b",             'D', 3, false},
		{ "7 (x) R 9 (y) S 4 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 77",                      "x) R 9 (y",       'S', 4, false},
		{ "7 (a\nb) Z 5 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 0 0 77",                           "a\nb",            'Z', 5, false},
		{ "7 (kworker/u64:2-flush-8:0) I 2 0 0 0 -1 69238880 0 0 0 0 0 0 0 0 0 0 0 0 77", "kworker/u64:2-f",
                 'I',												     2, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct proc_stat stat;

		cr_assert_eq(proc_stat_parse(cases[i].text, &stat), 0, "%s", cases[i].text);
		cr_assert_str_eq(stat.comm, cases[i].comm);
		cr_assert_eq(stat.state, cases[i].state);
		cr_assert_eq(stat.ppid, cases[i].ppid);
		cr_assert_eq(stat.kthread, cases[i].kthread);
		cr_assert_eq(stat.start_ticks, 77);
	}
}

Test(proc, what_is_no_stat_is_refused)
{
	static const char *const texts[] = { "", "7", "7 (a", "7 a) S 1", ")(", "7 (a)", "7 (a) S 1 1 1 0 -1 0 0 0" };
	struct proc_stat stat;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_assert_eq(proc_stat_parse(texts[i], &stat), -EBADMSG, "'%s'", texts[i]);
}

Test(proc, the_dead_are_told_from_those_whose_leader_left)
{
	struct canned canned;
	uint32_t tgid = 0;

	village_open(&canned);
	cr_assert(proc_is_alive(canned.root, 100));
	cr_assert(proc_is_alive(canned.root, 500));
	cr_assert_not(proc_is_alive(canned.root, 202));
	cr_assert_not(proc_is_alive(canned.root, 999));
	cr_assert_eq(proc_tgid_read(canned.root, 999, &tgid), -ESRCH);
	cr_assert_eq(proc_tgid_read(canned.root, 400, &tgid), 0);
	cr_assert_eq(tgid, 400);
	cr_assert_eq(proc_self(canned.root), 300);
	canned_close(&canned);
}

Test(proc, descendants_at_any_depth)
{
	struct canned canned;
	struct idlist list = { 0 };

	village_open(&canned);
	idlist_add(&list, 100);
	cr_assert_eq(proc_add_descendants(canned.root, &list), 0);
	expect_ids(list.ids, list.count, (const uint32_t[]){ 100, 200, 201, 0 });
	idlist_fini(&list);
	idlist_add(&list, 1);
	cr_assert_eq(proc_add_descendants(canned.root, &list), 0);
	expect_ids(list.ids, list.count, (const uint32_t[]){ 1, 10, 100, 200, 201, 400, 500, 0 });
	idlist_fini(&list);
	canned_close(&canned);
}

Test(proc, what_vanishes_midway_was_not_there)
{
	struct canned canned;
	struct idlist list = { 0 };

	village_open(&canned);
	canned_unlink(&canned, "/proc/200/stat"); /* listed, but gone when it is opened: its child cannot be reached */
	idlist_add(&list, 100);
	cr_assert_eq(proc_add_descendants(canned.root, &list), 0);
	expect_ids(list.ids, list.count, (const uint32_t[]){ 100, 0 });
	idlist_fini(&list);
	canned_close(&canned);
}

Test(proc, ourselves_live)
{
	struct proc_stat stat;
	struct idlist list = { 0 };
	uint32_t tgid, self = (uint32_t)getpid();
	char bytes[4096];
	pid_t child;

	cr_assert_eq(proc_self(""), self);
	cr_assert_eq(proc_stat_read("", self, &stat), 0);
	cr_assert_eq(stat.ppid, (uint32_t)getppid());
	cr_assert_eq(stat.state, 'R');
	cr_assert_eq(proc_tgid_read("", (uint32_t)syscall(SYS_gettid), &tgid), 0);
	cr_assert_eq(tgid, self);
	cr_assert_gt(proc_cmdline_read("", self, bytes, sizeof(bytes)), 0);
	cr_assert_eq(proc_list_processes("", &list), 0);
	cr_assert(idlist_has(&list, 1) && idlist_has(&list, self));
	idlist_fini(&list);
	child = fork();
	if (!child)
		_exit(0);
	siginfo_t info;
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT); /* now it is a zombie, for certain */
	cr_assert_not(proc_is_alive("", (uint32_t)child));
	waitpid(child, NULL, 0);
	cr_assert_eq(proc_stat_read("", (uint32_t)child, &stat), -ESRCH);
}
