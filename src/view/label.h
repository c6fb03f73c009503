/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How people call threads, causes and distances: the same words in every view. */
#ifndef ROTA_VIEW_LABEL_H
#define ROTA_VIEW_LABEL_H

#include "rota/summary.h"

#include <stddef.h>

#define LABEL_SIZE 40 /* for label_thread() and label_name() */

/* A name from outside, NUL-terminated even if it was not; "?" for an empty one. Still hostile bytes. */
const char *label_name(char *out, const char *name);
const char *label_thread(char *out, const char *name,
			 uint32_t tid);                      /* "envoy[812]"; "[812]" where the name is not known */
const char *label_cause(uint8_t cause);                      /* "wakeup"… */
const char *label_cause_of(uint8_t state, uint8_t cause);    /* the same, or "throttled" */
const char *label_distance(enum rota_distance distance);     /* "to another core of the same L3"… */
const char *label_distance_key(enum rota_distance distance); /* "same_llc"… */

const char *label_blocked_class(uint8_t blocked_class); /* "lock", "page fault"… */
/* The same as a JSON key: "page_fault"; "" where it was not told. */
const char *label_blocked_key(uint8_t blocked_class);
/* In what: "futex", "read (32-bit)", "exception". `out`: LABEL_SIZE */
const char *label_blocked_call(char *out, const struct rota_blocked *blocked);
/* The same with the kind of file: "read socket inet". `out`: 2 × LABEL_SIZE */
const char *label_blocked(char *out, const struct rota_blocked *blocked);
/* A lock's name, or its address. `out`: 2 × LABEL_SIZE */
const char *label_lock(char *out, const struct rota_lock *lock);

/* "checkout[4711]" for a tgid: by its runtime's name, else the process's; "[4711]" where neither is known. `out`: LABEL_SIZE */
const char *label_process(char *out, const struct rota_summary *summary, uint32_t tgid);
/* "Go 1.24.4" for "go1.24.4", "Go devel …". `out`: LABEL_SIZE */
const char *label_go_version(char *out, const struct rota_runtime *runtime);
/* Who chose GOMAXPROCS, as JSON has it: "runtime"…; "" where it is not known. */
const char *label_setter(uint8_t setter);
/* Where the runtime's structures were found: "dwarf"…; "" where they were not. */
const char *label_tier(uint8_t tier);
/* What a goroutine does: "running"…; "other" for a status that is none. */
const char *label_go_status(uint8_t status);
/* The class that has most of the blocked time; ROTA_BLOCKED_CLASSES where there is none. */
unsigned int label_most_class(const uint64_t class_ns[ROTA_BLOCKED_CLASSES]);

/* A set of kernel cpu numbers, ascending, in the kernel's list format: "0-3,8". Cut with an ellipsis if it does not fit. */
const char *label_cpus(char *out, size_t size, const uint32_t *cpus, uint32_t count);

#endif
