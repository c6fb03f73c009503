/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: threads as they are first named, renamed and gone. Goes out: look-ups. Owns no thread. */
#include "metric/directory.h"

void directory_init(struct directory *directory)
{
	*directory = (struct directory){ .tids = idtable_new() };
}

void directory_fini(struct directory *directory)
{
	idtable_free(directory->tids);
	free(directory->entries);
	*directory = (struct directory){ 0 };
}

static void forget_tid(struct directory *directory, struct directory_entry *entry)
{
	if (entry->tid && idtable_get(directory->tids, entry->tid) == entry->thread)
		idtable_set(directory->tids, entry->tid, NULL);
	entry->tid = 0;
}

void directory_update(struct directory *directory, const struct rota_thread *thread)
{
	struct directory_entry *entry;

	directory->entries = xgrow(directory->entries, &directory->capacity, thread->index + 1U, sizeof(*entry));
	entry = &directory->entries[thread->index];
	if (entry->tid != thread->tid)
		forget_tid(directory, entry);
	entry->thread = thread;
	if (!thread->tid || thread->tid >= ROTA_TID_MAX)
		return;
	entry->tid = thread->tid;
	idtable_set(directory->tids, thread->tid, (void *)(uintptr_t)thread);
}

void directory_remove(struct directory *directory, const struct rota_thread *thread)
{
	if (thread->index >= directory->capacity || directory->entries[thread->index].thread != thread)
		return;
	forget_tid(directory, &directory->entries[thread->index]);
	directory->entries[thread->index].thread = NULL;
}

const struct rota_thread *directory_find(const struct directory *directory, uint32_t tid)
{
	return tid && tid < ROTA_TID_MAX ? idtable_get(directory->tids, tid) : NULL;
}

const char *directory_process_name(const struct directory *directory, const struct rota_thread *thread)
{
	const struct rota_thread *leader = directory_find(directory, thread->tgid);

	return leader && leader->tgid == thread->tgid && leader->comm[0] ? leader->comm : thread->comm;
}
