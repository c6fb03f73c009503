/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of system calls by the tables of libseccomp, which knows those of every architecture whatever it runs on. */
#ifndef ROTA_BASE_SYSCALL_H
#define ROTA_BASE_SYSCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSCALL_NAME_SIZE 24 /* room for any name but a few of long disused calls, which are cut */

/*
 * What call `number` is named on `machine` (uname -m: "x86_64", "aarch64"; NULL: the one this was built for), `compat`: in
 * its table for 32-bit programs. "syscall_470" where the tables do not have it: newer than libseccomp, or no such machine.
 * Returns `out`.
 */
const char *syscall_name(const char *machine, bool compat, uint32_t number, char *out, size_t size);
/* The number of call `name` in that table; -1 where there is none. */
int syscall_number(const char *machine, bool compat, const char *name);

#endif
