/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `rota topology`: golden trees of a small and a large machine, marks, and every cpu named exactly once. */
#include "capture.h"
#include "golden.h"
#include "sample.h"

static void check_golden(const struct rota_topology *topology, struct view_options options, const char *name)
{
	char *text = capture_topology(topology, options);

	golden_check(name, text);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		cr_expect(options.utf8 || strcspn(line, "\n") <= options.width, "too wide: %s", line);
	free(text);
}

Test(tree, small_machine_with_marks)
{
	struct rota_topology *topology = sample_topology(2, 2, 2);

	topology->cpus[5].online = false;
	topology->online_count--;
	topology->cpus[2].allowed = topology->cpus[3].allowed = false;
	check_golden(topology, (struct view_options){ .utf8 = true, .width = 80 }, "topology-small");
	check_golden(topology, (struct view_options){ .width = 80 }, "topology-small-ascii");
	sample_topology_free(topology);
}

Test(tree, no_smt)
{
	struct rota_topology *topology = sample_topology(1, 4, 1);

	check_golden(topology, (struct view_options){ .utf8 = true, .width = 80 }, "topology-no-smt");
	sample_topology_free(topology);
}

Test(tree, large_machine_is_readable)
{
	struct rota_topology *topology = sample_topology(2, 64, 2);

	topology->cpus[70].online = false;
	topology->online_count--;
	for (uint32_t i = 100; i < 104; i++)
		topology->cpus[i].allowed = false;
	check_golden(topology, (struct view_options){ .utf8 = true, .width = 80 }, "topology-large");
	sample_topology_free(topology);
}

Test(tree, siblings_that_are_neighbours)
{
	struct rota_topology *topology = sample_topology(1, 32, 2);

	for (uint32_t core = 0; core < 32; core++) {
		topology->cores[core].cpus[0] = 2 * core;
		topology->cores[core].cpus[1] = 2 * core + 1;
		topology->cpus[2 * core].core = topology->cpus[2 * core + 1].core = core;
	}
	check_golden(topology, (struct view_options){ .utf8 = true, .width = 80 }, "topology-neighbours");
	sample_topology_free(topology);
}
