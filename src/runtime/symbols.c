/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a process and an address. Goes out: a name, or that there is none. Files are opened through /proc/PID/map_files
 * or /proc/PID/root, so that those of another mount namespace, and deleted ones, are the right ones. No network: a
 * debuginfod server is never asked.
 */
#include "runtime/symbols.h"
#include "base/alloc.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYMBOL_NAME_MAX 4096
#define PROCESSES_MAX   64U /* whose tables are kept; the one longest not asked about goes */
#define MODULES_MAX     4096U

struct process {
	uint32_t tgid;
	uint32_t epoch; /* of the last reading of its maps */
	uint64_t used;
	Dwfl *dwfl; /* NULL: its maps could not be read */
};

struct symbols {
	struct process processes[PROCESSES_MAX];
	uint32_t count, epoch;
	uint64_t clock;
	char name[SYMBOL_NAME_MAX];
};

/* All modules are reported with an open file: there is nothing to find but debug files. */
static int find_no_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, char **file, Elf **elf)
{
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_no_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
};

struct symbols *symbols_new(void)
{
	struct symbols *symbols = xcalloc(1, sizeof(*symbols));

	symbols->epoch = 1;
	unsetenv("DEBUGINFOD_URLS"); /* elfutils would ask that server for what is not installed */
	return symbols;
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	for (uint32_t i = 0; i < symbols->count; i++)
		dwfl_end(symbols->processes[i].dwfl);
	free(symbols);
}

void symbols_refresh(struct symbols *symbols)
{
	symbols->epoch++;
}

void symbols_forget(struct symbols *symbols, uint32_t tgid)
{
	for (uint32_t i = 0; i < symbols->count; i++) {
		if (symbols->processes[i].tgid != tgid)
			continue;
		dwfl_end(symbols->processes[i].dwfl);
		symbols->processes[i] = symbols->processes[--symbols->count];
		return;
	}
}

struct mapping { /* a line of /proc/PID/maps (proc_pid_maps(5)) */
	uint64_t start, end, offset, inode;
	char *path; /* into the line */
};

static bool mapping_parse(char *line, struct mapping *ret_mapping)
{
	int path_at = 0;

	line[strcspn(line, "\n")] = 0;
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %" SCNx64 " %*x:%*x %" SCNu64 " %n", &ret_mapping->start,
		   &ret_mapping->end, &ret_mapping->offset, &ret_mapping->inode, &path_at) != 4)
		return false;
	ret_mapping->path = line + path_at;
	return path_at > 0;
}

static int mapping_open(uint32_t tgid, const struct mapping *mapping)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/map_files/%" PRIx64 "-%" PRIx64, tgid, mapping->start, mapping->end);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	/* opening map_files needs CAP_CHECKPOINT_RESTORE; a device must not be opened by name */
	if ((size_t)snprintf(path, sizeof(path), "/proc/%u/root%s", tgid, mapping->path) >= sizeof(path))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Where an ELF file whose part at `offset` is mapped at `start` has its address 0; false where it is none, or not mapped so. */
static bool load_bias(int fd, const struct mapping *mapping, uint64_t *ret_base)
{
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	bool found = false;
	size_t count = 0;

	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &count))
		count = 0;
	for (size_t i = 0; i < count && !found; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD)
			continue;
		found = (header.p_offset & ~(page - 1)) == mapping->offset;
		*ret_base = mapping->start - (header.p_vaddr & ~(page - 1));
	}
	elf_end(elf);
	return found;
}

static void report_mapping(Dwfl *dwfl, uint32_t tgid, const struct mapping *mapping)
{
	const char *slash = strrchr(mapping->path, '/');
	int fd = mapping_open(tgid, mapping);
	uint64_t base;

	if (fd < 0)
		return;
	if (load_bias(fd, mapping, &base) &&
	    dwfl_report_elf(dwfl, slash ? slash + 1 : mapping->path, mapping->path, fd, base, true))
		return; /* the file is libdw's now */
	close(fd);
}

static bool read_maps(Dwfl *dwfl, uint32_t tgid)
{
	uint64_t last_inode = 0, last_end = 0;
	unsigned int modules = 0;
	char *line = NULL;
	size_t size = 0;
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/maps", tgid);
	file = fopen(path, "re");
	if (!file)
		return false;
	dwfl_report_begin(dwfl);
	while (getline(&line, &size, file) > 0 && modules < MODULES_MAX) {
		struct mapping mapping;

		if (!mapping_parse(line, &mapping))
			continue;
		if (!strcmp(mapping.path, "[vdso]")) /* the kernel's page of calls that are none; in no file */
			dwfl_report_module(dwfl, mapping.path, mapping.start, mapping.end);
		if (!mapping.inode || mapping.path[0] != '/')
			continue;
		if (mapping.inode != last_inode || mapping.start > last_end) { /* not the next piece of the same file */
			report_mapping(dwfl, tgid, &mapping);
			modules++;
		}
		last_inode = mapping.inode;
		last_end = mapping.end;
	}
	dwfl_report_end(dwfl, NULL, NULL);
	free(line);
	fclose(file);
	return true;
}

static void load(struct symbols *symbols, struct process *process)
{
	dwfl_end(process->dwfl);
	process->epoch = symbols->epoch;
	process->dwfl = dwfl_begin(&callbacks);
	if (process->dwfl && !read_maps(process->dwfl, process->tgid)) {
		dwfl_end(process->dwfl);
		process->dwfl = NULL;
	}
}

static struct process *find_process(struct symbols *symbols, uint32_t tgid)
{
	struct process *process = NULL;

	for (uint32_t i = 0; i < symbols->count; i++) {
		struct process *one = &symbols->processes[i];

		if (one->tgid == tgid)
			return one;
		if (!process || one->used < process->used)
			process = one;
	}
	if (symbols->count < PROCESSES_MAX)
		process = &symbols->processes[symbols->count++];
	else
		dwfl_end(process->dwfl);
	*process = (struct process){ .tgid = tgid };
	load(symbols, process);
	return process;
}

/* Without the version that a symbol of a shared library may have: clock_gettime@@GLIBC_2.17. */
static const char *plain_name(struct symbols *symbols, const char *name)
{
	size_t length = strcspn(name, "@");

	if (!name[length])
		return name;
	if (length >= sizeof(symbols->name))
		length = sizeof(symbols->name) - 1;
	memcpy(symbols->name, name, length);
	symbols->name[length] = 0;
	return symbols->name;
}

bool symbols_find(struct symbols *symbols, uint32_t tgid, uint64_t address, struct symbol *ret_symbol)
{
	struct process *process = find_process(symbols, tgid);
	Dwfl_Module *module = process->dwfl ? dwfl_addrmodule(process->dwfl, address) : NULL;
	Dwarf_Addr base = 0, end = 0;
	GElf_Off offset = 0;
	GElf_Sym sym;

	*ret_symbol = (struct symbol){ 0 };
	process->used = ++symbols->clock;
	if (!module && process->epoch != symbols->epoch) {
		load(symbols, process);
		module = process->dwfl ? dwfl_addrmodule(process->dwfl, address) : NULL;
	}
	if (!module)
		return process->dwfl != NULL;
	ret_symbol->module = dwfl_module_info(module, NULL, &base, &end, NULL, NULL, NULL, NULL);
	if (address >= end) { /* libdw counts what lies behind the last module as part of it */
		ret_symbol->module = NULL;
		return true;
	}
	ret_symbol->name = dwfl_module_addrinfo(module, address, &offset, &sym, NULL, NULL, NULL);
	if (ret_symbol->name && sym.st_size && offset >= sym.st_size)
		ret_symbol->name = NULL; /* the nearest before it, which does not cover it */
	if (ret_symbol->name)
		ret_symbol->name = plain_name(symbols, ret_symbol->name);
	ret_symbol->offset = ret_symbol->name ? offset : address - base;
	return true;
}
