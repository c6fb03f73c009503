/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: a summary. Goes out: nothing, or a note more. */
#include "metric/summary.h"
#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_identity(struct rota_identity *identity)
{
	free(identity->target_kind);
	free(identity->target_description);
	free(identity->host_name);
	free(identity->kernel);
	free(identity->arch);
	free(identity->start_time);
	free(identity->rota_version);
}

static void free_levels(struct rota_summary *summary)
{
	free(summary->in_progress.ns);
	free(summary->demand.ns);
	free(summary->parallelism.ns);
	free(summary->core_parallelism.ns);
	free(summary->llc_parallelism.ns);
	free(summary->package_parallelism.ns);
}

static void free_go(struct rota_go *go)
{
	struct rota_looked_at *sums[] = { &go->in_progress, &go->demand, &go->running, &go->p_busy, &go->gomaxprocs };

	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		free(sums[i]->levels);
	for (uint32_t i = 0; i < go->runtime_count; i++) {
		struct rota_runtime *runtime = &go->runtimes[i];

		free(runtime->in_progress.levels);
		free(runtime->demand.levels);
		free(runtime->running.levels);
		free(runtime->p_busy.levels);
		free(runtime->m_count.levels);
		free(runtime->m_spinning.levels);
		free(runtime->latency.buckets);
	}
	for (uint32_t i = 0; i < go->text_count; i++)
		free(go->texts[i]);
	free(go->runtimes);
	free(go->goroutines);
	free(go->functions);
	free(go->populations);
	free(go->texts);
}

void rota_summary_free(struct rota_summary *summary)
{
	if (!summary)
		return;
	free_identity(&summary->identity);
	free_levels(summary);
	free_go(&summary->go);
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		free(summary->threads[i].runqueue.histogram.buckets);
		free(summary->threads[i].blocked);
		free(summary->threads[i].cpus);
	}
	for (uint32_t i = 0; i < summary->core_count; i++)
		free(summary->cores[i].level_ns);
	for (uint32_t i = 0; i < summary->note_count; i++)
		free(summary->notes[i]);
	free(summary->lost_cpus);
	free(summary->runqueue.histogram.buckets);
	free(summary->threads);
	free(summary->processes);
	free(summary->cpus);
	free(summary->cores);
	free(summary->longest_waits);
	free(summary->waited_for);
	free(summary->neighbours);
	free(summary->wakeups);
	free(summary->blocked);
	free(summary->locks);
	for (uint32_t i = 0; i < summary->quota_count; i++)
		free(summary->quotas[i].cgroup);
	free(summary->quotas);
	free(summary->syscalls);
	free(summary->syscall_totals);
	free(summary->verdict.by_second);
	free(summary->strip.slots);
	free(summary->notes);
	free(summary);
}

void rota_summary_note(struct rota_summary *summary, const char *format, ...)
{
	va_list arguments;
	char text[1024];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (uint32_t i = 0; i < summary->note_count; i++) {
		if (!strcmp(summary->notes[i], text))
			return;
	}
	summary->notes = xreallocarray(summary->notes, summary->note_count + 1, sizeof(*summary->notes));
	summary->notes[summary->note_count++] = xstrdup(text);
}
