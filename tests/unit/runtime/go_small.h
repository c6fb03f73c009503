/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A Go executable of 12 KiB, made by hand from the formats' descriptions (elf(5); Go's debug/buildinfo and debug/gosym): three
 * functions, build information, a pclntab and a symbol table. For tests that damage it.
 */
#ifndef TESTS_RUNTIME_GO_SMALL_H
#define TESTS_RUNTIME_GO_SMALL_H

#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SMALL_SIZE    0x3000U
#define SMALL_TEXT    0x401000ULL
#define SMALL_TABLE   0x402000ULL
#define SMALL_DATA    0x403000ULL
#define SMALL_INFO    0x2000U /* in the file */
#define SMALL_SYMBOLS 0x2100U
#define SMALL_STRINGS 0x2200U
#define SMALL_HEADERS 0x2400U /* of sections */

static inline void small_put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static inline void small_put64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, sizeof(value));
}

static inline void small_code(uint8_t *text)
{
	static const uint8_t check[] = { 0x49, 0x3b, 0x66, 0x10, 0x0f, 0x86, 0x10, 0, 0, 0 };
	static const uint8_t load_g[] = { 0x64, 0x48, 0x8b, 0x04, 0x25, 0xf8, 0xff, 0xff, 0xff };

	memcpy(text, check, sizeof(check));
	memcpy(text + 0x40, check, sizeof(check));
	memcpy(text + 0x80, load_g, sizeof(load_g));
}

static inline void small_table(uint8_t *table)
{
	static const char names[] = "\0runtime.execute\0runtime.schedule\0runtime.stackcheck";
	static const uint32_t places[] = { 1, 17, 34 };

	small_put32(table, 0xfffffff1);
	table[6] = 1;
	table[7] = 8;
	small_put64(table + 8, 3);
	small_put64(table + 24, SMALL_TEXT);
	small_put64(table + 32, 0x100);
	small_put64(table + 64, 0x200);
	memcpy(table + 0x100, names, sizeof(names));
	for (uint32_t i = 0; i < 3; i++) {
		small_put32(table + 0x200 + 8 * i, 0x40 * i);
		small_put32(table + 0x200 + 8 * i + 4, 0x40 + 16 * i);
		small_put32(table + 0x240 + 16 * i, 0x40 * i);
		small_put32(table + 0x240 + 16 * i + 4, places[i]);
	}
	small_put32(table + 0x200 + 24, 0xc0);
}

static inline void small_sections(uint8_t *file)
{
	static const char strings[] = "\0.go.buildinfo\0.symtab\0.strtab\0runtime.allm\0runtime.text";
	Elf64_Sym symbols[3] = {
		{0			      },
		{             .st_name = 31, .st_value = SMALL_DATA + 0x800, .st_size = 8 },
		{ .st_name = 44,                  .st_value = SMALL_TEXT }
	};
	Elf64_Shdr headers[4] = {
		{0			 },
		{ .sh_name = 1,  .sh_type = SHT_PROGBITS, .sh_offset = SMALL_INFO, .sh_size = 0x60 },
		{          .sh_name = 15,
                 .sh_type = SHT_SYMTAB,
                 .sh_offset = SMALL_SYMBOLS,
                 .sh_size = sizeof(symbols),
                 .sh_link = 3,
                 .sh_entsize = sizeof(symbols[0]) },
		{                 .sh_name = 23,            .sh_type = SHT_STRTAB,                                  .sh_offset = SMALL_STRINGS, .sh_size = sizeof(strings) },
	};

	memcpy(file + SMALL_SYMBOLS, symbols, sizeof(symbols));
	memcpy(file + SMALL_STRINGS, strings, sizeof(strings));
	memcpy(file + SMALL_HEADERS, headers, sizeof(headers));
}

static inline void small_make(uint8_t file[SMALL_SIZE])
{
	static const char version[] = "go1.24.4", settings[] = "path\tx\nbuild\tCGO_ENABLED=0\n";
	Elf64_Ehdr header = { .e_type = ET_EXEC,
			      .e_machine = EM_X86_64,
			      .e_version = EV_CURRENT,
			      .e_phoff = 64,
			      .e_shoff = SMALL_HEADERS,
			      .e_ehsize = 64,
			      .e_phentsize = 56,
			      .e_phnum = 3,
			      .e_shentsize = 64,
			      .e_shnum = 4,
			      .e_shstrndx = 3 };
	Elf64_Phdr segments[3] = {
		{.p_type = PT_LOAD,
                 .p_flags = PF_R | PF_X,
                 .p_offset = 0x800,
                 .p_vaddr = SMALL_TEXT,
                 .p_filesz = 0x100,
                 .p_memsz = 0x100 },
		{ .p_type = PT_LOAD,
                 .p_flags = PF_R,
                 .p_offset = 0x1000,
                 .p_vaddr = SMALL_TABLE,
                 .p_filesz = 0x400,
                 .p_memsz = 0x400 },
		{ .p_type = PT_LOAD,
                 .p_flags = PF_R | PF_W,
                 .p_offset = SMALL_INFO,
                 .p_vaddr = SMALL_DATA,
                 .p_filesz = 0x1000,
                 .p_memsz = 0x2000},
	};
	uint8_t *info = file + SMALL_INFO;

	memset(file, 0, SMALL_SIZE);
	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	header.e_ident[EI_VERSION] = EV_CURRENT;
	memcpy(file, &header, sizeof(header));
	memcpy(file + 64, segments, sizeof(segments));
	small_code(file + 0x800);
	small_table(file + 0x1000);
	memcpy(info, "\xff Go buildinf:", 14);
	info[14] = 8;
	info[15] = 2;
	info[32] = sizeof(version) - 1;
	memcpy(info + 33, version, sizeof(version) - 1);
	info[32 + sizeof(version)] = sizeof(settings) - 1;
	memcpy(info + 33 + sizeof(version), settings, sizeof(settings) - 1);
	small_sections(file);
}

/* A file with these bytes that has no name. */
static inline int small_file(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("go", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		return -1;
	return fd;
}

#endif
