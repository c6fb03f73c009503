/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mktrace IN.txt OUT.rota writes a trace from its text form, mktrace -d IN.rota prints the text form of a trace ("-" is
 * stdin). What a trace holds and the text cannot say is an error, never left out. The text, one thing a line, # to the end
 * of a line is a comment:
 *
 *	topology pack:1 core:2 pu:2           hwloc's synthetic notation; or: topology-xml FILE
 *	meta target.kind process              any key of trace/meta.h; a value with spaces in "quotes"
 *	@0          cpu0 snapshot idle        @TIME is absolute, +TIME since the line before; ns, us, ms, s; a bare number is ns
 *	@0          task 100 tgid 100 "main" target sync blocked
 *	@0          task 200 tgid 200 "other"
 *	@0          start
 *	@1.5ms      cpu0 wakeup 100 by 7 delay 2us occupant idle
 *	+3us        cpu0 switch idle -> 100
 *	@2ms        cpu0 switch 100 -> 200 preempted
 *	@3ms        cpu0 switch 200 -> idle blocked iowait
 *	@3ms        stop
 *	@3ms        round                     chunks of all cpus, then the round mark
 *	end                                   without it the trace is one of a recorder that was killed
 *
 * A line with cpuN is a record of that cpu's ring, one without is of the user-space stream. "idle" is tid 0. Whether a tid
 * is in T follows from the task lines above (`target`, or not) and `leave`. The records, what is in [] may be missing:
 *
 *	switch PREV -> NEXT OUT [throttled] [iowait] [voluntary|involuntary] [state N]
 *	       OUT: blocked preempted yielded stopped dead, missing for idle; it implies state and (in)voluntary
 *	wakeup TID [new] [irq] [throttled] [on CPU] [by TID] [delay TIME] [occupant TID]     on: the ring's cpu
 *	migrate TID to CPU from CPU occupant TID
 *	occupant TID [on CPU]
 *	task TID tgid TID "NAME" [target] [new] [join] [sync] [kthread] [worker] [STATE] [parent TID] [start TIME] [on CPU]
 *	       STATE: none unknown running runnable throttled blocked stopped
 *	name TID "NAME"        exec TID "NAME" [from TID]        leave TID [aux 1]        lost COUNT [on CPU]
 *	snapshot TID [watched] [target TIME] [other TIME] [idle TIME]
 *	start   stop   unwatch   sync begin   sync end   hotplug CPU [online]
 *	cputime CPU [steal TIME] [irq TIME]        cost [bpf TIME] [user TIME] [aux 1|2]
 *	reason TID in REASON [at ADDRESS]          so may a switch end; REASON: see mktrace_reason.h
 *	sample TID stack ID [switch] [kernel]      call TID CALL took TIME [compat]      CALL: a name, or a number
 *	text ID "TEXT"                             a piece of at most 32 bytes
 *	cgroup N path TEXT-ID [v1]                 quota N [limit TIME] [period TIME] [periods N] [throttled N] [for TIME]
 *	cpuset N from CPU mask BITS                affinity TID set N
 *	stack ID [from N] frames A,A,A,A           symbol TGID at A [offset N] [name TEXT-ID] [module TEXT-ID]
 *	calls TID CALL count N [total TIME] [cpu TIME] [max TIME] [compat] [open] [headless]
 *	spread TID CALL bucket N count N [compat]
 *
 * and to any record [flags N] [aux N] [tid N], which set what words do not. Later words win. The canonical text, which
 * -d prints, orders a round's lines by time, then cpu; text in that form comes back as it was.
 */
#include "mktrace_text.h"

#include "host/topology.h"
#include "trace/meta.h"
#include "trace/reader.h"
#include "trace/writer.h"

#include <fcntl.h>
#include <unistd.h>

#define META_SYNTHETIC "mktrace.topology" /* what the topology.xml after it was made from */

/* --- text to trace ------------------------------------------------------------------------------------------------- */

struct maker {
	struct trace_writer *writer;
	struct chunk_encoder *encoders[ROTA_CPU_MAX + 1]; /* the last one is the user-space stream's */
	struct known known;
	uint64_t ts_ns;
	bool ended;
};

static int maker_take(struct maker *maker, size_t slot)
{
	struct chunk chunk;

	if (!maker->encoders[slot])
		return 0;
	chunk = chunk_encoder_take(maker->encoders[slot]);
	return trace_writer_chunk(maker->writer, &chunk);
}

static int maker_take_all(struct maker *maker)
{
	int err = 0;

	for (size_t slot = 0; slot <= ROTA_CPU_MAX && !err; slot++)
		err = maker_take(maker, slot);
	return err;
}

static int maker_record(struct maker *maker, uint16_t cpu, const union rota_any_record *record)
{
	size_t slot = cpu == ROTA_CPU_NONE ? ROTA_CPU_MAX : cpu;

	if (!maker->encoders[slot])
		maker->encoders[slot] = chunk_encoder_new(cpu);
	chunk_encode(maker->encoders[slot], record);
	learn(&maker->known, &record->head);
	return chunk_encoder_size(maker->encoders[slot]) >= CHUNK_FULL_BYTES ? maker_take(maker, slot) : 0;
}

static int maker_synthetic(struct maker *maker, const struct words *words)
{
	struct rota_topology *topology;
	char text[512] = "", *xml;
	int err;

	for (unsigned int i = 1; i < words->count; i++) {
		size_t used = strlen(text);

		if (snprintf(text + used, sizeof(text) - used, "%s%s", i > 1 ? " " : "", words->word[i]) >=
		    (int)(sizeof(text) - used))
			return -EMSGSIZE;
	}
	err = topology_from_synthetic(text, &topology, &xml);
	if (err)
		return err;
	err = trace_writer_meta(maker->writer, META_SYNTHETIC, text);
	if (!err)
		err = trace_writer_meta(maker->writer, META_TOPOLOGY, xml);
	topology_free(topology);
	free(xml);
	return err;
}

static int maker_xml(struct maker *maker, const char *path)
{
	FILE *file = fopen(path, "r");
	char *xml = NULL;
	size_t size = 0;
	int err;

	if (!file)
		return -errno;
	err = getdelim(&xml, &size, 0, file) < 0 ? -ENODATA : trace_writer_meta(maker->writer, META_TOPOLOGY, xml);
	free(xml);
	fclose(file);
	return err;
}

/* @TIME or +TIME and what follows. -EINVAL: not understood. */
static int maker_timed(struct maker *maker, struct words *words)
{
	const char *time = next_word(words);
	union rota_any_record record;
	uint16_t cpu = ROTA_CPU_NONE;
	uint64_t ns, number;

	if ((*time != '@' && *time != '+') || !parse_time(time + 1, &ns))
		return -EINVAL;
	maker->ts_ns = *time == '@' ? ns : maker->ts_ns + ns;
	if (words->count == words->next + 1 && !strcmp(words->word[words->next], "round")) {
		int err = maker_take_all(maker);

		return err ? err : trace_writer_round(maker->writer, maker->ts_ns);
	}
	if (words->count > words->next && !strncmp(words->word[words->next], "cpu", 3) &&
	    parse_number(words->word[words->next] + 3, ROTA_CPU_MAX, &number)) {
		cpu = (uint16_t)number;
		words->next++;
	}
	memset(&record, 0, sizeof(record));
	record.head.ts_ns = maker->ts_ns;
	return parse_record(words, cpu, &maker->known, &record) ? maker_record(maker, cpu, &record) : -EINVAL;
}

static int maker_line(struct maker *maker, struct words *words)
{
	const char *first = words->word[0];

	if (maker->ended)
		return -EINVAL;
	if (!strcmp(first, "topology"))
		return maker_synthetic(maker, words);
	if (!strcmp(first, "topology-xml") && words->count == 2)
		return maker_xml(maker, words->word[1]);
	if (!strcmp(first, "meta") && words->count == 3)
		return trace_writer_meta(maker->writer, words->word[1], words->word[2]);
	if (!strcmp(first, "end") && words->count == 1) {
		int err = maker_take_all(maker);

		maker->ended = true;
		return err ? err : trace_writer_finish(maker->writer);
	}
	return maker_timed(maker, words);
}

static int maker_read(struct maker *maker, FILE *in, const char *path)
{
	unsigned int number = 0;
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	while (!err && getline(&line, &size, in) >= 0) {
		struct words words;

		number++;
		err = words_split(line, &words) ? 0 : -EINVAL;
		if (!err && words.count)
			err = maker_line(maker, &words);
		if (err == -EINVAL)
			fprintf(stderr, "mktrace: %s:%u: not understood near word %u: %s", path, number, words.next,
				line);
		else if (err)
			fprintf(stderr, "mktrace: %s:%u: %s\n", path, number, strerror(-err));
		free(words.copy);
	}
	free(line);
	if (!err && !maker->ended)
		err = maker_take_all(maker);
	return err;
}

static int make(const char *in_path, const char *out_path)
{
	FILE *in = strcmp(in_path, "-") ? fopen(in_path, "r") : stdin;
	struct maker maker = { 0 };
	int fd, err;

	if (!in) {
		fprintf(stderr, "mktrace: %s: %s\n", in_path, strerror(errno));
		return 1;
	}
	maker.known.targets = idtable_new();
	fd = open(out_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	err = fd < 0 ? -errno : trace_writer_new(fd, &maker.writer);
	if (err)
		fprintf(stderr, "mktrace: %s: %s\n", out_path, strerror(-err));
	else
		err = maker_read(&maker, in, in_path);
	if (!err && !maker.ended)
		err = trace_writer_flush(maker.writer);
	for (size_t slot = 0; slot <= ROTA_CPU_MAX; slot++)
		chunk_encoder_free(maker.encoders[slot]);
	trace_writer_free(maker.writer);
	idtable_free(maker.known.targets);
	fclose(in);
	return err || close(fd) ? 1 : 0;
}

/* --- trace to text ------------------------------------------------------------------------------------------------- */

struct line { /* one record of a round; `at_ns`: its time, or that of a later one of its cpu that was written before it */
	uint64_t at_ns;
	size_t index;
	uint16_t cpu;
	union rota_any_record record;
};

struct dumper {
	struct line *lines;
	size_t count, capacity;
	uint64_t latest_ns[ROTA_CPU_MAX + 1];
	struct known known;
	bool synthetic; /* the next topology.xml needs no telling */
	bool damaged;
};

static int line_compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	if (x->cpu != y->cpu)
		return x->cpu < y->cpu ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static void put_line_start(struct buffer *out, uint64_t ts_ns)
{
	put_text(out, "@");
	put_time(out, ts_ns);
	do
		put_text(out, " ");
	while (out->size < 12);
}

static void dump_lines(struct dumper *dumper)
{
	qsort(dumper->lines, dumper->count, sizeof(*dumper->lines), line_compare);
	for (size_t i = 0; i < dumper->count; i++) {
		const struct line *line = &dumper->lines[i];
		struct buffer out = { 0 };
		char ring[16];

		put_line_start(&out, line->record.head.ts_ns);
		snprintf(ring, sizeof(ring), "cpu%u ", line->cpu);
		put_text(&out, line->cpu == ROTA_CPU_NONE ? "" : ring);
		put_record(&out, line->cpu, &dumper->known, &line->record);
		printf("%.*s\n", (int)out.size, (const char *)out.data);
		learn(&dumper->known, &line->record.head);
		buffer_fini(&out);
	}
	dumper->count = 0;
	memset(dumper->latest_ns, 0, sizeof(dumper->latest_ns));
}

static void dump_chunk(struct dumper *dumper, const struct chunk *chunk)
{
	uint64_t *latest_ns = &dumper->latest_ns[chunk->cpu == ROTA_CPU_NONE ? ROTA_CPU_MAX : chunk->cpu];
	struct chunk_decoder decoder;
	struct rota_event event;
	int result;

	chunk_decoder_init(&decoder, chunk);
	while ((result = chunk_decode(&decoder, &event)) == 1) {
		struct line *line;

		dumper->lines = xgrow(dumper->lines, &dumper->capacity, dumper->count + 1, sizeof(*dumper->lines));
		line = &dumper->lines[dumper->count];
		if (event.rec.head.ts_ns > *latest_ns)
			*latest_ns = event.rec.head.ts_ns;
		*line = (struct line){ .at_ns = *latest_ns, .index = dumper->count, .cpu = event.cpu };
		memcpy(&line->record, &event.rec, rota_record_size(event.rec.head.type));
		dumper->count++;
	}
	if (result < 0) {
		printf("# a chunk of %u records that does not decode\n", chunk->record_count);
		dumper->damaged = true;
	}
}

static void dump_meta(struct dumper *dumper, const char *key, const char *value)
{
	struct buffer out = { 0 };

	if (!strcmp(key, META_SYNTHETIC)) {
		printf("topology %s\n", value);
		dumper->synthetic = true;
		return;
	}
	if (dumper->synthetic && !strcmp(key, META_TOPOLOGY)) {
		dumper->synthetic = false;
		return;
	}
	if (*value &&
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/+-,") == strlen(value))
		put_text(&out, value);
	else
		put_quoted(&out, value);
	printf("meta %s %.*s\n", key, (int)out.size, (const char *)out.data);
	buffer_fini(&out);
}

static void dump_block(struct dumper *dumper, const struct trace_block *block)
{
	struct buffer start = { 0 };

	switch (block->kind) {
	case TRACE_META:
		dump_meta(dumper, block->key, block->value);
		break;
	case TRACE_CHUNK:
		dump_chunk(dumper, &block->chunk);
		break;
	case TRACE_ROUND:
		dump_lines(dumper);
		put_line_start(&start, block->ts_ns);
		printf("%.*sround\n", (int)start.size, (const char *)start.data);
		break;
	case TRACE_DAMAGE:
		printf("# damage: %" PRIu64 " bytes at %" PRIu64 "\n", block->size, block->offset);
		dumper->damaged = true;
		break;
	case TRACE_END:
		dump_lines(dumper);
		printf("end\n");
		break;
	}
	buffer_fini(&start);
}

static int dump(const char *path)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	struct dumper *dumper;
	struct trace_reader *reader = NULL;
	struct trace_block block;
	bool damaged;
	int result = fd < 0 ? -errno : trace_reader_new(fd, &reader, NULL);

	if (result) {
		fprintf(stderr, "mktrace: %s: %s\n", path, strerror(-result));
		return 1;
	}
	dumper = xcalloc(1, sizeof(*dumper));
	dumper->known.targets = idtable_new();
	while ((result = trace_reader_next(reader, &block)) == 1)
		dump_block(dumper, &block);
	dump_lines(dumper);
	if (result)
		fprintf(stderr, "mktrace: %s: %s\n", path, strerror(-result));
	damaged = dumper->damaged;
	trace_reader_free(reader);
	idtable_free(dumper->known.targets);
	free(dumper->lines);
	free(dumper);
	return result || damaged || fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "-d"))
		return dump(argv[2]);
	if (argc == 3 && argv[1][0] != '\0' && (argv[1][0] != '-' || !argv[1][1]))
		return make(argv[1], argv[2]);
	fprintf(stderr, "usage: mktrace IN.txt OUT.rota | mktrace -d IN.rota\n");
	return 2;
}
