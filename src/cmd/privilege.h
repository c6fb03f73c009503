/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef ROTA_CMD_PRIVILEGE_H
#define ROTA_CMD_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Once everything is loaded, attached and opened: keeps CAP_BPF and CAP_PERFMON (snapshots and walks ask for them on some
 * kernels) and CAP_KILL (signals to a command that changed its user), those that reading the target's names and memory takes, with
 * `uprobes` CAP_SYS_ADMIN, and gives up every other capability for good.
 */
void privilege_drop(bool uprobes);
/* Makes a file belong to the person who ran sudo. 0 or -errno; 0 where there is no sudo. */
int privilege_give_file(int fd);

#endif
