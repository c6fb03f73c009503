/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Machines that this one is not: tests/golden/topology/NAME.xml as hwloc writes them, NAME.expected as a person reads
 * them. And files that are no machine at all, which must be refused without a crash or a word.
 */
#include "base/cpulist.h"
#include "host/topology.h"
#include "host/topology_rows.h"
#include "unit/canned.h"

#include <errno.h>
#include <fcntl.h>

#define GOLDEN "tests/golden/topology/"

static char *read_golden(const char *name, const char *suffix)
{
	char path[128], *text = calloc(1, 65536);
	FILE *file;

	snprintf(path, sizeof(path), GOLDEN "%s.%s", name, suffix);
	file = fopen(path, "re");
	cr_assert(file, "cannot open %s: run from the top of the tree", path);
	cr_assert_lt(fread(text, 1, 65535, file), 65535);
	fclose(file);
	return text;
}

/* The table as the expected files have it. */
static char *printed(const struct rota_topology *t)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "cpus %u cores %u llcs %u nodes %u packages %u online %u smt %u\n", t->cpu_count, t->core_count,
		t->llc_count, t->node_count, t->package_count, t->online_count, t->smt);
	for (uint32_t cpu = 0; cpu < t->cpu_count; cpu++) {
		const struct rota_cpu_info *info = &t->cpus[cpu];

		if (info->present)
			fprintf(out, "%u core %u llc %u node %u package %u %s\n", cpu, info->core, info->llc,
				info->node, info->package, info->online ? "online" : "offline");
	}
	fclose(out);
	return text;
}

/* What readers of the table rely on, whatever the machine. */
static void expect_consistent(const struct rota_topology *t)
{
	uint32_t on_cores = 0, present = 0;

	for (uint32_t cpu = 0; cpu < t->cpu_count; cpu++) {
		const struct rota_cpu_info *info = &t->cpus[cpu];

		if (!info->present)
			continue;
		present++;
		cr_assert_lt(info->core, t->core_count);
		cr_assert_lt(info->llc, t->llc_count);
		cr_assert_lt(info->node, t->node_count);
		cr_assert_lt(info->package, t->package_count);
	}
	for (uint32_t core = 0; core < t->core_count; core++) {
		const struct rota_core_info *info = &t->cores[core];

		cr_assert_gt(info->cpu_count, 0);
		cr_assert_leq(info->cpu_count, t->smt);
		on_cores += info->cpu_count;
		for (uint32_t i = 0; i < info->cpu_count; i++) {
			const struct rota_cpu_info *cpu = &t->cpus[info->cpus[i]];

			cr_assert(i == 0 || info->cpus[i] > info->cpus[i - 1]);
			cr_assert(cpu->present && cpu->core == core && cpu->llc == info->llc &&
				  cpu->node == info->node && cpu->package == info->package);
		}
	}
	cr_assert_eq(on_cores, present);
}

static void expect_golden(const char *name, const char *offline)
{
	char *xml = read_golden(name, "xml"), *expected = read_golden(name, "expected"), *got;
	struct rota_topology *topology;

	cr_assert_eq(topology_from_xml(xml, offline, &topology), 0, "%s was refused", name);
	expect_consistent(topology);
	got = printed(topology);
	cr_assert_str_eq(got, expected);
	free(got);
	free(xml);
	free(expected);
	topology_free(topology);
}

Test(topology, golden_machines)
{
	static const char *const names[] = {
		"1x4x2", "2x2x2", "1x2x4", "no-smt", "numa-2", "siblings-apart", "hybrid", "holes",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		expect_golden(names[i], i % 2 ? NULL : "");
}

Test(topology, an_offline_cpu_is_a_core_of_its_own)
{
	expect_golden("offline", "5");
}

Test(topology, an_offline_cpu_keeps_the_place_that_is_known)
{
	struct rota_topology *topology;
	char *xml = read_golden("1x4x2", "xml");

	cr_assert_eq(topology_from_xml(xml, "5", &topology), 0);
	expect_consistent(topology);
	cr_assert_eq(topology->core_count, 4);
	cr_assert_eq(topology->online_count, 7);
	cr_assert_not(topology->cpus[5].online);
	cr_assert_eq(topology->cpus[5].core, 2);
	topology_free(topology);
	free(xml);
}

Test(topology, an_offline_cpu_lies_with_its_nearest_neighbour)
{
	struct rota_topology *topology;
	char *xml = read_golden("numa-2", "xml");

	cr_assert_eq(topology_from_xml(xml, "8-9", &topology), 0);
	expect_consistent(topology);
	cr_assert_eq(topology->cpu_count, 10);
	cr_assert_eq(topology->core_count, 6);
	cr_assert_eq(topology->node_count, 2);
	cr_assert_eq(topology->cpus[8].node, topology->cpus[7].node);
	cr_assert_neq(topology->cpus[8].core, topology->cpus[9].core);
	topology_free(topology);
	free(xml);
}

Test(topology, distances)
{
	struct rota_topology *t;
	char *xml = read_golden("2x2x2", "xml");

	cr_assert_eq(topology_from_xml(xml, NULL, &t), 0);
	cr_assert_eq(rota_topology_distance(t, 0, 4), ROTA_SAME_CORE);
	cr_assert_eq(rota_topology_distance(t, 0, 5), ROTA_SAME_LLC);
	cr_assert_eq(rota_topology_distance(t, 0, 6), ROTA_OTHER_PACKAGE);
	t->cpus[6].node = t->cpus[0].node; /* as with memory interleaved over the sockets */
	cr_assert_eq(rota_topology_distance(t, 0, 6), ROTA_OTHER_PACKAGE);
	t->cpus[6].package = t->cpus[0].package;
	cr_assert_eq(rota_topology_distance(t, 0, 6), ROTA_SAME_NODE);
	topology_free(t);
	free(xml);
}

Test(topology, two_sockets_of_64_cores)
{
	struct rota_topology *live, *again;
	char *xml, *first, *second;

	cr_assert_eq(topology_from_synthetic("pack:2 [numa] l3:8 core:8 pu:2", &live, &xml), 0);
	expect_consistent(live);
	cr_assert_eq(live->cpu_count, 256);
	cr_assert_eq(live->online_count, 256);
	cr_assert_eq(live->core_count, 128);
	cr_assert_eq(live->llc_count, 16);
	cr_assert_eq(live->node_count, 2);
	cr_assert_eq(live->package_count, 2);
	cr_assert_eq(live->smt, 2);
	cr_assert_eq(live->cpus[255].core, 127);
	cr_assert_eq(live->cpus[128].package, 1);
	cr_assert_eq(topology_from_xml(xml, "", &again), 0);
	first = printed(live);
	second = printed(again);
	cr_assert_str_eq(first, second);
	free(first);
	free(second);
	free(xml);
	topology_free(live);
	topology_free(again);
}

Test(topology, without_caches_the_package_is_the_llc)
{
	struct rota_topology *topology;

	cr_assert_eq(topology_from_synthetic("pack:3 core:2 pu:1", &topology, NULL), 0);
	expect_consistent(topology);
	cr_assert_eq(topology->llc_count, 3);
	topology_free(topology);
}

Test(topology, without_l3_the_outermost_cache_is_the_llc)
{
	struct rota_topology *topology;

	cr_assert_eq(topology_from_synthetic("pack:1 l2:2 l1d:2 core:1 pu:2", &topology, NULL), 0);
	expect_consistent(topology);
	cr_assert_eq(topology->llc_count, 2);
	cr_assert_eq(topology->core_count, 4);
	topology_free(topology);
}

Test(topology, bad_synthetic_text_is_refused)
{
	struct rota_topology *topology = NULL;

	cr_assert_lt(topology_from_synthetic("pack:x", &topology, NULL), 0);
	cr_assert_null(topology);
}

/* The kernel's own account of this machine, read without hwloc. */
static uint32_t listed(const char *path)
{
	char text[256];
	struct cpulist list;
	FILE *file = fopen(path, "re");

	cr_assert(file && fgets(text, sizeof(text), file), "%s", path);
	fclose(file);
	cr_assert_eq(cpulist_parse(text, &list), 0);
	return cpulist_count(&list);
}

Test(topology, this_machine_live_and_through_xml)
{
	struct rota_topology *live, *again;
	char *xml, *offline, *first, *second;
	uint32_t present = 0;

	cr_assert_eq(topology_read(&live, &xml, &offline), 0);
	expect_consistent(live);
	for (uint32_t cpu = 0; cpu < live->cpu_count; cpu++)
		present += live->cpus[cpu].present;
	cr_assert_eq(live->online_count, listed("/sys/devices/system/cpu/online"));
	cr_assert_eq(present, listed("/sys/devices/system/cpu/present"));
	for (uint32_t cpu = 0; cpu < live->cpu_count; cpu++) {
		char path[96];

		if (!live->cpus[cpu].present || !live->cpus[cpu].online)
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", cpu);
		cr_assert_eq(live->cores[live->cpus[cpu].core].cpu_count, listed(path));
	}
	cr_assert_eq(topology_from_xml(xml, offline, &again), 0);
	first = printed(live);
	second = printed(again);
	cr_assert_str_eq(first, second);
	for (uint32_t cpu = 0; cpu < live->cpu_count; cpu++)
		cr_assert_eq(live->cpus[cpu].allowed, again->cpus[cpu].allowed);
	cr_assert_null(getenv("HWLOC_HIDE_ERRORS"));
	free(first);
	free(second);
	free(xml);
	free(offline);
	topology_free(live);
	topology_free(again);
}

Test(topology, hostile_text_is_refused)
{
	static const char *const texts[] = {
		"",
		"<",
		"hello",
		"<?xml version=\"1.0\"?>",
		"<?xml version=\"1.0\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n<topology version=\"2.0\">\n</topology>\n",
		"<topology version=\"2.0\"><object type=\"PU\" os_index=\"4294967295\" cpuset=\"0x1\"/></topology>",
	};
	char *xml = read_golden("1x4x2", "xml");
	struct rota_topology *topology = NULL;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_assert_eq(topology_from_xml(texts[i], NULL, &topology), -EBADMSG, "text %zu", i);
	cr_assert_eq(topology_from_xml(xml, "0-99999", &topology), -EBADMSG);
	cr_assert_eq(topology_from_xml(xml, "zero", &topology), -EBADMSG);
	cr_assert_eq(topology_from_xml(xml, "0-7", &topology), -EBADMSG, "a machine without a cpu");
	cr_assert_null(topology);
	free(xml);
}

Test(topology, deep_nesting_does_not_kill)
{
	enum { DEPTH = 200000 };
	static const char element[] = "<object type=\"Group\" cpuset=\"0x1\">";
	char *xml = malloc(128 + (sizeof(element) - 1) * DEPTH), *at = xml;
	struct rota_topology *topology = NULL;

	at += sprintf(at, "<?xml version=\"1.0\"?>\n<topology version=\"2.0\">");
	for (int i = 0; i < DEPTH; i++)
		at = stpcpy(at, element);
	cr_assert_eq(topology_from_xml(xml, NULL, &topology), -EBADMSG);
	cr_assert_null(topology);
	free(xml);
}

/* Every line left out, and bytes changed all over: refused or read, always consistent, never a crash, never a word. */
Test(topology, damaged_files)
{
	char *xml = read_golden("numa-2", "xml"), path[] = "/tmp/rota-test-XXXXXX";
	int log = mkstemp(path), stderr_fd = dup(STDERR_FILENO);
	size_t size = strlen(xml);
	uint32_t random = 1, refused = 0;

	cr_assert_geq(log, 0);
	dup2(log, STDERR_FILENO);
	for (int round = 0; round < 300; round++) {
		struct rota_topology *topology = NULL;
		char *damaged = strdup(xml);

		for (int i = 0; i < 1 + round % 3; i++) {
			random = random * 1664525U + 1013904223U;
			damaged[random / 7 % size] = (char)(' ' + (random >> 24) % 95);
		}
		if (round % 4 == 0)
			damaged[random / 3 % size] = 0;
		if (topology_from_xml(damaged, NULL, &topology))
			refused++;
		else
			expect_consistent(topology);
		topology_free(topology);
		free(damaged);
	}
	dup2(stderr_fd, STDERR_FILENO);
	cr_assert_eq(lseek(log, 0, SEEK_END), 0, "something was printed");
	cr_assert_gt(refused, 75, "all of the truncated files must be refused");
	close(log);
	close(stderr_fd);
	unlink(path);
	free(xml);
}

Test(topology, rows_that_contradict_each_other)
{
	struct topology_row rows[3] = {
		{.cpu = 0,  .core_key = 7, .llc_key = 3, .node_key = 9, .package_key = 1},
		{ .cpu = 1, .core_key = 7, .llc_key = 4, .node_key = 8, .package_key = 2},
		{ .cpu = 0, .core_key = 8, .llc_key = 3, .node_key = 9, .package_key = 1},
	};
	struct cpulist none = { 0 };
	struct rota_topology *topology = NULL;

	cr_assert_eq(topology_build(rows, 0, &none, &topology), -EBADMSG);
	cr_assert_eq(topology_build(rows, 3, &none, &topology), -EBADMSG, "cpu 0 is there twice");
	rows[2].cpu = ROTA_CPU_MAX;
	cr_assert_eq(topology_build(rows, 3, &none, &topology), -EBADMSG, "no such cpu");
	cr_assert_null(topology);
	cr_assert_eq(topology_build(rows, 2, &none, &topology), 0);
	expect_consistent(topology);
	cr_assert_eq(topology->package_count, 1, "a core lies in one package");
	topology_free(topology);
}
