/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of addresses in living processes: functions and objects, from the symbol tables of the files that a process has
 * mapped (and their separate debug files, where those are installed), through libdw. Asked while recording; what it says
 * goes into the trace, so that no analysis needs the process or its files.
 */
#ifndef ROTA_RUNTIME_SYMBOLS_H
#define ROTA_RUNTIME_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

struct symbol {
	const char *name; /* as in the file: C++ and Rust names are mangled; NULL where no symbol covers the address */
	const char *module; /* last part of the mapped file's path; NULL where no file is mapped there */
	uint64_t offset;    /* from the beginning of the symbol; of the module, where there is no symbol */
};

struct symbols;
struct symbols *symbols_new(void);
void symbols_free(struct symbols *symbols);
/*
 * What lies at `address` in process tgid. The strings live until the next call on `symbols`. A process whose maps cannot be
 * read (ended, not allowed) has no names: both are NULL then, and false is returned. Maps are read when a process is first
 * asked about, and again when an address lies in no file known, at most once between two symbols_refresh().
 */
bool symbols_find(struct symbols *symbols, uint32_t tgid, uint64_t address, struct symbol *ret_symbol);
/* Time has passed: maps may be read again. */
void symbols_refresh(struct symbols *symbols);
/* The process executes another program from now on, or has ended. */
void symbols_forget(struct symbols *symbols, uint32_t tgid);

#endif
