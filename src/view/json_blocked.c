/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: blocked time and locks. Goes out: the arrays `blocked` and `locks`. A class that was not told is null. */
#include "view/json_tables.h"
#include "view/json_value.h"
#include "view/label.h"

#include <inttypes.h>
#include <stdio.h>

static struct json_object *name_or_null(const char *name, size_t size)
{
	return name[0] ? json_text(name, size) : NULL;
}

struct json_object *json_blocked(const struct rota_blocked *blocked, uint32_t count)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < count; i++) {
		const struct rota_blocked *row = &blocked[i];
		struct json_object *object = json_object_new_object();
		bool told = row->blocked_class != ROTA_BLOCKED_UNKNOWN && !row->merged;

		json_put(object, "class", name_or_null(label_blocked_key(row->blocked_class), SIZE_MAX));
		json_put(object, "syscall", name_or_null(row->syscall, sizeof(row->syscall)));
		json_put(object, "fd_kind", name_or_null(row->fd_kind, sizeof(row->fd_kind)));
		json_put(object, "compat", told ? json_object_new_boolean(row->compat) : NULL);
		json_put(object, "uninterruptible", row->merged ? NULL : json_object_new_boolean(row->uninterruptible));
		json_put(object, "iowait", row->merged ? NULL : json_object_new_boolean(row->iowait));
		json_put(object, "merged", json_object_new_boolean(row->merged));
		json_put(object, "seconds", json_seconds(row->ns));
		json_put(object, "count", json_count(row->count));
		json_push(array, json_compact(object));
	}
	return array;
}

struct json_object *json_blocked_classes(const uint64_t class_ns[ROTA_BLOCKED_CLASSES])
{
	struct json_object *object = json_object_new_object();

	for (uint8_t i = ROTA_BLOCKED_UNKNOWN + 1; i < ROTA_BLOCKED_CLASSES; i++)
		json_put(object, label_blocked_key(i), json_seconds(class_ns[i]));
	json_put(object, "unknown", json_seconds(class_ns[ROTA_BLOCKED_UNKNOWN]));
	return json_compact(object);
}

static struct json_object *wakers(const struct rota_lock *lock)
{
	struct json_object *array = json_object_new_array();

	for (uint32_t i = 0; i < lock->waker_count; i++) {
		struct json_object *object = json_object_new_object();

		json_put(object, "tid", json_count(lock->wakers[i].tid));
		json_put(object, "thread", json_text(lock->wakers[i].name, sizeof(lock->wakers[i].name)));
		json_put(object, "count", json_count(lock->wakers[i].count));
		json_push(array, object);
	}
	return array;
}

struct json_object *json_locks(const struct rota_summary *summary)
{
	struct json_object *array;
	uint64_t all_ns = 0;

	for (unsigned int i = 0; i < ROTA_BLOCKED_CLASSES; i++)
		all_ns += summary->class_ns[i];
	if (all_ns && all_ns == summary->class_ns[ROTA_BLOCKED_UNKNOWN])
		return NULL; /* a note says so */
	array = json_object_new_array();
	for (uint32_t i = 0; i < summary->lock_count; i++) {
		const struct rota_lock *lock = &summary->locks[i];
		struct json_object *object = json_object_new_object();
		char address[24];

		snprintf(address, sizeof(address), "0x%" PRIx64, lock->address);
		json_put(object, "address", json_text(address, sizeof(address)));
		json_put(object, "name", name_or_null(lock->name, sizeof(lock->name)));
		json_put(object, "tgid", lock->tgid ? json_count(lock->tgid) : NULL);
		json_put(object, "seconds", json_seconds(lock->ns));
		json_put(object, "count", json_count(lock->count));
		json_put(object, "max_us", json_microseconds(lock->max_ns));
		json_put(object, "handed_on", json_count(lock->handed_on));
		json_put(object, "waiters", json_count(lock->waiter_count));
		json_put(object, "wakers", wakers(lock));
		json_push(array, json_compact(object));
	}
	return array;
}
