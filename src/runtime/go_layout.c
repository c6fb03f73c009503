/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: a version. Goes out: offsets. From the DWARF of Go's releases for linux/amd64 (runtime/runtime2.go), one column a
 * minor version; 1.25 was computed from its source. The same on arm64: no member depends on the machine.
 */
#include "runtime/go_layout.h"

#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct go_layout, member)
#define N          GO_NO_OFFSET

/* clang-format off */
/* 1.19, 1.20 … 1.27 */
const struct go_member go_members[] = {
	{ "g", AT(g_size), { 392, 392, 408, 424, 432, 440, 440, 456, 456 } },
	{ "g.stack.lo", AT(g_stack_lo), { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "g.stack.hi", AT(g_stack_hi), { 8, 8, 8, 8, 8, 8, 8, 8, 8 } },
	{ "g.m", AT(g_m), { 48, 48, 48, 48, 48, 48, 48, 48, 48 } },
	{ "g.atomicstatus", AT(g_atomicstatus), { 144, 144, 144, 144, 152, 152, 144, 144, 144 } },
	{ "g.goid", AT(g_goid), { 152, 152, 152, 152, 160, 160, 152, 152, 152 } },
	{ "g.startpc", AT(g_startpc), { 312, 312, 296, 296, 304, 304, 296, 304, 304 } },
	{ "g.waitreason", AT(g_waitreason), { 176, 176, 176, 176, 184, 184, 176, 176, 176 } },
	{ "g.lockedm", AT(g_lockedm), { 232, 232, 208, 208, 216, 216, 208, 208, 208 } },
	{ "m", AT(m_size), { 1008, 1000, 1008, 2024, 1760, 1808, 1792, 1824, 1824 } },
	{ "m.g0", AT(m_g0), { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "m.procid", AT(m_procid), { 72, 72, 72, 72, 72, 72, 64, 64, 64 } },
	{ "m.curg", AT(m_curg), { 192, 192, 192, 192, 192, 192, 184, 184, 184 } },
	{ "m.p", AT(m_p), { 208, 208, 208, 208, 208, 208, 200, 208, 208 } },
	{ "m.oldp", AT(m_oldp), { 224, 224, 224, 224, 224, 224, 216, 224, 224 } },
	{ "m.id", AT(m_id), { 232, 232, 232, 232, 232, 232, 224, 232, 232 } },
	{ "m.lockedg", AT(m_lockedg), { 352, 352, 352, 344, 344, 344, 360, 384, 384 } },
	{ "m.incgo", AT(m_incgo), { 280, 280, 280, 280, 280, 280, 272, 280, 280 } },
	{ "m.spinning", AT(m_spinning), { 276, 276, 276, 276, 276, 276, 268, 276, 276 } },
	{ "m.alllink", AT(m_alllink), { 336, 336, 336, 328, 328, 328, 344, 352, 352 } },
	{ "m.syscalltick", AT(m_syscalltick), { 668, 668, 664, 952, 740, 740, 756, 788, 788 } },
	{ "p", AT(p_size), { 8912, 8897, 8905, 8944, 8944, 8952, 9520, 15920, 11664 } },
	{ "p.id", AT(p_id), { 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "p.status", AT(p_status), { 4, 4, 4, 4, 4, 4, 4, 4, 4 } },
	{ "p.m", AT(p_m), { 56, 56, 56, 56, 48, 48, 48, 48, 48 } },
	{ "p.mcache", AT(p_mcache), { 64, 64, 64, 64, 56, 56, 56, 56, 56 } },
	{ "p.syscalltick", AT(p_syscalltick), { 20, 20, 20, 20, 20, 20, 20, 20, 20 } },
	{ "p.runqhead", AT(p_runqhead), { 400, 400, 400, 400, 392, 392, 392, 400, 400 } },
	{ "p.runqtail", AT(p_runqtail), { 404, 404, 404, 404, 396, 396, 396, 404, 404 } },
	{ "p.runnext", AT(p_runnext), { 2456, 2456, 2456, 2456, 2448, 2448, 2448, 2456, 2456 } },
	{ "p.gFree.n", AT(p_gfree_n), { 2472, 2472, 2472, 2472, 2464, 2464, N, N, N } },
	{ "p.gFree.size", AT(p_gfree_size), { N, N, N, N, N, N, 2464, 2472, 2472 } },
	{ "p.gcAssistTime", AT(p_gc_assist_time), { 4632, 4624, 4632, 4664, 4640, 4640, 4640, 4648, 4648 } },
	{ "schedt", AT(sched_size), { 6080, 1632, 1632, 6824, 6824, 6824, 6856, 6872, 6872 } },
	{ "schedt.nmidle", AT(sched_nmidle), { 40, 40, 40, 40, 40, 40, 48, 64, 64 } },
	{ "schedt.nmidlelocked", AT(sched_nmidlelocked), { 44, 44, 44, 44, 44, 44, 52, 68, 68 } },
	{ "schedt.mnext", AT(sched_mnext), { 48, 48, 48, 48, 48, 48, 56, 72, 72 } },
	{ "schedt.maxmcount", AT(sched_maxmcount), { 56, 56, 56, 56, 56, 56, 64, 80, 80 } },
	{ "schedt.nmfreed", AT(sched_nmfreed), { 64, 64, 64, 64, 64, 64, 72, 88, 88 } },
	{ "schedt.ngsys", AT(sched_ngsys), { 72, 72, 72, 72, 72, 72, 80, 96, 96 } },
	{ "schedt.npidle", AT(sched_npidle), { 88, 88, 88, 88, 88, 88, 96, 112, 112 } },
	{ "schedt.nmspinning", AT(sched_nmspinning), { 92, 92, 92, 92, 92, 92, 100, 116, 116 } },
	{ "schedt.runqsize", AT(sched_runqsize), { 112, 120, 120, 120, 120, 120, N, N, N } },
	{ "schedt.runq.size", AT(sched_runq_size), { N, N, N, N, N, N, 128, 144, 144 } },
	{ "schedt.gFree.n", AT(sched_gfree_n), { 176, 184, 184, 184, 184, 184, N, N, N } },
	{ "schedt.gFree.stack.size", AT(sched_gfree_stack_size), { N, N, N, N, N, N, 184, 200, 200 } },
	{ "schedt.gFree.noStack.size", AT(sched_gfree_nostack_size), { N, N, N, N, N, N, 200, 216, 216 } },
	{ "schedt.gcwaiting", AT(sched_gcwaiting), { 224, 232, 232, 232, 232, 232, 248, 264, 264 } },
	{ "schedt.timeToRun", AT(sched_time_to_run), { 312, 320, 320, 320, 320, 320, 344, 360, 360 } },
	{ "schedt.totalMutexWaitTime", AT(sched_total_mutex_wait), { N, 1624, 1624, 1624, 1624, 1624, 1648, 1664, 1664 } },
	{ "schedt.customGOMAXPROCS", AT(sched_custom_gomaxprocs), { N, N, N, N, N, N, 328, 344, 344 } },
	{ "schedt.nGsyscallNoP", AT(sched_ngsyscall_no_p), { N, N, N, N, N, N, N, 100, 100 } },
};
/* clang-format on */
const size_t go_member_count = sizeof(go_members) / sizeof(go_members[0]);

unsigned int go_minor_of(const char *version)
{
	unsigned long minor;
	char *end;

	if (strncmp(version, "go1.", 4) != 0 || version[4] < '1' || version[4] > '9')
		return 0;
	minor = strtoul(version + 4, &end, 10);
	return minor < 1000 && (*end == 0 || strchr(".- +rb", *end)) ? (unsigned int)minor : 0;
}

bool go_layout_of_version(const char *version, struct go_layout *ret_layout)
{
	unsigned int minor = go_minor_of(version);

	if (minor < GO_MINOR_FIRST || minor >= GO_MINOR_FIRST + GO_MINORS)
		return false;
	memset(ret_layout, 0, sizeof(*ret_layout));
	ret_layout->minor = (uint16_t)minor;
	for (size_t i = 0; i < go_member_count; i++)
		*go_layout_member(ret_layout, &go_members[i]) = go_members[i].offset[minor - GO_MINOR_FIRST];
	return true;
}
