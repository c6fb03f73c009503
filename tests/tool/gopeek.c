/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * gopeek PID [TIMES]: what src/runtime/go.h says of a process, one JSON line a look, for tests. With TIMES 0 it only opens it. The
 * status is 0, or 1 with the reason on standard output, too.
 */
#include "runtime/go.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(int err, const struct go_facts *facts, const char *why)
{
	printf("{\"error\": \"%s\", \"why\": \"%s\", \"version\": \"%s\"}\n", strerrorname_np(-err), why,
	       facts->version);
	return 1;
}

static void print_facts(struct go_process *process)
{
	const struct go_facts *facts = go_facts(process);
	struct go_probes probes = { 0 };
	char why[GO_WHY_SIZE];

	go_probes(process, &probes, why);
	printf("{\"version\": \"%s\", \"tier\": %u, \"cgo\": %s, \"pie\": %s, \"stripped\": %s, \"gomaxprocs\": %u, "
	       "\"environment\": %u, \"setter\": %u, \"tls\": %d, \"probes\": %s, \"reason_1\": \"%s\", ",
	       facts->version, facts->tier, facts->cgo ? "true" : "false", facts->pie ? "true" : "false",
	       facts->stripped ? "true" : "false", facts->gomaxprocs, facts->environment, facts->setter,
	       go_layout(process)->tls_offset, probes.execute_offset ? "true" : "false", go_wait_reason(process, 1));
}

static int print_look(struct go_process *process)
{
	struct go_latency_bucket *buckets = calloc(GO_LATENCY_BUCKETS, sizeof(*buckets));
	struct go_population *populations = calloc(GO_POPULATIONS, sizeof(*populations));
	uint64_t begin_ns = clock_ns(CLOCK_MONOTONIC), took_ns, waited = 0;
	uint32_t count = 0, kinds = 0;
	struct go_totals totals;
	struct go_census census;
	int err = go_census(process, &census);

	took_ns = clock_ns(CLOCK_MONOTONIC) - begin_ns;
	if (!err)
		err = go_totals(process, &totals);
	if (!err)
		err = go_scan(process, populations, &kinds);
	if (!err && !go_latency(process, buckets, &count))
		for (uint32_t i = 0; i < count; i++)
			waited += buckets[i].count;
	if (!err)
		printf("\"goroutines\": %u, \"system\": %u, \"runnable\": %u, \"running\": %u, \"in_syscall\": %u, "
		       "\"p_idle\": %u, \"p_running\": %u, \"p_syscall\": %u, \"p_stopped\": %u, \"m_count\": %u, "
		       "\"m_idle\": %u, \"m_spinning\": %u, \"m_locked\": %u, \"gc_known\": %s, \"latencies\": %llu, "
		       "\"mutex_wait_ns\": %lld, \"census_ns\": %llu, \"populations\": [",
		       census.goroutines, census.system, census.runnable, census.running, census.in_syscall,
		       census.p_idle, census.p_running, census.p_syscall, census.p_stopped, census.m_count,
		       census.m_idle, census.m_spinning, census.m_locked, census.gc_known ? "true" : "false",
		       (unsigned long long)waited, (long long)totals.mutex_wait_ns, (unsigned long long)took_ns);
	for (uint32_t i = 0; i < kinds && !err; i++)
		printf("%s[%u, \"%s\", %llu]", i ? ", " : "", populations[i].status,
		       populations[i].status == ROTA_GO_G_WAITING ? go_wait_reason(process, populations[i].reason) : "",
		       (unsigned long long)populations[i].count);
	free(buckets);
	free(populations);
	return err;
}

int main(int argc, char **argv)
{
	struct go_process *process;
	struct go_facts facts = { 0 };
	char why[GO_WHY_SIZE] = "";
	int err, status = 0;

	if (argc < 2) {
		fprintf(stderr, "gopeek PID [TIMES]\n");
		return 2;
	}
	err = go_open("", (uint32_t)strtoul(argv[1], NULL, 10), &process, &facts, why);
	if (err)
		return refuse(err, &facts, why);
	for (unsigned long i = argc > 2 ? strtoul(argv[2], NULL, 10) : 1; i && !status; i--) {
		print_facts(process);
		err = print_look(process);
		printf("], \"err\": \"%s\", \"check\": %d}\n", err ? strerrorname_np(-err) : "",
		       go_check(process, why));
		status = err != 0;
	}
	go_close(process);
	return status;
}
