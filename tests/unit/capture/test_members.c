/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is in T, as records tell it: births, moves, execs under another tid, ends, tids used anew. */
#include "capture/members.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void task(struct members *members, uint32_t tid, uint32_t tgid, uint8_t flags)
{
	members_feed(members,
		     &(union rota_any_record){
			     .task = {.head = { .type = ROTA_REC_TASK, .flags = flags, .tid = tid }, .tgid = tgid}
        });
}

static void head(struct members *members, uint8_t type, uint8_t flags, uint32_t tid)
{
	members_feed(members, &(union rota_any_record){
				      .head = {.type = type, .flags = flags, .tid = tid}
        });
}

static int by_tid(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

/* "tid/tgid …" by tid; what is counted as unread must be all of them, as nobody reads here. */
static void expect(const struct members *members, const char *expected)
{
	struct member copy[16];
	char text[256] = "";

	cr_assert_leq(members->count, 16);
	if (members->count) {
		memcpy(copy, members->list, members->count * sizeof(*copy));
		qsort(copy, members->count, sizeof(*copy), by_tid);
	}
	for (uint32_t i = 0; i < members->count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u/%u", i ? " " : "", copy[i].tid,
			 copy[i].tgid);
	cr_assert_str_eq(text, expected);
	cr_assert_eq(members->affinity_new, members->count);
	cr_assert_eq(members->cgroup_new, members->count);
}

Test(members, come_and_go)
{
	struct members members;

	members_init(&members);
	task(&members, 10, 10, ROTA_F_TARGET | ROTA_TASK_SYNC);
	task(&members, 11, 10, ROTA_F_TARGET | ROTA_TASK_NEW);
	task(&members, 12, 10, ROTA_F_TARGET | ROTA_TASK_JOIN);
	task(&members, 50, 50, 0); /* a stranger */
	expect(&members, "10/10 11/10 12/10");
	task(&members, 10, 10, ROTA_F_TARGET | ROTA_TASK_SYNC); /* told again */
	expect(&members, "10/10 11/10 12/10");
	head(&members, ROTA_REC_SWITCH, ROTA_F_TARGET | ROTA_OUT_BLOCKED << ROTA_SWITCH_OUT_SHIFT, 10);
	head(&members, ROTA_REC_SWITCH, ROTA_F_TARGET | ROTA_OUT_DEAD << ROTA_SWITCH_OUT_SHIFT, 10);
	expect(&members, "11/10 12/10");
	head(&members, ROTA_REC_LEAVE, 0, 11);
	expect(&members, "12/10");
	task(&members, 12, 12, 0); /* the tid is somebody else's now */
	expect(&members, "");
	members_fini(&members);
}

Test(members, a_tid_used_anew_is_unread)
{
	struct members members;

	members_init(&members);
	task(&members, 10, 10, ROTA_F_TARGET | ROTA_TASK_NEW);
	members.list[0].affinity_read = members.list[0].cgroup_read = true;
	members.affinity_new = members.cgroup_new = 0;
	task(&members, 10, 10, ROTA_F_TARGET | ROTA_TASK_SYNC);
	cr_assert(members.list[0].affinity_read);
	task(&members, 10, 10, ROTA_F_TARGET | ROTA_TASK_NEW);
	cr_assert_not(members.list[0].affinity_read);
	expect(&members, "10/10");
	members_fini(&members);
}

Test(members, exec_by_a_thread_that_is_no_leader)
{
	struct members members;
	union rota_any_record exec = {
		.exec = {.head = { .type = ROTA_REC_EXEC, .flags = ROTA_F_TARGET, .tid = 10 }, .old_tid = 12}
	};

	members_init(&members);
	task(&members, 10, 10, ROTA_F_TARGET | ROTA_TASK_NEW);
	task(&members, 12, 10, ROTA_F_TARGET | ROTA_TASK_NEW);
	members_feed(&members, &exec);
	expect(&members, "10/10");
	members_fini(&members);
}

Test(members, there_is_an_end_to_the_list)
{
	struct members members;

	members_init(&members);
	for (uint32_t tid = 1; tid <= MEMBERS_MAX; tid++)
		task(&members, tid, tid, ROTA_F_TARGET | ROTA_TASK_NEW);
	cr_assert_not(members.cut);
	task(&members, MEMBERS_MAX + 1, 1, ROTA_F_TARGET | ROTA_TASK_NEW);
	cr_assert(members.cut);
	cr_assert_eq(members.count, MEMBERS_MAX);
	for (uint32_t tid = 1; tid <= MEMBERS_MAX; tid++)
		head(&members, ROTA_REC_LEAVE, 0, tid);
	expect(&members, "");
	members_fini(&members);
}
