/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writes a trace file (docs/rota-trace.5) front to back, so that a pipe will do. Each call hands whole blocks to write(2):
 * what was flushed is readable whatever happens to the writer afterwards.
 */
#ifndef ROTA_TRACE_WRITER_H
#define ROTA_TRACE_WRITER_H

#include "trace/chunk.h"

struct trace_writer;
/* Takes `fd` (not closed by the writer). Writes the header. 0 or -errno. */
int trace_writer_new(int fd, struct trace_writer **ret_writer);
void trace_writer_free(struct trace_writer *writer); /* without trace_writer_finish: as if killed here */
/* Facts about the recording, as text: see the keys in trace/meta.h. A later value for a key replaces an earlier one. */
int trace_writer_meta(struct trace_writer *writer, const char *key, const char *value);
int trace_writer_chunk(struct trace_writer *writer, const struct chunk *chunk);
/* All chunks with records up to ts_ns have been written. Flushes. */
int trace_writer_round(struct trace_writer *writer, uint64_t ts_ns);
/* What was handed in so far is in the file, without a round mark: a reader will hold it to be incomplete. */
int trace_writer_flush(struct trace_writer *writer);
/* Index and end mark. Flushes. */
int trace_writer_finish(struct trace_writer *writer);
uint64_t trace_writer_bytes(const struct trace_writer *writer); /* handed to write(2) so far */

#endif
