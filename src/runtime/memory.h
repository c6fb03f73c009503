/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory of another process, or of a stand-in for one: pieces are read, nothing is ever written. By process_vm_readv(2), which
 * neither stops the process nor waits for it.
 */
#ifndef ROTA_RUNTIME_MEMORY_H
#define ROTA_RUNTIME_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct memory {
	/* Reads all of `size` bytes at `address`: 0; -ESRCH: the process has ended; -EFAULT: not (all) mapped; other -errno. */
	int (*read)(void *ctx, uint64_t address, void *bytes, size_t size);
	/* `count` pieces of `size` bytes each, one behind the other into `bytes`; as if read one by one. */
	int (*read_many)(void *ctx, const uint64_t *addresses, size_t count, void *bytes, size_t size);
	void *ctx;
};

/* Of process tgid, of rota's own pid namespace. Nothing to free. */
struct memory memory_of_process(uint32_t tgid);

static inline int memory_read(const struct memory *memory, uint64_t address, void *bytes, size_t size)
{
	return memory->read(memory->ctx, address, bytes, size);
}

static inline int memory_u64(const struct memory *memory, uint64_t address, uint64_t *ret_value)
{
	return memory->read(memory->ctx, address, ret_value, sizeof(*ret_value));
}

static inline int memory_u32(const struct memory *memory, uint64_t address, uint32_t *ret_value)
{
	return memory->read(memory->ctx, address, ret_value, sizeof(*ret_value));
}

#endif
