/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rota topology: this machine, from hwloc to a view. */
#include "host/topology.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "view/doctor.h"

#include <string.h>

int cmd_topology(int argc, char **argv)
{
	struct rota_topology *topology;
	struct view_options view;
	struct options options;
	int err = options_parse(CMD_TOPOLOGY, "topology", argc, argv, &options);

	if (err)
		return err > 0 ? EXIT_FINE : EXIT_USAGE;
	err = topology_read(&topology, NULL, NULL);
	if (err) {
		log_error("cannot read this machine's topology through hwloc: %s; see `lstopo`", strerror(-err));
		return EXIT_FAILED;
	}
	output_adapt(stdout, &options, "topology", &view);
	if (options.json)
		err = json_topology(stdout, topology);
	else
		text_topology(stdout, topology, &view);
	topology_free(topology);
	return output_end(stdout, err) ? EXIT_FAILED : EXIT_FINE;
}
