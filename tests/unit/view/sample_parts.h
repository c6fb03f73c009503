/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts that the sample summaries are made of: a topology, levels, an empty summary, and how they are freed. */
#ifndef TESTS_UNIT_VIEW_SAMPLE_PARTS_H
#define TESTS_UNIT_VIEW_SAMPLE_PARTS_H

#include "base/alloc.h"
#include "base/histogram.h"
#include "rota/summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS          1000000ULL
#define COUNT_OF(x) (sizeof(x) / sizeof((x)[0]))

/* --- machines --- */

/* Each package is one NUMA node with one L3; siblings are as many cpus apart as there are cores, as on x86 servers. */
static inline struct rota_topology *sample_topology(uint32_t packages, uint32_t cores_each, uint32_t smt)
{
	struct rota_topology *topology = xcalloc(1, sizeof(*topology));
	uint32_t cores = packages * cores_each;

	topology->cpu_count = topology->online_count = cores * smt;
	topology->core_count = cores;
	topology->llc_count = topology->node_count = topology->package_count = packages;
	topology->smt = smt;
	topology->cpus = xcalloc(topology->cpu_count, sizeof(*topology->cpus));
	topology->cores = xcalloc(cores, sizeof(*topology->cores));
	for (uint32_t core = 0; core < cores; core++) {
		struct rota_core_info *info = &topology->cores[core];
		uint32_t package = core / cores_each;

		*info = (struct rota_core_info){
			.package = package, .llc = package, .node = package, .cpu_count = smt
		};
		info->cpus = xcalloc(smt, sizeof(*info->cpus));
		for (uint32_t k = 0; k < smt; k++) {
			info->cpus[k] = core + k * cores;
			topology->cpus[info->cpus[k]] = (struct rota_cpu_info){ .present = true,
										.online = true,
										.allowed = true,
										.core = core,
										.llc = package,
										.node = package,
										.package = package };
		}
	}
	return topology;
}

static inline void sample_topology_free(struct rota_topology *topology)
{
	for (uint32_t i = 0; topology && i < topology->core_count; i++)
		free(topology->cores[i].cpus);
	if (topology) {
		free(topology->cores);
		free(topology->cpus);
	}
	free(topology);
}

static inline void sample_levels_free(struct rota_levels *levels)
{
	free(levels->ns);
}

static inline void sample_looked_free(struct rota_looked_at *looked)
{
	free(looked->levels);
}

/* All but names: those of the samples are literals, or in texts[]. */
static inline void sample_go_free(struct rota_go *go)
{
	for (uint32_t i = 0; i < go->runtime_count; i++) {
		struct rota_runtime *runtime = &go->runtimes[i];

		sample_looked_free(&runtime->in_progress);
		sample_looked_free(&runtime->demand);
		sample_looked_free(&runtime->running);
		sample_looked_free(&runtime->p_busy);
		sample_looked_free(&runtime->m_count);
		sample_looked_free(&runtime->m_spinning);
		histogram_fini(&runtime->latency);
	}
	sample_looked_free(&go->in_progress);
	sample_looked_free(&go->demand);
	sample_looked_free(&go->running);
	sample_looked_free(&go->p_busy);
	sample_looked_free(&go->gomaxprocs);
	for (uint32_t i = 0; i < go->text_count; i++)
		free(go->texts[i]);
	free(go->texts);
	free(go->runtimes);
	free(go->goroutines);
	free(go->functions);
	free(go->populations);
	*go = (struct rota_go){ 0 };
}

static inline void sample_free(struct rota_summary *summary)
{
	for (uint32_t i = 0; i < summary->thread_count; i++) {
		free(summary->threads[i].blocked);
		free(summary->threads[i].cpus);
	}
	for (uint32_t i = 0; i < summary->core_count; i++)
		free(summary->cores[i].level_ns);
	for (uint32_t i = 0; i < summary->note_count; i++)
		free(summary->notes[i]);
	free(summary->identity.target_kind);
	free(summary->identity.target_description);
	free(summary->identity.host_name);
	free(summary->identity.kernel);
	free(summary->identity.arch);
	free(summary->identity.start_time);
	free(summary->identity.rota_version);
	sample_levels_free(&summary->in_progress);
	sample_levels_free(&summary->demand);
	sample_levels_free(&summary->parallelism);
	sample_levels_free(&summary->core_parallelism);
	sample_levels_free(&summary->llc_parallelism);
	sample_levels_free(&summary->package_parallelism);
	histogram_fini(&summary->runqueue.histogram);
	sample_go_free(&summary->go);
	free(summary->lost_cpus);
	free(summary->verdict.by_second);
	free(summary->blocked);
	free(summary->locks);
	free(summary->threads);
	free(summary->processes);
	free(summary->cpus);
	free(summary->cores);
	free(summary->longest_waits);
	free(summary->waited_for);
	free(summary->neighbours);
	free(summary->wakeups);
	free(summary->strip.slots);
	free(summary->notes);
	sample_topology_free((struct rota_topology *)summary->topology);
	free(summary);
}

/* --- pieces --- */

struct sample_level {
	uint32_t level;
	uint64_t ms;
};

/* Levels from pairs; what is derived is derived here, from the definition. */
static inline struct rota_levels sample_levels(const struct sample_level *pairs, size_t count, uint64_t unknown_ms)
{
	struct rota_levels levels = { .unknown_ns = unknown_ms * MS };
	double weighted = 0, known = 0;

	levels.max = pairs[count - 1].level;
	levels.level_count = levels.max + 1;
	levels.ns = xcalloc(levels.level_count, sizeof(*levels.ns));
	for (size_t i = 0; i < count; i++) {
		levels.ns[pairs[i].level] += pairs[i].ms * MS;
		weighted += (double)pairs[i].level * (double)pairs[i].ms;
		known += (double)pairs[i].ms;
		levels.active_ns += pairs[i].level ? pairs[i].ms * MS : 0;
	}
	levels.mean = known > 0 ? weighted / known : 0;
	levels.mean_active = levels.active_ns ? weighted * (double)MS / (double)levels.active_ns : 0;
	return levels;
}
#define SAMPLE_LEVELS(unknown_ms, ...)                                                                                 \
	sample_levels((const struct sample_level[]){ __VA_ARGS__ },                                                    \
		      COUNT_OF(((const struct sample_level[]){ __VA_ARGS__ })), unknown_ms)

static inline struct rota_summary *sample_new(struct rota_topology *topology, uint64_t window_ms)
{
	struct rota_summary *summary = xcalloc(1, sizeof(*summary));

	summary->identity.target_kind = xstrdup("process");
	summary->identity.target_description = xstrdup("checkout[4711]");
	summary->identity.host_name = xstrdup("shop-3");
	summary->identity.kernel = xstrdup("6.18.0");
	summary->identity.arch = xstrdup("x86_64");
	summary->identity.start_time = xstrdup("2026-03-01T12:00:00+01:00");
	summary->identity.rota_version = xstrdup("0.1.0");
	summary->start_ns = 5000000000000123ULL;
	summary->end_ns = summary->start_ns + window_ms * MS;
	summary->topology = topology;
	summary->coverage = 1;
	summary->overhead_bpf_known = true;
	if (!topology)
		return summary;
	summary->smt_present = topology->smt > 1;
	summary->cpu_count = topology->cpu_count;
	summary->cpus = xcalloc(topology->cpu_count, sizeof(*summary->cpus));
	summary->core_count = topology->core_count;
	summary->cores = xcalloc(topology->core_count, sizeof(*summary->cores));
	for (uint32_t i = 0; i < summary->cpu_count; i++)
		summary->cpus[i] = (struct rota_cpu_summary){ .cpu = i, .steal_known = true };
	for (uint32_t i = 0; i < summary->core_count; i++) {
		struct rota_core_summary *core = &summary->cores[i];

		core->core = i;
		core->package = topology->cores[i].package;
		core->level_count = topology->cores[i].cpu_count + 1;
		core->level_ns = xcalloc(core->level_count, sizeof(*core->level_ns));
	}
	return summary;
}

static inline void sample_note(struct rota_summary *summary, const char *note)
{
	summary->notes = xreallocarray(summary->notes, summary->note_count + 1U, sizeof(*summary->notes));
	summary->notes[summary->note_count++] = xstrdup(note);
}

static inline void sample_waits_of(struct rota_runqueue *queue, uint8_t cause, uint64_t count, uint64_t each_ns)
{
	for (uint64_t i = 0; i < count; i++)
		histogram_add(&queue->histogram, each_ns);
	queue->cause_count[cause] += count;
	queue->cause_ns[cause] += count * each_ns;
	queue->count += count;
	queue->ns += count * each_ns;
}

#endif
