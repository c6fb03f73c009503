/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory that is always there: these abort with a message when it is not, in one place. Free with free(3). */
#ifndef ROTA_BASE_ALLOC_H
#define ROTA_BASE_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t size_bytes) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size_bytes) __attribute__((malloc, returns_nonnull));
/* The same at a multiple of alignment_bytes, a power of two that divides size_bytes. */
void *xcalloc_aligned(size_t alignment_bytes, size_t count, size_t size_bytes) __attribute__((malloc, returns_nonnull));
void *xreallocarray(void *old, size_t count, size_t size_bytes) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/*
 * Room for at least `wanted` elements in a growing array: doubles *ret_capacity as needed and returns the array, whose
 * new elements are zeroed. `old` may be NULL with *ret_capacity 0.
 */
void *xgrow(void *old, size_t *ret_capacity, size_t wanted, size_t element_bytes) __attribute__((returns_nonnull));

#endif
