/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What go_image.c, go_functions.c and go_dwarf.c share: the file, mapped, and what was found in it. Private to these. */
#ifndef ROTA_RUNTIME_GO_ELF_H
#define ROTA_RUNTIME_GO_ELF_H

#include "runtime/go_image.h"

#include <gelf.h>

#define GO_SEGMENTS_MAX 32U

struct go_functions {     /* the pclntab: offsets in the file's bytes, all checked to lie inside of it */
	uint64_t address; /* 0: none */
	const uint8_t *table, *entries, *names, *end;
	uint64_t count, text;
};

struct go_image {
	Elf *elf;
	const uint8_t *bytes; /* the whole file */
	size_t size;
	char version[GO_IMAGE_VERSION];
	bool cgo, pie;
	Elf_Data *symbols;                 /* NULL: stripped */
	size_t symbol_count, symbol_names; /* section of the names */
	struct go_segment segments[GO_SEGMENTS_MAX];
	size_t segment_count;
	uint64_t tls_address, tls_size, tls_align; /* PT_TLS; size 0: none */
	struct go_functions functions;
};

/* The file's bytes from `address` on, and how many there are; NULL: none. */
const uint8_t *go_elf_at(const struct go_image *image, uint64_t address, size_t *ret_left);
/* Finds the pclntab, if there is one. */
void go_functions_find(struct go_image *image);

static inline uint32_t go_get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t go_get64(const uint8_t *at)
{
	return go_get32(at) | (uint64_t)go_get32(at + 4) << 32;
}

#endif
