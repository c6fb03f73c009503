/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the files behind runtime/go.h share: one Go process, and where its runtime's variables are. Private to this room. */
#ifndef ROTA_RUNTIME_GO_PROCESS_H
#define ROTA_RUNTIME_GO_PROCESS_H

#include "runtime/go.h"
#include "runtime/go_image.h"
#include "runtime/memory.h"

#define GO_PS_MAX 4096U  /* GOMAXPROCS; Go itself had a limit of 1,024 until 1.10, and has none since */
#define GO_MS_MAX 10000U /* sched.maxmcount, unless debug.SetMaxThreads raises it */
#define GO_GS_MAX (1ULL << 26)

struct go_places {             /* addresses in the process; 0: not found */
	uint64_t allgs;        /* a slice of *g */
	uint64_t allm;         /* *m, the newest; linked by m.alllink */
	uint64_t allp;         /* a slice of *p */
	uint64_t sched;        /* schedt */
	uint64_t gcphase;      /* u32, 0: it does not collect */
	uint64_t wait_reasons; /* an array of strings */
};

struct go_process {
	uint32_t tgid;
	char root[64];
	struct memory memory;
	struct go_image *image;
	uint64_t bias, text; /* what the loader added to addresses; where functions begin, in the file's addresses */
	struct go_layout layout;
	struct go_places places;
	struct go_facts facts;
	char reason[GO_NAME_SIZE];
};

/* Finds the places: by symbol, or by their structure. 0; -EAGAIN: nothing is there yet; -ENODATA with a sentence. */
int go_locate(struct go_process *process, char why[GO_WHY_SIZE]);

/* A Go slice's first element and length; 0 or -errno; -EBADMSG where the length is above `most`, or it has no elements. */
int go_slice(const struct memory *memory, uint64_t address, uint64_t most, uint64_t *ret_first, uint64_t *ret_length);

/* Follows allm: addresses of at most `most` Ms, newest first. The count, or -errno; -EBADMSG: it is no such list. */
int go_ms(const struct go_process *process, uint64_t *ret_ms, uint32_t most);

/* GOMAXPROCS as it was just read: who set it is asked again where it has changed. */
void go_renew(struct go_process *process, uint32_t gomaxprocs);

/* The ids of the process's threads in its own pid namespace, ascending; the caller frees them. The count, or -errno. */
int go_threads(const struct go_process *process, uint32_t **ret_tids);

#endif
