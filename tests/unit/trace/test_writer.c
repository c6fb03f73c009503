/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is handed to the writer is in the file, through pipes and on full disks, as far as the writer says that it is. */
#include "account.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

Test(writer, what_was_written_is_read)
{
	int fd = memfd_create("trace", 0);
	struct dice dice = { 3 };
	struct trace_writer *writer;
	struct trace_reader *reader;
	struct trace_block block;
	uint32_t version = 0;

	cr_assert_eq(trace_writer_new(fd, &writer), 0);
	cr_assert_eq(trace_writer_meta(writer, "host.name", "ant"), 0);
	cr_assert_eq(write_chunk(writer, &dice, 1, 5), 0);
	cr_assert_eq(trace_writer_round(writer, UINT64_MAX), 0);
	cr_assert_eq(trace_writer_finish(writer), 0);
	trace_writer_free(writer);
	lseek(fd, 0, SEEK_SET);
	cr_assert_eq(trace_reader_new(fd, &reader, &version), 0);
	cr_assert_eq(version, 1);
	cr_assert_eq(trace_reader_next(reader, &block), 1);
	cr_assert_eq(block.kind, TRACE_META);
	cr_assert_str_eq(block.key, "host.name");
	cr_assert_str_eq(block.value, "ant");
	cr_assert_eq(block.offset, FILE_HEADER);
	cr_assert_eq(block.size, BLOCK_HEADER + sizeof("host.name") + sizeof("ant"));
	cr_assert_eq(trace_reader_next(reader, &block), 1);
	cr_assert_eq(block.kind, TRACE_CHUNK);
	cr_assert_eq(block.chunk.cpu, 1);
	cr_assert_eq(block.chunk.record_count, 5);
	cr_assert_eq(trace_reader_next(reader, &block), 1);
	cr_assert_eq(block.kind, TRACE_ROUND);
	cr_assert_eq(block.ts_ns, UINT64_MAX);
	cr_assert(!trace_reader_complete(reader));
	cr_assert_eq(trace_reader_next(reader, &block), 1);
	cr_assert_eq(block.kind, TRACE_END);
	cr_assert_eq(trace_reader_next(reader, &block), 0);
	cr_assert(trace_reader_complete(reader));
	trace_reader_free(reader);
	close(fd);
}

struct pump { /* writes a file into a pipe, a few bytes at a time */
	const struct buffer *file;
	int fd;
};

static void *pump_run(void *data)
{
	struct pump *pump = data;
	struct dice dice = { 17 };

	for (size_t at = 0; at < pump->file->size;) {
		size_t size = 1 + dice_below(&dice, 400);

		if (size > pump->file->size - at)
			size = pump->file->size - at;
		cr_assert_eq(write(pump->fd, pump->file->data + at, size), (ssize_t)size);
		at += size;
	}
	close(pump->fd);
	return NULL;
}

Test(writer, reads_from_a_pipe)
{
	struct buffer file = sample(20, 3000);
	struct account whole = account_of(file.data, file.size), account;
	struct pump pump = { .file = &file };
	pthread_t thread;
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	pump.fd = ends[1];
	cr_assert_eq(pthread_create(&thread, NULL, pump_run, &pump), 0);
	account = account_of_fd(ends[0]);
	pthread_join(thread, NULL);
	close(ends[0]);
	cr_assert(account.complete);
	cr_assert_eq(account.damage, 0);
	cr_assert_eq(account.text.size, whole.text.size);
	cr_assert(begins_with(&whole, &account));
	account_fini(&account);
	account_fini(&whole);
	buffer_fini(&file);
}

static void *drain_run(void *data)
{
	struct pump *pump = data;
	struct account *account = xmalloc(sizeof(*account));

	*account = account_of_fd(pump->fd);
	return account;
}

Test(writer, writes_into_a_pipe_that_does_not_block)
{
	struct buffer file = sample(20, 3000);
	struct account whole = account_of(file.data, file.size), *account;
	struct dice dice = { 11 };
	struct trace_writer *writer;
	struct pump pump;
	pthread_t thread;
	char text[300];
	int ends[2];

	cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
	fcntl(ends[0], F_SETFL, 0);
	pump.fd = ends[0];
	cr_assert_eq(pthread_create(&thread, NULL, drain_run, &pump), 0);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	cr_assert_eq(trace_writer_new(ends[1], &writer), 0); /* the same calls as write_sample() */
	cr_assert_eq(trace_writer_meta(writer, "topology.xml", text), 0);
	cr_assert_eq(trace_writer_meta(writer, "note.0", ""), 0);
	for (unsigned int round = 0; round < 20; round++) {
		cr_assert_eq(write_chunk(writer, &dice, 0, 2), 0);
		cr_assert_eq(write_chunk(writer, &dice, 1, 3000), 0);
		cr_assert_eq(trace_writer_round(writer, 1000000ULL * (round + 1)), 0);
	}
	cr_assert_eq(write_chunk(writer, &dice, ROTA_CPU_NONE, 3), 0);
	cr_assert_eq(trace_writer_finish(writer), 0);
	trace_writer_free(writer);
	close(ends[1]);
	pthread_join(thread, (void **)&account);
	close(ends[0]);
	cr_assert(account->complete);
	cr_assert_eq(account->text.size, whole.text.size);
	cr_assert(begins_with(&whole, account));
	account_fini(account);
	free(account);
	account_fini(&whole);
	buffer_fini(&file);
}

Test(writer, a_full_disk_leaves_what_was_flushed)
{
	struct buffer file = sample(20, 500);
	struct account whole = account_of(file.data, file.size);
	struct dice dice = { 23 };

	signal(SIGXFSZ, SIG_IGN);
	for (unsigned int i = 0; i < 200; i++) {
		uint32_t limit = FILE_HEADER + dice_below(&dice, (uint32_t)file.size - FILE_HEADER);
		struct rlimit rlimit = { limit, RLIM_INFINITY }, unlimited = { RLIM_INFINITY, RLIM_INFINITY };
		struct account account;
		int fd = memfd_create("full", 0), err;

		cr_assert_eq(setrlimit(RLIMIT_FSIZE, &rlimit), 0);
		err = write_sample(fd, 20, 500);
		cr_assert_eq(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
		cr_assert_eq(err, -EFBIG, "limit %u", limit);
		cr_assert_eq(lseek(fd, 0, SEEK_END), limit);
		lseek(fd, 0, SEEK_SET);
		account = account_of_fd(fd);
		cr_assert(!account.complete);
		cr_assert_eq(account.damage, 0, "limit %u", limit);
		cr_assert(begins_with(&whole, &account), "limit %u", limit);
		account_fini(&account);
		close(fd);
	}
	account_fini(&whole);
	buffer_fini(&file);
}

Test(writer, an_error_of_writing_stays)
{
	struct dice dice = { 1 };
	struct trace_writer *writer;
	int fd = open("/dev/full", O_WRONLY), ends[2];

	cr_assert_eq(trace_writer_new(fd, &writer), -ENOSPC);
	close(fd);
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(trace_writer_new(ends[1], &writer), 0);
	close(ends[0]);
	cr_assert_eq(write_chunk(writer, &dice, 0, 5), 0);
	cr_assert_eq(trace_writer_round(writer, 1), -EPIPE);
	cr_assert_eq(write_chunk(writer, &dice, 0, 5), -EPIPE);
	cr_assert_eq(trace_writer_meta(writer, "a", "b"), -EPIPE);
	cr_assert_eq(trace_writer_finish(writer), -EPIPE);
	cr_assert_eq(trace_writer_bytes(writer), FILE_HEADER);
	trace_writer_free(writer);
	close(ends[1]);
}

Test(writer, a_round_is_in_the_file_when_the_call_returns)
{
	int fd = memfd_create("trace", 0);
	struct dice dice = { 1 };
	struct trace_writer *writer;
	struct account account;

	cr_assert_eq(trace_writer_new(fd, &writer), 0);
	cr_assert_eq(write_chunk(writer, &dice, 0, 5), 0);
	cr_assert_eq(trace_writer_round(writer, 1), 0);
	cr_assert_eq(write_chunk(writer, &dice, 0, 5), 0); /* not flushed: as if killed here */
	lseek(fd, 0, SEEK_SET);
	account = account_of_fd(fd);
	trace_writer_free(writer);
	cr_assert_eq(account.blocks, 2);
	cr_assert_eq(account.damage, 0);
	cr_assert(!account.complete);
	account_fini(&account);
	close(fd);
}

Test(writer, what_cannot_be_written_is_refused)
{
	static uint8_t bytes[CHUNK_MAX_BYTES + 1];
	struct chunk large = { .record_count = 1, .bytes = bytes, .size = sizeof(bytes) };
	int fd = memfd_create("trace", 0);
	struct trace_writer *writer;
	size_t huge = 17U << 20;
	char *text = xmalloc(huge);

	memset(text, 'a', huge);
	text[huge - 1] = 0;
	cr_assert_eq(trace_writer_new(fd, &writer), 0);
	cr_assert_eq(trace_writer_chunk(writer, &large), -EMSGSIZE);
	large.size = 5;
	cr_assert_eq(trace_writer_chunk(writer, &large), -EBADMSG);
	cr_assert_eq(trace_writer_meta(writer, "", "b"), -EINVAL);
	cr_assert_eq(trace_writer_meta(writer, "note.0", text), -EMSGSIZE);
	text[8U << 20] = 0;
	cr_assert_eq(trace_writer_meta(writer, "note.0", text), 0);
	cr_assert_eq(trace_writer_finish(writer), 0);
	trace_writer_free(writer);
	lseek(fd, 0, SEEK_SET);
	struct account account = account_of_fd(fd);
	cr_assert_eq(account.blocks, 2);
	cr_assert_eq(account.damage, 0);
	cr_assert_eq(account.text.size, 1 + 7 + (8U << 20) + 1 + 1);
	account_fini(&account);
	free(text);
	close(fd);
}
