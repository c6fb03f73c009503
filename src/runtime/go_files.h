/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which executables are Go programs: of each file it is asked once, however many processes run it. */
#ifndef ROTA_RUNTIME_GO_FILES_H
#define ROTA_RUNTIME_GO_FILES_H

#include <stdbool.h>
#include <stdint.h>

#define GO_FILES 256U /* files remembered; a power of two */

struct go_files { /* all zero is an empty one */
	struct {
		uint64_t device, inode, changed_ns;
		bool likely;
	} files[GO_FILES];
};

/* Whether the program that process `tgid` runs may be a Go program: 1, 0; -ESRCH: it has ended; other -errno: not allowed to look. */
int go_files_likely(struct go_files *files, const char *root, uint32_t tgid);

#endif
