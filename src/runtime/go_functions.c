/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the pclntab, Go's table of functions, which no strip takes away. Goes out: names of addresses, addresses of names, a
 * place for a probe, and where g is, by the code of one function. Its form: cmd/link/internal/ld/pcln.go, runtime/symtab.go.
 */
#include "runtime/go_elf.h"

#include <string.h>

#define MAGIC_1_18 0xfffffff0U
#define MAGIC_1_20 0xfffffff1U

/* struct pcHeader (runtime/symtab.go) */
#define HEADER_QUANTUM 6
#define HEADER_POINTER 7
#define HEADER_COUNT   8
#define HEADER_TEXT    24 /* where functions begin; 1.26 on: not meant */
#define HEADER_NAMES   32
#define HEADER_ENTRIES 64
#define HEADER_SIZE    72
#define ENTRY_SIZE     8 /* two u32: the function's place behind text, its record's place behind the entries */
#define RECORD_NAME    4 /* i32 in struct _func: place of its name behind the names */
#define COUNT_MAX      (1U << 24)

/* Whether a table begins at `at`, with `left` bytes behind it. */
static bool parse(const uint8_t *at, size_t left, struct go_functions *ret_functions)
{
	uint64_t count, names, entries, last = 0;
	uint32_t magic;

	if (left < HEADER_SIZE)
		return false;
	magic = go_get32(at);
	if ((magic != MAGIC_1_18 && magic != MAGIC_1_20) || at[4] || at[5] || at[HEADER_POINTER] != 8 ||
	    (at[HEADER_QUANTUM] != 1 && at[HEADER_QUANTUM] != 4))
		return false;
	count = go_get64(at + HEADER_COUNT);
	names = go_get64(at + HEADER_NAMES);
	entries = go_get64(at + HEADER_ENTRIES);
	if (!count || count > COUNT_MAX || names >= left || entries >= left ||
	    left - entries < (count + 1) * ENTRY_SIZE)
		return false;
	*ret_functions = (struct go_functions){ .table = at,
						.entries = at + entries,
						.names = at + names,
						.end = at + left,
						.count = count,
						.text = go_get64(at + HEADER_TEXT) };
	for (uint64_t i = 0; i < count; i++) { /* they ascend: that no other bytes do by chance */
		uint32_t entry = go_get32(at + entries + i * ENTRY_SIZE);

		if (entry < last)
			return false;
		last = entry;
	}
	return true;
}

/* In any segment: sections have several names (.gopclntab, .data.rel.ro.gopclntab), or are not there at all. */
void go_functions_find(struct go_image *image)
{
	static const uint8_t magics[2][6] = {
		{0xf1,  0xff, 0xff, 0xff, 0, 0},
                { 0xf0, 0xff, 0xff, 0xff, 0, 0}
	};

	for (unsigned int m = 0; m < 2; m++) {
		for (size_t i = 0; i < image->segment_count; i++) {
			const struct go_segment *segment = &image->segments[i];
			const uint8_t *begin = image->bytes + segment->offset, *end = begin + segment->file_size,
				      *at = begin;

			if (segment->execute)
				continue;
			while ((at = memmem(at, (size_t)(end - at), magics[m], sizeof(magics[m])))) {
				if ((size_t)(at - begin) % 8 == segment->address % 8 &&
				    parse(at, (size_t)(end - at), &image->functions)) {
					image->functions.address = segment->address + (uint64_t)(at - begin);
					return;
				}
				at++;
			}
		}
	}
	image->functions = (struct go_functions){ 0 };
}

uint64_t go_image_pclntab(const struct go_image *image)
{
	return image->functions.address;
}

uint64_t go_image_text(const struct go_image *image)
{
	uint64_t symbol = go_image_symbol(image, "runtime.text");

	if (symbol)
		return symbol;
	/* a PIE's header waits for the loader to fill it in; and the place has another meaning from 1.26 on */
	if (image->functions.text && !image->pie && go_minor_of(image->version) < 26)
		return image->functions.text;
	return 0;
}

/* The name in a function's record; NULL: outside of the table. */
static const char *name_of(const struct go_functions *functions, uint64_t index, size_t *ret_length)
{
	uint64_t record = go_get32(functions->entries + index * ENTRY_SIZE + 4);
	const uint8_t *at, *end;
	uint64_t name;

	if ((size_t)(functions->end - functions->entries) < record + RECORD_NAME + 4)
		return NULL;
	name = go_get32(functions->entries + record + RECORD_NAME);
	if (name >= (size_t)(functions->end - functions->names))
		return NULL;
	at = functions->names + name;
	end = memchr(at, 0, (size_t)(functions->end - at));
	if (!end)
		return NULL;
	*ret_length = (size_t)(end - at);
	return (const char *)at;
}

bool go_image_function(const struct go_image *image, uint64_t text, uint64_t pc, char *name, size_t size)
{
	const struct go_functions *functions = &image->functions;
	uint64_t low = 0, high = functions->count;
	const char *found;
	size_t length;

	if (!functions->address || !text || pc < text ||
	    pc - text >= go_get32(functions->entries + functions->count * ENTRY_SIZE))
		return false;
	while (high - low > 1) { /* the last entry that is not behind pc */
		uint64_t middle = low + (high - low) / 2;

		if (go_get32(functions->entries + middle * ENTRY_SIZE) <= pc - text)
			low = middle;
		else
			high = middle;
	}
	if (go_get32(functions->entries + low * ENTRY_SIZE) > pc - text)
		return false;
	found = name_of(functions, low, &length);
	if (!found || !length)
		return false;
	if (length >= size)
		length = size - 1;
	memcpy(name, found, length);
	name[length] = 0;
	return true;
}

uint64_t go_image_entry(const struct go_image *image, uint64_t text, const char *name)
{
	const struct go_functions *functions = &image->functions;
	size_t wanted = strlen(name), length;

	for (uint64_t i = 0; text && functions->address && i < functions->count; i++) {
		const char *other = name_of(functions, i, &length);

		if (other && length == wanted && !memcmp(other, name, wanted))
			return text + go_get32(functions->entries + i * ENTRY_SIZE);
	}
	return 0;
}

/*
 * x86-64: a function that may grow its stack begins with `cmp 0x10(%r14),%rsp`, or, where its frame is large, computes first
 * (lea -N(%rsp),%r12; cmp 0x10(%r14),%r12), and then `jbe`. The jbe is what the kernel emulates (branch_setup_xol_ops()).
 */
uint64_t go_image_probe(const struct go_image *image, uint64_t text, const char *name)
{
	static const uint8_t check[] = { 0x49, 0x3b, 0x66, 0x10 }, large[] = { 0x4d, 0x3b, 0x66, 0x10 };
	uint64_t entry = go_image_entry(image, text, name), at = 0;
	const uint8_t *code;
	size_t left = 0;

	code = entry ? go_elf_at(image, entry, &left) : NULL;
	if (!code || left < 32)
		return 0;
	if (!memcmp(code, check, sizeof(check)))
		at = 4;
	else if (code[0] == 0x4c && code[1] == 0x8d && code[2] == 0x64 && code[3] == 0x24 &&
		 !memcmp(code + 5, large, 4))
		at = 9;
	else if (code[0] == 0x4c && code[1] == 0x8d && code[2] == 0xa4 && code[3] == 0x24 &&
		 !memcmp(code + 8, large, 4))
		at = 12;
	if (!at || !((code[at] == 0x0f && code[at + 1] == 0x86) || code[at] == 0x76))
		return 0;
	return (uint64_t)(code - image->bytes) + at;
}

/* By the formula of the linkers (variant II of "ELF Handling For Thread-Local Storage"), where the symbol is known. */
static bool tls_by_symbol(const struct go_image *image, int32_t *ret_offset)
{
	uint64_t align = image->tls_align ? image->tls_align : 1, size = image->tls_size;

	for (size_t i = 0; i < image->symbol_count; i++) {
		const char *name;
		GElf_Sym symbol;

		if (!gelf_getsym(image->symbols, (int)i, &symbol) || GELF_ST_TYPE(symbol.st_info) != STT_TLS)
			continue;
		name = elf_strptr(image->elf, image->symbol_names, symbol.st_name);
		if (!name || strcmp(name, "runtime.tlsg") != 0)
			continue;
		if (!size || align & (align - 1) || size > INT32_MAX || align > INT32_MAX || symbol.st_value > size)
			return false;
		*ret_offset =
			-(int32_t)(size + ((0 - image->tls_address - size) & (align - 1))) + (int32_t)symbol.st_value;
		return true;
	}
	return false;
}

/* runtime.stackcheck begins by loading g: mov %fs:N,%rax; in a PIE mov $N,%rcx; mov %fs:(%rcx),%rax. */
static bool tls_by_code(const struct go_image *image, uint64_t text, int32_t *ret_offset)
{
	static const uint8_t direct[] = { 0x64, 0x48, 0x8b, 0x04, 0x25 }, through[] = { 0x48, 0xc7, 0xc1 },
			     load[] = { 0x64, 0x48, 0x8b, 0x01 };
	uint64_t entry = go_image_entry(image, text, "runtime.stackcheck");
	size_t left = 0;
	const uint8_t *code = entry ? go_elf_at(image, entry, &left) : NULL;

	if (!code || left < 16)
		return false;
	if (!memcmp(code, direct, sizeof(direct))) {
		*ret_offset = (int32_t)go_get32(code + sizeof(direct));
		return true;
	}
	if (!memcmp(code, through, sizeof(through)) && !memcmp(code + 7, load, sizeof(load))) {
		*ret_offset = (int32_t)go_get32(code + sizeof(through));
		return true;
	}
	return false;
}

bool go_image_tls_offset(const struct go_image *image, uint64_t text, int32_t *ret_offset)
{
	if (tls_by_code(image, text, ret_offset) || tls_by_symbol(image, ret_offset))
		return *ret_offset < 0 && *ret_offset % 8 == 0;
	if (image->cgo)
		return false; /* C's own variables may come first */
	*ret_offset = -8;
	return true;
}
