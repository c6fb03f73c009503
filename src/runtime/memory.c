/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: addresses. Goes out: bytes. A read that is cut short is an error: nobody is handed half a structure. */
#include "runtime/memory.h"

#include <errno.h>
#include <stdint.h>
#include <sys/uio.h>

#define PIECES_MAX 256U /* in one call; IOV_MAX is 1024 */

static int read_process(void *ctx, uint64_t address, void *bytes, size_t size)
{
	struct iovec ours = { bytes, size }, theirs = { (void *)(uintptr_t)address, size };
	ssize_t n = process_vm_readv((pid_t)(uintptr_t)ctx, &ours, 1, &theirs, 1, 0);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

static int read_process_many(void *ctx, const uint64_t *addresses, size_t count, void *bytes, size_t size)
{
	for (size_t first = 0; first < count; first += PIECES_MAX) {
		size_t some = count - first < PIECES_MAX ? count - first : PIECES_MAX;
		struct iovec ours = { (char *)bytes + first * size, some * size }, theirs[PIECES_MAX];
		ssize_t n;

		for (size_t i = 0; i < some; i++)
			theirs[i] = (struct iovec){ (void *)(uintptr_t)addresses[first + i], size };
		n = process_vm_readv((pid_t)(uintptr_t)ctx, &ours, 1, theirs, some, 0);
		if (n < 0)
			return -errno;
		if ((size_t)n != some * size)
			return -EFAULT;
	}
	return 0;
}

struct memory memory_of_process(uint32_t tgid)
{
	return (struct memory){ .read = read_process, .read_many = read_process_many, .ctx = (void *)(uintptr_t)tgid };
}
