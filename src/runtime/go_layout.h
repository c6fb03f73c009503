/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the Go runtime keeps things inside its structures: byte offsets in g, m, p and schedt. The table has them by version
 * for 64-bit machines, Go 1.19 to 1.27; a binary's own DWARF, asked for the same members, goes before it.
 */
#ifndef ROTA_RUNTIME_GO_LAYOUT_H
#define ROTA_RUNTIME_GO_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GO_NO_OFFSET 0xffffU /* this version has no such member */

struct go_layout {
	int32_t tls_offset; /* x86-64: from a thread's fs base to where its g is */
	uint16_t minor;     /* 24 of go1.24 */
	uint16_t g_size, g_stack_lo, g_stack_hi, g_m, g_atomicstatus, g_goid, g_startpc, g_waitreason, g_lockedm;
	uint16_t m_size, m_g0, m_procid, m_curg, m_p, m_oldp, m_id, m_lockedg, m_incgo, m_spinning, m_alllink,
		m_syscalltick;
	uint16_t p_size, p_id, p_status, p_m, p_mcache, p_syscalltick, p_runqhead, p_runqtail, p_runnext, p_gfree_n,
		p_gfree_size, p_gc_assist_time;
	uint16_t sched_size, sched_nmidle, sched_nmidlelocked, sched_mnext, sched_maxmcount, sched_nmfreed, sched_ngsys,
		sched_npidle, sched_nmspinning, sched_runqsize, sched_runq_size, sched_gfree_n, sched_gfree_stack_size,
		sched_gfree_nostack_size, sched_gcwaiting, sched_time_to_run, sched_total_mutex_wait,
		sched_custom_gomaxprocs, sched_ngsyscall_no_p;
};

#define GO_MINOR_FIRST 19U
#define GO_MINORS      9U

struct go_member {
	const char *path; /* as DWARF names it behind "runtime.": "m", its size; "m.curg"; "schedt.gFree.n" */
	uint16_t at;      /* offset of its uint16_t in struct go_layout */
	uint16_t offset[GO_MINORS];
};
extern const struct go_member go_members[];
extern const size_t go_member_count;

/* 24 of "go1.24.4", "go1.24-devel…"; 0 where it is none of that form. */
unsigned int go_minor_of(const char *version);
/* Fills everything but tls_offset from the table. False where the version is not in it. */
bool go_layout_of_version(const char *version, struct go_layout *ret_layout);

static inline uint16_t *go_layout_member(struct go_layout *layout, const struct go_member *member)
{
	return (uint16_t *)((char *)layout + member->at);
}

#endif
