/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads a trace file front to back, from a file or a pipe. Every length and count in it is hostile. A bad header is an
 * error; a damaged block is skipped, the next good one searched for, and TRACE_DAMAGE says where it lay in the sequence.
 */
#ifndef ROTA_TRACE_READER_H
#define ROTA_TRACE_READER_H

#include "trace/chunk.h"

#include <stdbool.h>

enum trace_block_kind {
	TRACE_META,   /* key, value */
	TRACE_CHUNK,  /* chunk: bytes valid until the next call */
	TRACE_ROUND,  /* ts_ns */
	TRACE_DAMAGE, /* bytes that are no valid block; what they held is lost */
	TRACE_END,    /* the end mark: the recording was finished properly; nothing follows */
};

struct trace_block {
	enum trace_block_kind kind;
	const char *key, *value; /* NUL-terminated, valid until the next call */
	struct chunk chunk;
	uint64_t ts_ns;
	uint64_t offset, size; /* where in the file, for messages */
};

struct trace_reader;
/*
 * `fd` stays the caller's. 0; -ENODATA: empty; -EISDIR; -ENOEXEC: not a rota trace; -EPROTONOSUPPORT: a version this
 * rota does not know (*ret_version holds it); -EBADMSG: a damaged header; other -errno from read(2).
 */
int trace_reader_new(int fd, struct trace_reader **ret_reader, uint32_t *ret_version);
void trace_reader_free(struct trace_reader *reader);
/*
 * 1: *ret_block. 0: no more bytes; trace_reader_complete() tells whether the end mark was seen. A cut-off last block is
 * reported as TRACE_DAMAGE only if bytes are left that are not the beginning of a valid block; a clean cut is not damage.
 * -errno: read(2) failed.
 */
int trace_reader_next(struct trace_reader *reader, struct trace_block *ret_block);
bool trace_reader_complete(const struct trace_reader *reader);

#endif
