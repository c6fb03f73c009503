/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a Go process. Goes out: where its runtime keeps allgs, allm, allp and sched. By symbol where there are symbols; else
 * by what only they can look like: Ms whose procid are threads of the process, Ps that know their own number, a list of
 * goroutines that begins with number 1, a scheduler that has counted the Ms. Whatever was found is checked the same way.
 */
#include "runtime/go_process.h"
#include "base/alloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_MAX        (64U << 20) /* bytes of writable data that are looked through */
#define MAX_M_COUNT     10000U      /* sched.maxmcount at first (runtime/proc.go, schedinit()) */
#define MODULE_MIN_PC   160U        /* struct moduledata (runtime/symtab.go), Go 1.18 to 1.27 */
#define MODULE_TEXT     176U
#define PLAUSIBLE_BEGIN 0x1000U
#define PLAUSIBLE_END   (1ULL << 57)

int go_slice(const struct memory *memory, uint64_t address, uint64_t most, uint64_t *ret_first, uint64_t *ret_length)
{
	uint64_t slice[3];
	int err = memory_read(memory, address, slice, sizeof(slice));

	if (err)
		return err;
	if (!slice[0] || !slice[1] || slice[1] > most || slice[2] < slice[1])
		return -EBADMSG;
	*ret_first = slice[0];
	*ret_length = slice[1];
	return 0;
}

int go_ms(const struct go_process *process, uint64_t *ret_ms, uint32_t most)
{
	uint64_t at;
	uint32_t count = 0;
	int err = memory_u64(&process->memory, process->places.allm, &at);

	while (!err && at && count < most) {
		if (at < PLAUSIBLE_BEGIN || at >= PLAUSIBLE_END || at % 8)
			return -EBADMSG;
		ret_ms[count++] = at;
		err = memory_u64(&process->memory, at + process->layout.m_alllink, &at);
	}
	return err ? err : (int)count;
}

/* --- what each of them must look like ------------------------------------------------------------------------------- */

static bool has_tid(const uint32_t *tids, int count, uint64_t tid)
{
	for (int i = 0; i < count; i++)
		if (tids[i] == tid)
			return true;
	return false;
}

/*
 * A list of Ms, numbered downwards to 0, of which those that have a thread have one of this process (an M that is about to start
 * has none yet, and one that has just ended may still be listed).
 */
static bool is_allm(const struct go_process *process, uint64_t first, const uint32_t *tids, int tid_count)
{
	uint64_t at = first, last_id = UINT64_MAX, id, procid, known = 0, count = 0;
	const struct memory *memory = &process->memory;

	for (; at; count++) {
		if (count == GO_MS_MAX || at < PLAUSIBLE_BEGIN || at >= PLAUSIBLE_END || at % 8 ||
		    memory_u64(memory, at + process->layout.m_id, &id) ||
		    memory_u64(memory, at + process->layout.m_procid, &procid) || id >= last_id || id > INT32_MAX)
			return false;
		last_id = id;
		if (procid && has_tid(tids, tid_count, procid))
			known++;
		if (memory_u64(memory, at + process->layout.m_alllink, &at))
			return false;
	}
	return count && !last_id && known * 2 > count;
}

/*
 * A P: its number, a status, a cache of memory of its own, and an M that has it, or none (Ps in system calls and idle ones have
 * none). A program's own structs may begin with a number and zeros: of those, none has all of it.
 */
static bool is_p(const struct go_process *process, uint64_t p, uint64_t number)
{
	const struct go_layout *layout = &process->layout;
	const struct memory *memory = &process->memory;
	uint32_t words[2], head, tail;
	uint64_t m, back, procid, cache;

	if (p < PLAUSIBLE_BEGIN || p >= PLAUSIBLE_END || p % 8 ||
	    memory_read(memory, p + layout->p_id, words, sizeof(words)) || words[0] != number ||
	    words[1] > ROTA_GO_P_DEAD || memory_u64(memory, p + layout->p_m, &m) ||
	    memory_u32(memory, p + layout->p_runqhead, &head) || memory_u32(memory, p + layout->p_runqtail, &tail))
		return false;
	if (memory_u64(memory, p + layout->p_mcache, &cache) || cache < PLAUSIBLE_BEGIN || cache % 8 ||
	    memory_u64(memory, cache, &back))
		return false;
	if (tail - head > 256) /* its queue's size; read while it changes, it may be off by little only */
		return false;
	if (!m)
		return words[1] != ROTA_GO_P_RUNNING || layout->sched_ngsyscall_no_p != GO_NO_OFFSET;
	/* the M may give it away between two readings; but it is an M */
	return m % 8 == 0 && !memory_u64(memory, m + layout->m_procid, &procid) && procid && procid < UINT32_MAX &&
	       !memory_u64(memory, m + layout->m_g0, &back) && back >= PLAUSIBLE_BEGIN && back % 8 == 0;
}

static bool is_allp(const struct go_process *process, uint64_t address)
{
	uint64_t first, count, p, last = 0;

	if (go_slice(&process->memory, address, GO_PS_MAX, &first, &count))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		if (memory_u64(&process->memory, first + i * 8, &p) || !is_p(process, p, i) ||
		    (last && p > last && p - last < process->layout.p_size && process->layout.p_size != GO_NO_OFFSET))
			return false;
		last = p;
	}
	return true;
}

/* The first goroutine has number 1: it runs main. */
static bool is_allgs(const struct go_process *process, uint64_t address)
{
	uint64_t first, count, g, goid, stack[2];

	if (go_slice(&process->memory, address, GO_GS_MAX, &first, &count) || memory_u64(&process->memory, first, &g) ||
	    g < PLAUSIBLE_BEGIN || g % 8 || memory_u64(&process->memory, g + process->layout.g_goid, &goid) ||
	    goid != 1 || memory_read(&process->memory, g, stack, sizeof(stack)))
		return false;
	return stack[0] < stack[1] && stack[1] - stack[0] < (1ULL << 31);
}

static bool is_sched(const struct go_process *process, uint64_t address, uint64_t newest_m_id)
{
	uint64_t next;
	uint32_t most;

	return !memory_u64(&process->memory, address + process->layout.sched_mnext, &next) &&
	       !memory_u32(&process->memory, address + process->layout.sched_maxmcount, &most) && most >= 1 &&
	       next >= newest_m_id + 1 && next <= newest_m_id + 64 && next <= GO_MS_MAX * 1000ULL;
}

/* --- without symbols ------------------------------------------------------------------------------------------------- */

struct scan { /* writable data of the process, as it was a moment ago */
	uint64_t address;
	size_t size;
	uint8_t *bytes;
};

static uint64_t word_at(const struct scan *scan, size_t at)
{
	uint64_t word;

	memcpy(&word, scan->bytes + at, sizeof(word));
	return word;
}

static bool scan_read(const struct go_process *process, const struct go_segment *segment, struct scan *ret_scan)
{
	*ret_scan = (struct scan){ .address = segment->address + process->bias, .size = segment->memory_size & ~7ULL };
	if (!segment->write || !ret_scan->size || ret_scan->size > SCAN_MAX)
		return false;
	ret_scan->bytes = xcalloc(1, ret_scan->size);
	if (!memory_read(&process->memory, ret_scan->address, ret_scan->bytes, ret_scan->size))
		return true;
	free(ret_scan->bytes);
	return false;
}

/* Cheap tests first: a word must look like what is sought before the process is asked about what it leads to. */
static void scan_for(struct go_process *process, const struct scan *scan, const uint32_t *tids, int tid_count)
{
	struct go_places *places = &process->places;

	for (size_t at = 0; at + 24 <= scan->size; at += 8) {
		uint64_t word = word_at(scan, at), length = word_at(scan, at + 8), capacity = word_at(scan, at + 16);
		uint64_t address = scan->address + at;

		if (word < PLAUSIBLE_BEGIN || word >= PLAUSIBLE_END || word % 8)
			continue;
		if (length && length <= capacity && length <= GO_GS_MAX) {
			if (!places->allp && length <= GO_PS_MAX && is_allp(process, address))
				places->allp = address;
			else if (!places->allgs && is_allgs(process, address))
				places->allgs = address;
		}
		if (!places->allm && is_allm(process, word, tids, tid_count))
			places->allm = address;
	}
}

static uint64_t newest_m(const struct go_process *process)
{
	uint64_t m, id;

	if (!process->places.allm || memory_u64(&process->memory, process->places.allm, &m) || !m ||
	    memory_u64(&process->memory, m + process->layout.m_id, &id))
		return UINT64_MAX - 64;
	return id;
}

/* By the limit of Ms, which nobody changes, and the number of the next one. */
static void scan_for_sched(struct go_process *process, const struct scan *scan)
{
	const struct go_layout *layout = &process->layout;
	uint64_t newest = newest_m(process);

	for (size_t at = 0; at + layout->sched_maxmcount + 8 <= scan->size && !process->places.sched; at += 8) {
		uint32_t most;

		memcpy(&most, scan->bytes + at + layout->sched_maxmcount, sizeof(most));
		if (most == MAX_M_COUNT && word_at(scan, at + layout->sched_mnext) == newest + 1 &&
		    is_sched(process, scan->address + at, newest))
			process->places.sched = scan->address + at;
	}
}

static void locate_by_structure(struct go_process *process, const uint32_t *tids, int tid_count)
{
	const struct go_segment *segments;
	struct scan scan;
	size_t count;

	segments = go_image_segments(process->image, &count);
	for (size_t i = 0; i < count; i++) {
		if (!scan_read(process, &segments[i], &scan))
			continue;
		scan_for(process, &scan, tids, tid_count);
		free(scan.bytes);
	}
	for (size_t i = 0; i < count && process->places.allm; i++) {
		if (!scan_read(process, &segments[i], &scan))
			continue;
		scan_for_sched(process, &scan);
		free(scan.bytes);
	}
}

/* The runtime's description of the program begins with a pointer to the pclntab. */
static void locate_text(struct go_process *process)
{
	uint64_t table = go_image_pclntab(process->image) + process->bias, min_pc, text;
	const struct go_segment *segments;
	struct scan scan;
	size_t count;

	process->text = go_image_text(process->image);
	segments = go_image_segments(process->image, &count);
	for (size_t i = 0; i < count && !process->text && go_image_pclntab(process->image); i++) {
		if (!scan_read(process, &segments[i], &scan))
			continue;
		for (size_t at = 0; at + MODULE_TEXT + 8 <= scan.size && !process->text; at += 8) {
			if (word_at(&scan, at) != table)
				continue;
			min_pc = word_at(&scan, at + MODULE_MIN_PC);
			text = word_at(&scan, at + MODULE_TEXT);
			if (text && text <= min_pc && min_pc - text < (1ULL << 32))
				process->text = text - process->bias;
		}
		free(scan.bytes);
	}
}

/* --- both ------------------------------------------------------------------------------------------------------------ */

static uint64_t place_of(const struct go_process *process, const char *name)
{
	uint64_t address = go_image_symbol(process->image, name);

	return address ? address + process->bias : 0;
}

static int refuse(char why[GO_WHY_SIZE], const char *what)
{
	snprintf(why, GO_WHY_SIZE, "%s were not found in its memory", what);
	return -ENODATA;
}

static int check_places(const struct go_process *process, const uint32_t *tids, int tid_count, char why[GO_WHY_SIZE])
{
	const struct go_places *places = &process->places;
	uint64_t m = 0;

	if (!places->allm || memory_u64(&process->memory, places->allm, &m) || !is_allm(process, m, tids, tid_count))
		return refuse(why, "its threads (runtime.allm)");
	if (!places->allp || !is_allp(process, places->allp))
		return refuse(why, "its Ps (runtime.allp)");
	if (!places->allgs || !is_allgs(process, places->allgs))
		return refuse(why, "its goroutines (runtime.allgs)");
	if (!places->sched || !is_sched(process, places->sched, newest_m(process)))
		return refuse(why, "its scheduler's figures (runtime.sched)");
	return 0;
}

/* Before schedinit() has run, there are no Ps; before the first goroutine, no allgs. */
static bool has_begun(const struct go_process *process)
{
	uint64_t first, count;

	return !go_slice(&process->memory, process->places.allp, GO_PS_MAX, &first, &count) &&
	       !go_slice(&process->memory, process->places.allgs, GO_GS_MAX, &first, &count);
}

int go_locate(struct go_process *process, char why[GO_WHY_SIZE])
{
	bool symbols = !go_image_stripped(process->image) && go_image_symbol(process->image, "runtime.allm");
	uint32_t *tids = NULL;
	int count, err;

	process->places = (struct go_places){ 0 };
	if (symbols) {
		process->places = (struct go_places){
			.allgs = place_of(process, "runtime.allgs"),
			.allm = place_of(process, "runtime.allm"),
			.allp = place_of(process, "runtime.allp"),
			.sched = place_of(process, "runtime.sched"),
			.gcphase = place_of(process, "runtime.gcphase"),
			.wait_reasons = place_of(process, "runtime.waitReasonStrings"),
		};
		if (!has_begun(process))
			return -EAGAIN;
	}
	count = go_threads(process, &tids);
	if (count < 0)
		return count;
	locate_text(process);
	if (!symbols)
		locate_by_structure(process, tids, count);
	err = check_places(process, tids, count, why);
	/* an M or a thread may have come in between; and a program that has one thread only is starting */
	if (err == -ENODATA && (symbols || count == 1))
		err = -EAGAIN;
	free(tids);
	return err;
}
