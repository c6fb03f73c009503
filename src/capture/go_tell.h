/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One Go process and what has been told of it: figures are read from it, records go out. */
#ifndef ROTA_CAPTURE_GO_TELL_H
#define ROTA_CAPTURE_GO_TELL_H

#include "capture/drain.h"
#include "capture/goids.h"
#include "capture/text.h"
#include "runtime/go.h"

struct go_entry {
	uint32_t tgid, tries, searches;
	uint64_t due_ns; /* of the next look, while it is not settled */
	bool settled;    /* it is a Go program that is followed or cannot be, or none */
	bool fresh;      /* its program began in our sight: what it has added up belongs to the window */
	bool exact;
	struct go_process *process; /* NULL: not followed */
	struct go_facts facts, told_facts;
	char note[GO_WHY_SIZE];
	struct goids goids; /* those that a GOROUTINE record names */
	bool goids_said;
	uint8_t reasons[GO_WAIT_REASONS / 8]; /* those that a GO_REASON record names */
	uint64_t *latency;                    /* counts as told last; NULL: not read yet */
	uint32_t latency_count;
	uint32_t bad_looks; /* censuses in a row that made no sense */
};

void go_entry_free(struct go_entry *entry);
/* For the kernel side. -ENOTSUP: it cannot read such a layout. */
int go_tell_layout(const struct go_process *process, struct bpf_go *ret_go);
void go_tell_runtime(struct go_entry *entry, struct drain *drain, struct text *text);
/* Only its threads are followed from here on. */
void go_tell_lost(struct go_entry *entry, struct drain *drain, struct text *text, const char *why);
/* It has ended, or executes another program: a census of nothing. */
void go_tell_end(struct go_entry *entry, struct drain *drain);
/* 0; -ESRCH: it has ended; -EBADMSG: what is read there has made no sense for a while. */
int go_tell_census(struct go_entry *entry, struct drain *drain, struct text *text);
/* What it adds up itself. `first`: what it had before does not count, unless it is fresh. */
void go_tell_sums(struct go_entry *entry, struct drain *drain, bool first);
void go_tell_scan(struct go_entry *entry, struct drain *drain, struct text *text, uint64_t budget_ns);
/* What a GO record names, where that has not been told yet. */
void go_tell_chain(struct go_entry *entry, struct drain *drain, struct text *text, const union rota_any_record *record);
void go_tell_goroutine(struct go_entry *entry, struct drain *drain, struct text *text, uint64_t goid,
		       uint64_t start_pc);

#endif
