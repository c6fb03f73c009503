/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A Go executable as a file: its version and how it was built, where its symbols and functions are. Nothing of a process: all
 * addresses are as the file has them, before the loader moved them. No byte of the file is trusted; only what was checked
 * comes out.
 */
#ifndef ROTA_RUNTIME_GO_IMAGE_H
#define ROTA_RUNTIME_GO_IMAGE_H

#include "runtime/go_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GO_IMAGE_VERSION 32
#define GO_IMAGE_WHY     160

struct go_segment { /* a PT_LOAD */
	uint64_t address, memory_size, offset, file_size;
	bool write, execute;
};

struct go_image;
/*
 * `fd` stays the caller's. 0; -ENOEXEC: no ELF file for this machine, or no Go program; -EBADMSG: it claims to be one, but is
 * damaged, `why` says where.
 */
int go_image_open(int fd, struct go_image **ret_image, char why[GO_IMAGE_WHY]);
void go_image_free(struct go_image *image);
/* Whether it may be a Go program at all: a look at a few pages, for the many files that are none. */
bool go_image_likely(int fd);

const char *go_image_version(const struct go_image *image); /* "go1.24.4": up to the first blank */
bool go_image_cgo(const struct go_image *image);            /* CGO_ENABLED=1 in its build settings, or linked with C */
bool go_image_pie(const struct go_image *image);
bool go_image_stripped(const struct go_image *image); /* no symbol table */
const struct go_segment *go_image_segments(const struct go_image *image, size_t *ret_count);

/* Address of a symbol; 0 where it has none of that name. */
uint64_t go_image_symbol(const struct go_image *image, const char *name);
/* `size` bytes at `address` as the file has them. False where it does not have them all. */
bool go_image_bytes(const struct go_image *image, uint64_t address, void *bytes, size_t size);

/* From DWARF: overwrites what it finds in *layout (go_members). False where there is no DWARF, or it names no runtime.g. */
bool go_image_dwarf(struct go_image *image, struct go_layout *layout);
/* From a thread's fs base to its g; false where it cannot be told. `text`: where functions begin (go_image_functions()). */
bool go_image_tls_offset(const struct go_image *image, uint64_t text, int32_t *ret_offset);

/* --- functions (pclntab) --- */

/* Address of the table's header; 0: none was found. */
uint64_t go_image_pclntab(const struct go_image *image);
/*
 * Where the first function begins, as far as the file tells; 0: not told (Go 1.26 stripped, external linker): the process's
 * moduledata knows.
 */
uint64_t go_image_text(const struct go_image *image);
/* The name of the function that holds `pc`, cut to `size`. False: none does. `text`: what go_image_text() says, or moduledata. */
bool go_image_function(const struct go_image *image, uint64_t text, uint64_t pc, char *name, size_t size);
/* Its first instruction; 0: there is no such function, or the linker left it out. */
uint64_t go_image_entry(const struct go_image *image, uint64_t text, const char *name);
/*
 * Where in the file a uprobe may be put at the beginning of the function: its first instruction that the kernel emulates
 * (arch/x86/kernel/uprobes.c), behind the stack check, before anything is changed. 0: none.
 */
uint64_t go_image_probe(const struct go_image *image, uint64_t text, const char *name);

#endif
