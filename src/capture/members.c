/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: records. Goes out: a list without holes. Never looks at the processes themselves. */
#include "capture/members.h"

void members_init(struct members *members)
{
	*members = (struct members){ .places = idtable_new() };
}

void members_fini(struct members *members)
{
	idtable_free(members->places);
	free(members->list);
	*members = (struct members){ 0 };
}

static struct member *find(const struct members *members, uint32_t tid)
{
	uintptr_t place = tid < ROTA_TID_MAX ? (uintptr_t)idtable_get(members->places, tid) : 0;

	return place && members->list ? &members->list[place - 1] : NULL;
}

static void count_unread(struct members *members, const struct member *member, uint32_t by)
{
	members->affinity_new += member->affinity_read ? 0 : by;
	members->cgroup_new += member->cgroup_read ? 0 : by;
}

static void take_out(struct members *members, uint32_t tid)
{
	struct member *member = find(members, tid), *last;

	if (!member || !members->count)
		return;
	count_unread(members, member, UINT32_MAX); /* minus one */
	last = &members->list[--members->count];
	idtable_set(members->places, tid, NULL);
	if (member == last)
		return;
	*member = *last;
	idtable_set(members->places, member->tid, (void *)(uintptr_t)(member - members->list + 1));
}

static void put_in(struct members *members, const struct member *member)
{
	take_out(members, member->tid);
	if (!member->tid || member->tid >= ROTA_TID_MAX)
		return;
	if (members->count == MEMBERS_MAX) {
		members->cut = true;
		return;
	}
	members->list = xgrow(members->list, &members->capacity, members->count + 1U, sizeof(*members->list));
	members->list[members->count++] = *member;
	idtable_set(members->places, member->tid, (void *)(uintptr_t)members->count);
	count_unread(members, member, 1);
}

static void feed_task(struct members *members, const struct rota_rec_task *task)
{
	const struct member *known = find(members, task->head.tid);

	if (!(task->head.flags & ROTA_F_TARGET))
		take_out(members, task->head.tid); /* the tid is a stranger's now */
	else if (!known || known->tgid != task->tgid || task->head.flags & ROTA_TASK_NEW)
		put_in(members, &(struct member){ .tid = task->head.tid, .tgid = task->tgid });
}

void members_feed(struct members *members, const union rota_any_record *record)
{
	const struct rota_record *head = &record->head;

	switch (head->type) {
	case ROTA_REC_TASK:
		feed_task(members, &record->task);
		break;
	case ROTA_REC_EXEC: /* the thread goes on under its leader's tid; the leader is gone */
		if (record->exec.old_tid == head->tid)
			break;
		take_out(members, record->exec.old_tid);
		if (head->flags & ROTA_F_TARGET)
			put_in(members, &(struct member){ .tid = head->tid, .tgid = head->tid });
		break;
	case ROTA_REC_LEAVE:
		take_out(members, head->tid);
		break;
	case ROTA_REC_SWITCH:
		if (members_told(record))
			take_out(members, head->tid);
		break;
	default:
		break;
	}
}
