/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the Go runtime keeps things inside its structures: byte offsets in g, m, p and schedt, by version. The table holds
 * Go 1.19 to 1.27 on 64-bit machines (from DWARF of the releases; runtime/runtime2.go); a binary's own DWARF goes before it.
 */
#ifndef ROTA_RUNTIME_GO_LAYOUT_H
#define ROTA_RUNTIME_GO_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#define GO_NO_OFFSET 0xffffU /* this version has no such member */

struct go_layout {
	int32_t tls_offset; /* x86-64: from a thread's fs base to where its g is */
	uint16_t minor;     /* 24 of go1.24 */
	uint16_t g_size, g_stack_lo, g_stack_hi, g_m, g_atomicstatus, g_goid, g_startpc, g_gopc, g_waitreason,
		g_lockedm;
	uint16_t m_size, m_g0, m_gsignal, m_procid, m_tls, m_curg, m_p, m_oldp, m_id, m_lockedg, m_incgo, m_ncgo,
		m_spinning, m_blocked, m_alllink, m_schedlink, m_syscalltick;
	uint16_t p_size, p_id, p_status, p_m, p_syscalltick, p_runqhead, p_runqtail, p_runnext, p_gfree_n,
		p_gc_assist_time;
	uint16_t sched_size, sched_midle, sched_nmidle, sched_nmidlelocked, sched_mnext, sched_maxmcount, sched_nmsys,
		sched_nmfreed, sched_ngsys, sched_npidle, sched_nmspinning, sched_runqsize, sched_gfree_n,
		sched_gcwaiting, sched_time_to_run, sched_total_mutex_wait, sched_custom_gomaxprocs,
		sched_ngsyscall_no_p;
};

/* Fills everything but tls_offset from the table. False where the version is not in it. `version`: "go1.24.4", "devel …". */
bool go_layout_of_version(const char *version, struct go_layout *ret_layout);

#endif
