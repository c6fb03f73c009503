/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who is alive: rota_thread pointers by index and by tid, valid until thread_gone. For names only: a tid that is not here is
 * nobody's, and nothing is remembered of the dead.
 */
#ifndef ROTA_METRIC_DIRECTORY_H
#define ROTA_METRIC_DIRECTORY_H

#include "base/idtable.h"
#include "rota/transition.h"

struct directory_entry {
	const struct rota_thread *thread; /* NULL: the index is free */
	uint32_t tid;                     /* under which it is in the table: an exec can change thread->tid */
};

struct directory {
	struct directory_entry *entries;
	size_t capacity;
	struct idtable *tids;
};

void directory_init(struct directory *directory);
void directory_fini(struct directory *directory);
void directory_update(struct directory *directory, const struct rota_thread *thread);
void directory_remove(struct directory *directory, const struct rota_thread *thread);
/* NULL where nobody alive has that tid. */
const struct rota_thread *directory_find(const struct directory *directory, uint32_t tid);
/* The name of a thread's process: its leader's while that is alive, else its own. */
const char *directory_process_name(const struct directory *directory, const struct rota_thread *thread);

static inline void directory_see(struct directory *directory, const struct rota_thread *thread)
{
	if (thread->index >= directory->capacity || directory->entries[thread->index].thread != thread)
		directory_update(directory, thread);
}

#endif
