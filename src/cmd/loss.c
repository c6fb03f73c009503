/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a summary. Goes out: one warning, and whether --fail-on-loss holds. */
#include "cmd/loss.h"
#include "base/log.h"

#include <inttypes.h>

bool loss_report(const struct rota_summary *summary, bool fail)
{
	if (!summary)
		return false;
	if (summary->lost_records)
		log_warn(
			"%" PRIu64
			" records were lost on %u cpus; %.3g %% of the time is unknown. Larger rings (--ring) or a narrower target help",
			summary->lost_records, summary->lost_cpu_count, 100 * (1 - summary->coverage));
	if (summary->damaged_blocks)
		log_warn("%" PRIu64 " damaged places in the trace; %.3g %% of the time is unknown",
			 summary->damaged_blocks, 100 * (1 - summary->coverage));
	return fail && (summary->lost_records || summary->damaged_blocks);
}
