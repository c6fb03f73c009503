/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: what timeline delivers. Goes out: weights by (thread name, process, stack, reason), made into lines once, at the
 * end, when all symbols have been told. Memory: one entry a distinct stack, one a thread alive.
 */
#include "metric/folded.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "base/syscall.h"
#include "metric/stacks.h"
#include "metric/texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_US   1000U
#define FRAME_SIZE  512
#define FIRST_SLOTS 1024U
#define MULTIPLIER  0x9e3779b97f4a7c15ULL

struct key { /* no padding: compared and hashed as bytes */
	char comm[ROTA_COMM_SIZE];
	uint32_t tgid, stack, reason, zero;
};

struct entry {
	struct key key;
	uint64_t weight; /* samples, or ns */
};

struct stay { /* of one thread, by rota_thread.index */
	uint64_t since_ns, since_level_ns;
	uint32_t stack;  /* of its last switch-out; 0: not told */
	uint32_t next;   /* of the switch-out that its next transition is */
	uint32_t reason; /* why it is blocked */
	uint8_t state;
	bool counted; /* its state is the one asked for */
};

struct folded {
	struct folded_config config;
	struct stacks stacks;
	struct texts texts;
	struct stay *stays;
	size_t stay_capacity;
	struct entry *entries; /* open addressing; weight 0 is free */
	size_t slots, used;
	const struct rota_thread **threads; /* by index, while alive */
	size_t thread_capacity;
	uint32_t running;  /* P */
	uint64_t level_ns; /* time at the level asked for, up to level_since_ns */
	uint64_t level_since_ns;
	uint64_t samples, total_ns, stackless_ns, now_ns;
	bool open, started, stacks_recorded;
};

struct folded *folded_new(const struct folded_config *config)
{
	struct folded *folded = xcalloc(1, sizeof(*folded));

	folded->config = *config;
	folded->slots = FIRST_SLOTS;
	folded->entries = xcalloc(folded->slots, sizeof(*folded->entries));
	return folded;
}

void folded_free(struct folded *folded)
{
	if (!folded)
		return;
	stacks_fini(&folded->stacks);
	texts_fini(&folded->texts);
	free(folded->stays);
	free(folded->threads);
	free(folded->entries);
	free(folded);
}

/* --- weights ------------------------------------------------------------------------------------------------------- */

static size_t key_hash(const struct key *key)
{
	uint64_t words[sizeof(*key) / sizeof(uint64_t)], hash = 0;

	memcpy(words, key, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		hash = ((hash ^ words[i]) * MULTIPLIER) ^ (hash >> 29);
	return (size_t)(hash ^ (hash >> 32));
}

static struct entry *find(struct entry *entries, size_t slots, const struct key *key)
{
	size_t at = key_hash(key) & (slots - 1);

	while (entries[at].weight && memcmp(&entries[at].key, key, sizeof(*key)))
		at = (at + 1) & (slots - 1);
	return &entries[at];
}

static void grow(struct folded *folded)
{
	size_t slots = 2 * folded->slots;
	struct entry *entries = xcalloc(slots, sizeof(*entries));

	for (size_t i = 0; i < folded->slots; i++) {
		if (folded->entries[i].weight)
			*find(entries, slots, &folded->entries[i].key) = folded->entries[i];
	}
	free(folded->entries);
	folded->entries = entries;
	folded->slots = slots;
}

static void add(struct folded *folded, const struct rota_thread *thread, uint32_t stack, uint32_t reason,
		uint64_t weight)
{
	struct key key = { .tgid = thread->tgid, .stack = stack, .reason = reason };
	struct entry *entry;

	if (!weight)
		return;
	memcpy(key.comm, thread->comm, strnlen(thread->comm, ROTA_COMM_SIZE));
	entry = find(folded->entries, folded->slots, &key);
	if (!entry->weight) {
		if (4 * ++folded->used > 3 * folded->slots) {
			grow(folded);
			entry = find(folded->entries, folded->slots, &key);
		}
		entry->key = key;
	}
	entry->weight += weight;
}

/* --- time ---------------------------------------------------------------------------------------------------------- */

static bool at_level(const struct folded *folded)
{
	return !folded->config.has_level || folded->running == folded->config.level;
}

/* Time at the level asked for, up to ts_ns. */
static uint64_t level_ns(struct folded *folded, uint64_t ts_ns)
{
	if (at_level(folded))
		folded->level_ns += ts_ns - folded->level_since_ns;
	folded->level_since_ns = ts_ns;
	return folded->level_ns;
}

static bool is_asked_for(const struct folded *folded, uint8_t state)
{
	switch (folded->config.state) {
	case FOLDED_BLOCKED:
		return state == ROTA_BLOCKED;
	case FOLDED_RUNNABLE:
		return state == ROTA_RUNNABLE || state == ROTA_THROTTLED;
	default:
		return false;
	}
}

static void stay_begin(struct folded *folded, struct stay *stay, uint64_t ts_ns)
{
	stay->counted = is_asked_for(folded, stay->state);
	stay->since_ns = ts_ns;
	if (stay->counted)
		stay->since_level_ns = level_ns(folded, ts_ns);
}

static void stay_end(struct folded *folded, struct stay *stay, const struct rota_thread *thread, uint64_t ts_ns)
{
	uint64_t ns;

	if (!stay->counted || !folded->open)
		return;
	ns = level_ns(folded, ts_ns) - stay->since_level_ns;
	folded->total_ns += ns;
	if (!stay->stack)
		folded->stackless_ns += ns;
	add(folded, thread, stay->stack, stay->reason, ns);
}

static void window_open(struct folded *folded, uint64_t ts_ns)
{
	folded->open = true;
	level_ns(folded, ts_ns);
	for (size_t i = 0; i < folded->thread_capacity; i++) {
		if (folded->threads[i])
			stay_begin(folded, &folded->stays[i], ts_ns);
	}
}

static void window_close(struct folded *folded, uint64_t ts_ns)
{
	for (size_t i = 0; i < folded->thread_capacity; i++) {
		if (folded->threads[i])
			stay_end(folded, &folded->stays[i], folded->threads[i], ts_ns);
	}
	folded->open = false;
	folded->started = false;
}

/* Time has come to ts_ns: the clip's edges may have been passed. */
static void tick(struct folded *folded, uint64_t ts_ns)
{
	const struct folded_config *config = &folded->config;

	if (ts_ns > folded->now_ns)
		folded->now_ns = ts_ns;
	if (!folded->started)
		return;
	if (!folded->open && ts_ns > config->from_ns)
		window_open(folded, config->from_ns);
	if (folded->open && config->to_ns && ts_ns > config->to_ns)
		window_close(folded, config->to_ns);
}

static struct stay *stay_of(struct folded *folded, const struct rota_thread *thread)
{
	folded->stays = xgrow(folded->stays, &folded->stay_capacity, thread->index + 1U, sizeof(*folded->stays));
	folded->threads =
		xgrow(folded->threads, &folded->thread_capacity, thread->index + 1U, sizeof(*folded->threads));
	folded->threads[thread->index] = thread;
	return &folded->stays[thread->index];
}

/* --- the sink ------------------------------------------------------------------------------------------------------ */

static void on_thread(void *ctx, const struct rota_thread_transition *transition)
{
	struct folded *folded = ctx;
	struct stay *stay;

	tick(folded, transition->ts_ns);
	stay = stay_of(folded, transition->thread);
	stay_end(folded, stay, transition->thread, transition->ts_ns);
	level_ns(folded, transition->ts_ns);
	folded->running += (transition->to == ROTA_RUNNING) - (uint32_t)(transition->from == ROTA_RUNNING);
	if (transition->from == ROTA_RUNNING || transition->from == ROTA_NONE || transition->from == ROTA_UNKNOWN) {
		stay->stack = stay->next; /* 0 where none came with this switch-out */
		stay->next = 0;
	}
	stay->reason = transition->to == ROTA_BLOCKED ? transition->reason : 0;
	stay->state = transition->to;
	stay_begin(folded, stay, transition->ts_ns);
}

static void on_sample(struct folded *folded, const struct rota_thread *thread, const struct rota_rec_sample *sample)
{
	folded->stacks_recorded = true;
	if (sample->head.flags & ROTA_SAMPLE_SWITCH) {
		stay_of(folded, thread)->next = sample->stack;
		return;
	}
	if (!folded->open || !thread->target)
		return;
	folded->samples++;
	if (folded->config.state == FOLDED_RUNNING && at_level(folded))
		add(folded, thread, sample->stack, 0, 1);
}

static void on_record(void *ctx, const struct rota_thread *thread, const struct rota_event *event)
{
	struct folded *folded = ctx;

	tick(folded, event->rec.head.ts_ns);
	switch (event->rec.head.type) {
	case ROTA_REC_SAMPLE:
		on_sample(folded, thread, &event->rec.sample);
		break;
	case ROTA_REC_STACK:
		stacks_add(&folded->stacks, &event->rec);
		break;
	default:
		texts_add(&folded->texts, &event->rec);
		break;
	}
}

static void on_thread_gone(void *ctx, const struct rota_thread *thread)
{
	struct folded *folded = ctx;

	if (thread->index >= folded->thread_capacity || !folded->threads[thread->index])
		return;
	stay_end(folded, &folded->stays[thread->index], thread, folded->now_ns);
	folded->threads[thread->index] = NULL;
	folded->stays[thread->index] = (struct stay){ 0 };
}

static void on_start(void *ctx, uint64_t ts_ns)
{
	struct folded *folded = ctx;

	tick(folded, ts_ns);
	if (folded->config.clip)
		folded->config.clip(folded->config.clip_ctx, ts_ns, &folded->config.from_ns, &folded->config.to_ns);
	if (folded->config.from_ns < ts_ns)
		folded->config.from_ns = ts_ns;
	folded->started = true;
	if (folded->config.from_ns == ts_ns)
		window_open(folded, ts_ns);
}

static void on_stop(void *ctx, uint64_t ts_ns)
{
	struct folded *folded = ctx;

	tick(folded, ts_ns);
	if (folded->open)
		window_close(folded, ts_ns);
	folded->started = false;
}

/* What tells nothing of threads' states or stacks. */
static void on_cpu(void *ctx, const struct rota_cpu_transition *transition)
{
}
static void on_queue_move(void *ctx, const struct rota_queue_move *move)
{
}
static void on_cpu_share(void *ctx, const struct rota_cpu_share *share)
{
}
static void on_cpu_time(void *ctx, uint32_t cpu, uint64_t ts_ns, uint64_t steal_ns, uint64_t irq_ns)
{
}
static void on_cost(void *ctx, const struct rota_rec_cost *cost)
{
}
static void on_lost(void *ctx, uint32_t cpu, uint64_t since_ns, uint64_t ts_ns, uint64_t count)
{
}
static void on_thread_changed(void *ctx, const struct rota_thread *thread)
{
}
static void on_progress(void *ctx, uint64_t ts_ns)
{
}

struct rota_sink folded_sink(struct folded *folded)
{
	return (struct rota_sink){ .ctx = folded,
				   .thread = on_thread,
				   .cpu = on_cpu,
				   .queue_move = on_queue_move,
				   .cpu_share = on_cpu_share,
				   .cpu_time = on_cpu_time,
				   .cost = on_cost,
				   .lost = on_lost,
				   .record = on_record,
				   .thread_changed = on_thread_changed,
				   .thread_gone = on_thread_gone,
				   .start = on_start,
				   .stop = on_stop,
				   .progress = on_progress };
}

/* --- lines --------------------------------------------------------------------------------------------------------- */

/* A name cannot hold what separates frames and lines. */
static void put_frame(struct buffer *line, const char *name)
{
	size_t length = strlen(name), at = line->size;

	buffer_append(line, name, length);
	for (; at < line->size; at++) {
		if (line->data[at] == ';' || line->data[at] < ' ')
			line->data[at] = line->data[at] == ';' ? ':' : '?';
	}
}

static void put_address(const struct folded *folded, struct buffer *line, uint32_t tgid, uint64_t address)
{
	const struct text_symbol *symbol = texts_symbol(&folded->texts, tgid, address);
	const char *name = symbol ? texts_get(&folded->texts, symbol->name) : NULL;
	const char *module = symbol ? texts_get(&folded->texts, symbol->module) : NULL;
	char text[FRAME_SIZE];

	if (name)
		snprintf(text, sizeof(text), "%s", name);
	else if (module)
		snprintf(text, sizeof(text), "[%s+0x%" PRIx64 "]", module, symbol->offset);
	else
		snprintf(text, sizeof(text), "[0x%" PRIx64 "]", address);
	put_frame(line, text);
}

/* The system call as the innermost frame, marked as flame-graph tools mark the kernel's. */
static void put_reason(const struct folded *folded, struct buffer *line, uint32_t reason)
{
	char name[SYSCALL_NAME_SIZE], text[SYSCALL_NAME_SIZE + 8];

	if (!(reason & ROTA_REASON_TOLD))
		return;
	if ((reason & ROTA_REASON_SYSCALL_MASK) == ROTA_REASON_NO_SYSCALL)
		snprintf(name, sizeof(name), reason & ROTA_REASON_WORKER ? "kernel worker" : "exception");
	else
		syscall_name(folded->config.machine, reason & ROTA_REASON_COMPAT, reason & ROTA_REASON_SYSCALL_MASK,
			     name, sizeof(name));
	snprintf(text, sizeof(text), ";%s_[k]", name);
	buffer_append(line, text, strlen(text));
}

static char *line_of(const struct folded *folded, const struct key *key)
{
	const struct stack_frames *frames = stacks_get(&folded->stacks, key->stack);
	struct buffer line = { 0 };
	char comm[ROTA_COMM_SIZE + 1] = { 0 };

	memcpy(comm, key->comm, ROTA_COMM_SIZE);
	put_frame(&line, *comm ? comm : "?");
	for (uint32_t i = frames ? frames->count : 0; i > 0; i--) {
		buffer_put_u8(&line, ';');
		put_address(folded, &line, key->tgid, frames->addresses[i - 1]);
	}
	if (!frames)
		buffer_append(&line, ";[no stack]", strlen(";[no stack]"));
	put_reason(folded, &line, key->reason);
	buffer_put_u8(&line, 0);
	return (char *)line.data;
}

static int by_stack(const void *a, const void *b)
{
	return strcmp(((const struct folded_line *)a)->stack, ((const struct folded_line *)b)->stack);
}

static int by_weight(const void *a, const void *b)
{
	const struct folded_line *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return strcmp(x->stack, y->stack);
}

/* Processes of one name, and stacks that differ only inside a function, make equal lines. */
static void merge(struct folded_lines *lines)
{
	uint32_t kept = 0;

	qsort(lines->lines, lines->count, sizeof(*lines->lines), by_stack);
	for (uint32_t i = 0; i < lines->count; i++) {
		if (kept && !strcmp(lines->lines[kept - 1].stack, lines->lines[i].stack)) {
			lines->lines[kept - 1].weight += lines->lines[i].weight;
			free(lines->lines[i].stack);
		} else {
			lines->lines[kept++] = lines->lines[i];
		}
	}
	lines->count = kept;
}

void folded_take(struct folded *folded, struct folded_lines *ret_lines)
{
	uint64_t unit = folded->config.state == FOLDED_RUNNING ? 1 : NS_PER_US;

	*ret_lines = (struct folded_lines){ .lines = xcalloc(folded->used + 1, sizeof(*ret_lines->lines)),
					    .samples = folded->samples,
					    .total_ns = folded->total_ns,
					    .stackless_ns = folded->stackless_ns,
					    .stacks_recorded = folded->stacks_recorded };
	for (size_t i = 0; i < folded->slots; i++) {
		const struct entry *entry = &folded->entries[i];

		if (!entry->weight)
			continue;
		ret_lines->lines[ret_lines->count++] =
			(struct folded_line){ line_of(folded, &entry->key), entry->weight };
	}
	merge(ret_lines);
	for (uint32_t i = 0; i < ret_lines->count; i++) /* rounded once, not stay by stay */
		ret_lines->lines[i].weight = (ret_lines->lines[i].weight + unit / 2) / unit;
	qsort(ret_lines->lines, ret_lines->count, sizeof(*ret_lines->lines), by_weight);
}

void folded_lines_fini(struct folded_lines *lines)
{
	for (uint32_t i = 0; i < lines->count; i++)
		free(lines->lines[i].stack);
	free(lines->lines);
	*lines = (struct folded_lines){ 0 };
}
