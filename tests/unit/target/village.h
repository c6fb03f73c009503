/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A canned /proc with inhabitants, and a way to hear what a refusal says. */
#ifndef TESTS_UNIT_TARGET_VILLAGE_H
#define TESTS_UNIT_TARGET_VILLAGE_H

#include "target/target.h"
#include "unit/canned.h"

#include <fcntl.h>

#define VILLAGE_PF_KTHREAD 0x00200000U

static inline void village_files(const struct canned *canned, const char *base, unsigned int tgid, unsigned int tid,
				 unsigned int ppid, const char *comm, char state, unsigned int flags)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/stat", base);
	canned_file(canned, path,
		    "%u (%s) %c %u 1 1 0 -1 %u 11 12 13 14 15 16 17 18 20 0 1 0 %u 1000 200 18446744073709551615\n",
		    tid, comm, state, ppid, flags, 5000 + tid);
	snprintf(path, sizeof(path), "%s/status", base);
	canned_file(canned, path, "Name:\t%s\nUmask:\t0022\nState:\t%c\nTgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\n",
		    comm, state, tgid, tid, ppid);
}

static inline void village_thread(const struct canned *canned, unsigned int tgid, unsigned int tid, unsigned int ppid,
				  const char *comm, char state, unsigned int flags)
{
	char base[64];

	snprintf(base, sizeof(base), "/proc/%u/task/%u", tgid, tid);
	village_files(canned, base, tgid, tid, ppid, comm, state, flags);
	snprintf(base, sizeof(base), "/proc/%u", tid);
	if (tid == tgid)
		village_files(canned, base, tgid, tid, ppid, comm, state, flags);
}

/* The kernel opens /proc/TID for any thread, but lists leaders only. A directory cannot do that: only where it is needed. */
static inline void village_show_thread(const struct canned *canned, unsigned int tgid, unsigned int tid,
				       unsigned int ppid, const char *comm, char state)
{
	char base[64];

	snprintf(base, sizeof(base), "/proc/%u", tid);
	village_files(canned, base, tgid, tid, ppid, comm, state, 0);
}

static inline void village_process(const struct canned *canned, unsigned int tgid, unsigned int ppid, const char *comm)
{
	village_thread(canned, tgid, tgid, ppid, comm, 'S', 0x400000);
}

/*
 * init(1) ── shell(10) ─┬─ server(100), threads 101 "worker/0", 102 "worker/1" ─┬─ child(200) ── grandchild(201)
 *                       │                                                       └─ dead(202), a zombie
 *                       └─ rota(300), thread 301
 * kthreadd(2) ── kworker(3); "odd) R 1 (name"(400) of init; half(500): its leader has ended, thread 501 lives
 */
static inline void village_open(struct canned *canned)
{
	canned_open(canned);
	village_process(canned, 1, 0, "init");
	village_process(canned, 10, 1, "shell");
	village_process(canned, 100, 10, "server");
	village_thread(canned, 100, 101, 10, "worker/0", 'R', 0);
	village_thread(canned, 100, 102, 10, "worker/1", 'S', 0);
	village_process(canned, 200, 100, "child");
	village_process(canned, 201, 200, "grandchild");
	village_thread(canned, 202, 202, 100, "dead", 'Z', 0);
	village_process(canned, 300, 10, "rota");
	village_thread(canned, 300, 301, 10, "rota-drain", 'S', 0);
	village_thread(canned, 2, 2, 0, "kthreadd", 'S', VILLAGE_PF_KTHREAD);
	village_thread(canned, 3, 3, 2, "kworker/0:1-events_power", 'I', VILLAGE_PF_KTHREAD);
	village_process(canned, 400, 1, "odd) R 1 (name");
	village_thread(canned, 500, 500, 1, "half", 'Z', 0);
	village_thread(canned, 500, 501, 1, "half-worker", 'S', 0);
	canned_link(canned, "/proc/self", "300");
	canned_file(canned, "/proc/meminfo", "MemTotal: 1 kB\n");
}

struct heard { /* stderr while it is open */
	int saved_fd, file_fd;
	char text[2048];
};

static inline void heard_open(struct heard *heard)
{
	char path[] = "/tmp/rota-test-XXXXXX";

	heard->file_fd = mkstemp(path);
	cr_assert_geq(heard->file_fd, 0);
	unlink(path);
	heard->saved_fd = dup(STDERR_FILENO);
	dup2(heard->file_fd, STDERR_FILENO);
}

static inline void heard_close(struct heard *heard)
{
	ssize_t n;

	dup2(heard->saved_fd, STDERR_FILENO);
	close(heard->saved_fd);
	n = pread(heard->file_fd, heard->text, sizeof(heard->text) - 1, 0);
	heard->text[n < 0 ? 0 : n] = 0;
	close(heard->file_fd);
}

/* The request must fail with `err` in one line that has all of the NULL-terminated words in it. */
static inline void expect_refusal(const char *root, enum target_kind kind, const char *text, int err,
				  const char *const *words)
{
	struct target_request request = { .kind = kind, .text = text, .children = true };
	struct target *target = NULL;
	struct heard heard;
	int got;

	heard_open(&heard);
	got = target_resolve(root, &request, &target);
	heard_close(&heard);
	cr_assert_eq(got, err, "'%s': %d instead of %d: %s", text, got, err, heard.text);
	cr_assert_null(target);
	cr_assert(strchr(heard.text, '\n') == heard.text + strlen(heard.text) - 1, "not one line: %s", heard.text);
	for (; *words; words++)
		cr_assert(strstr(heard.text, *words), "'%s' is not in: %s", *words, heard.text);
}
#define EXPECT_REFUSAL(root, kind, text, err, ...)                                                                     \
	expect_refusal(root, kind, text, err, (const char *const[]){ __VA_ARGS__, NULL })

static inline struct target *resolved(const char *root, enum target_kind kind, const char *text, bool children)
{
	struct target_request request = { .kind = kind, .text = text, .children = children };
	struct target *target = NULL;

	cr_assert_eq(target_resolve(root, &request, &target), 0, "'%s' was refused", text ? text : "");
	return target;
}

/* The ids as a set: `expected` is ascending and ends with 0. */
static inline int compare_ids(const void *a, const void *b)
{
	return (*(const uint32_t *)a > *(const uint32_t *)b) - (*(const uint32_t *)a < *(const uint32_t *)b);
}

static inline void expect_ids(const uint32_t *ids, size_t count, const uint32_t *expected)
{
	uint32_t sorted[64];

	cr_assert_lt(count, 64);
	if (count)
		memcpy(sorted, ids, count * sizeof(*ids));
	qsort(sorted, count, sizeof(*sorted), compare_ids);
	for (size_t i = 0; i < count; i++)
		cr_assert_eq(sorted[i], expected[i], "member %zu is %u, not %u", i, sorted[i], expected[i]);
	cr_assert_eq(expected[count], 0, "%u is missing", expected[count]);
}
#define EXPECT_PROCESSES(target, ...)                                                                                  \
	expect_ids((target)->processes, (target)->process_count, (const uint32_t[]){ __VA_ARGS__ })
#define EXPECT_THREADS(target, ...)                                                                                    \
	expect_ids((target)->threads, (target)->thread_count, (const uint32_t[]){ __VA_ARGS__ })

#endif
