/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a size. Goes out: memory. The only place where rota gives up because there is none. */
#include "base/alloc.h"
#include "base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory, size_t count, size_t size_bytes)
{
	if (memory || !count || !size_bytes)
		return memory;
	log_error("out of memory: %zu × %zu bytes were refused; close other programs or raise the memory limit", count,
		  size_bytes);
	abort();
}

void *xmalloc(size_t size_bytes)
{
	return checked(malloc(size_bytes ? size_bytes : 1), 1, size_bytes);
}

void *xcalloc(size_t count, size_t size_bytes)
{
	return checked(calloc(count ? count : 1, size_bytes ? size_bytes : 1), count, size_bytes);
}

void *xcalloc_aligned(size_t alignment_bytes, size_t count, size_t size_bytes)
{
	void *memory =
		size_bytes && count > SIZE_MAX / size_bytes ? NULL : aligned_alloc(alignment_bytes, count * size_bytes);

	return memset(checked(memory, count, size_bytes), 0, count * size_bytes);
}

void *xreallocarray(void *old, size_t count, size_t size_bytes)
{
	return checked(reallocarray(old, count ? count : 1, size_bytes ? size_bytes : 1), count, size_bytes);
}

char *xstrdup(const char *text)
{
	return checked(strdup(text), 1, strlen(text));
}

char *xasprintf(const char *format, ...)
{
	va_list arguments;
	char *text;
	int n;

	va_start(arguments, format);
	n = vasprintf(&text, format, arguments);
	va_end(arguments);
	return checked(n < 0 ? NULL : text, 1, strlen(format));
}

void *xgrow(void *old, size_t *ret_capacity, size_t wanted, size_t element_bytes)
{
	size_t capacity = *ret_capacity ? *ret_capacity : 16;
	char *array;

	if (wanted <= *ret_capacity && old)
		return old;
	while (capacity < wanted)
		capacity = capacity > SIZE_MAX / 2 ? wanted : capacity * 2;
	array = xreallocarray(old, capacity, element_bytes);
	memset(array + *ret_capacity * element_bytes, 0, (capacity - *ret_capacity) * element_bytes);
	*ret_capacity = capacity;
	return array;
}
