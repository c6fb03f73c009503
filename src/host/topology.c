/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: the machine, hwloc XML or hwloc's synthetic notation. Goes out: one row a hardware thread, which
 * topology_rows.c makes into struct rota_topology. The only file that includes hwloc; no pointer into hwloc leaves it.
 *
 * XML comes out of trace files, which may be hostile, and hwloc is no parser for hostile input: 6 % of 4,000 randomly
 * damaged files made hwloc 2.9.0 crash. So XML is read in a child process with little memory and time, which sends its
 * rows back through a pipe; a child that dies is a file that is refused.
 */
#include "host/topology.h"
#include "host/sysfile.h"
#include "host/topology_rows.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define XML_MAX_BYTES    (16U << 20) /* a machine of 4,096 hardware threads makes 8 MB */
#define CHILD_CPU_S      10U         /* 4,096 hardware threads take 0.2 s */
#define CHILD_HEAP_BYTES (1UL << 30)
#define KEY_FALLBACK     0x80000000U /* keys of objects hwloc does not know, apart from logical indices */

/* --- hwloc's tree → rows ------------------------------------------------------------------------------------------ */

/* The L3 the cpu belongs to; without L3 the outermost cache above L1 (an L1 alone says nothing of sharing). */
static hwloc_obj_t last_level_cache(hwloc_obj_t pu)
{
	hwloc_obj_t found = NULL;

	for (hwloc_obj_t above = pu->parent; above; above = above->parent) {
		if (above->type == HWLOC_OBJ_L3CACHE)
			return above;
		if (hwloc_obj_type_is_dcache(above->type) && above->type != HWLOC_OBJ_L1CACHE)
			found = above;
	}
	return found;
}

/* The NUMA node of fewest cpus among those that are local to the cpu; the first of equals (DRAM before HBM). */
static hwloc_obj_t local_node(hwloc_topology_t machine, hwloc_obj_t pu)
{
	hwloc_obj_t best = NULL, node = NULL;
	int best_weight = 0;

	while ((node = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_NUMANODE, node))) {
		int weight = hwloc_bitmap_weight(node->cpuset);

		if (weight <= 0 || !hwloc_bitmap_isset(node->cpuset, pu->os_index))
			continue;
		if (!best || weight < best_weight) {
			best = node;
			best_weight = weight;
		}
	}
	return best;
}

static uint32_t os_index_or(hwloc_obj_t object, uint32_t otherwise)
{
	return object && object->os_index != HWLOC_UNKNOWN_INDEX ? object->os_index : otherwise;
}

static void fill_row(hwloc_topology_t machine, hwloc_obj_t pu, struct topology_row *row)
{
	hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(machine, HWLOC_OBJ_CORE, pu);
	hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(machine, HWLOC_OBJ_PACKAGE, pu);
	hwloc_obj_t llc = last_level_cache(pu), node = local_node(machine, pu);

	row->cpu = pu->os_index;
	row->core_key = core ? core->logical_index : KEY_FALLBACK | pu->logical_index;
	row->package_key = package ? package->logical_index : KEY_FALLBACK;
	/* the cache's level belongs to its key: logical indices count each level from 0 */
	row->llc_key = llc ? (uint32_t)llc->type << 16 | llc->logical_index : KEY_FALLBACK | row->package_key;
	row->node_key = node ? node->logical_index : KEY_FALLBACK;
	row->os_core = os_index_or(core, row->core_key & ~KEY_FALLBACK);
	row->os_package = os_index_or(package, 0);
	row->os_node = os_index_or(node, 0);
	row->allowed = (uint32_t)hwloc_bitmap_isset(hwloc_topology_get_allowed_cpuset(machine), pu->os_index);
}

/* 0 and malloc'd rows in hwloc's logical order, or -EBADMSG: no cpu, or more than rota can number. */
static int scan(hwloc_topology_t machine, struct topology_row **ret_rows, uint32_t *ret_count)
{
	int count = hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_PU);
	struct topology_row *rows;
	hwloc_obj_t pu = NULL;
	uint32_t filled = 0;

	if (count <= 0 || count > (int)ROTA_CPU_MAX)
		return -EBADMSG;
	rows = xcalloc((size_t)count, sizeof(*rows));
	while (filled < (uint32_t)count && (pu = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_PU, pu)))
		fill_row(machine, pu, &rows[filled++]);
	*ret_rows = rows;
	*ret_count = filled;
	return 0;
}

static int build(hwloc_topology_t machine, const struct cpulist *offline, struct rota_topology **ret_topology)
{
	struct topology_row *rows;
	uint32_t count;
	int err;

	err = scan(machine, &rows, &count);
	if (err)
		return err;
	err = topology_build(rows, count, offline, ret_topology);
	free(rows);
	return err;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int machine_open(const char *xml, size_t xml_bytes, const char *synthetic, hwloc_topology_t *ret_machine)
{
	/* rota must not move its own threads about to look at caches, and needs cores and cpus only */
	unsigned long flags = HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED | HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING |
			      HWLOC_TOPOLOGY_FLAG_NO_DISTANCES | HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS;
	/* what hwloc prints helps nobody here; but a command that rota starts must not inherit the variable */
	bool silence = !getenv("HWLOC_HIDE_ERRORS");
	hwloc_topology_t machine = NULL;
	int err = 0;

	if (silence)
		setenv("HWLOC_HIDE_ERRORS", "2", 1);
	errno = 0;
	if (hwloc_topology_init(&machine) || hwloc_topology_set_flags(machine, flags) ||
	    (xml && hwloc_topology_set_xmlbuffer(machine, xml, (int)xml_bytes)) ||
	    (synthetic && hwloc_topology_set_synthetic(machine, synthetic)) || hwloc_topology_load(machine))
		err = errno ? -errno : -EINVAL;
	if (silence)
		unsetenv("HWLOC_HIDE_ERRORS");
	if (!err)
		*ret_machine = machine;
	else if (machine)
		hwloc_topology_destroy(machine);
	return err;
}

/* A trace travels: what identifies this one box (serial numbers, UUIDs, asset tags) stays at home. */
static void forget_serials(hwloc_topology_t machine)
{
	hwloc_obj_t root = hwloc_get_root_obj(machine);

	for (unsigned int i = 0; i < root->infos_count; i++) {
		struct hwloc_info_s *info = &root->infos[i];

		if (strstr(info->name, "Serial") || strstr(info->name, "UUID") || strstr(info->name, "AssetTag"))
			info->value[0] = 0;
	}
}

static int export_xml(hwloc_topology_t machine, char **ret_xml)
{
	char *buffer;
	int bytes;

	forget_serials(machine);
	if (hwloc_topology_export_xmlbuffer(machine, &buffer, &bytes, 0))
		return errno ? -errno : -ENOMEM;
	*ret_xml = xstrdup(buffer);
	hwloc_free_xmlbuffer(machine, buffer);
	return 0;
}

/* --- live --------------------------------------------------------------------------------------------------------- */

/* hwloc's "allowed" is the cpuset cgroup's; taskset(1) narrows it further. */
static void narrow_to_affinity(hwloc_topology_t machine)
{
	hwloc_bitmap_t mine = hwloc_bitmap_alloc();
	cpu_set_t *set = CPU_ALLOC(ROTA_CPU_MAX);
	size_t bytes = CPU_ALLOC_SIZE(ROTA_CPU_MAX);

	if (mine && set && !sched_getaffinity(0, bytes, set)) {
		for (unsigned int cpu = 0; cpu < ROTA_CPU_MAX; cpu++) {
			if (CPU_ISSET_S(cpu, bytes, set))
				hwloc_bitmap_set(mine, cpu);
		}
		hwloc_topology_allow(machine, mine, NULL, HWLOC_ALLOW_FLAG_CUSTOM);
	}
	CPU_FREE(set);
	hwloc_bitmap_free(mine);
}

/*
 * Cpus that are plugged in but offline. /sys/devices/system/cpu/possible counts empty sockets too (a virtual machine of
 * 2 cpus may have 128 possible ones), which would be cores that do not exist; it is used only where `present` is missing.
 */
static void read_offline(struct cpulist *ret_offline)
{
	struct cpulist all, online;

	*ret_offline = (struct cpulist){ 0 };
	if (sysfile_cpulist("", "/sys/devices/system/cpu/online", &online) ||
	    (sysfile_cpulist("", "/sys/devices/system/cpu/present", &all) &&
	     sysfile_cpulist("", "/sys/devices/system/cpu/possible", &all)))
		return;
	cpulist_subtract(&all, &online);
	*ret_offline = all;
}

int topology_read(struct rota_topology **ret_topology, char **ret_xml, char **ret_offline)
{
	struct rota_topology *topology = NULL;
	struct cpulist offline = { 0 };
	hwloc_topology_t machine;
	char *xml = NULL;
	int err;

	err = machine_open(NULL, 0, NULL, &machine);
	if (err)
		return err;
	/* HWLOC_XMLFILE, HWLOC_SYNTHETIC and HWLOC_FSROOT show another machine, about which our /sys says nothing */
	if (hwloc_topology_is_thissystem(machine)) {
		narrow_to_affinity(machine);
		read_offline(&offline);
	}
	err = build(machine, &offline, &topology);
	if (!err && ret_xml)
		err = export_xml(machine, &xml);
	hwloc_topology_destroy(machine);
	if (err) {
		topology_free(topology);
		return err;
	}
	*ret_topology = topology;
	if (ret_xml)
		*ret_xml = xml;
	if (ret_offline)
		*ret_offline = cpulist_format(&offline);
	return 0;
}

/* --- XML ---------------------------------------------------------------------------------------------------------- */

static void limit(int resource, rlim_t value)
{
	struct rlimit now;

	if (!getrlimit(resource, &now) && now.rlim_cur > value) {
		now.rlim_cur = value;
		setrlimit(resource, &now);
	}
}

static void limit_child(void)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null_fd >= 0)
		dup2(null_fd, STDERR_FILENO); /* what it says when it dies is no message of ours */
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, CHILD_CPU_S);
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes of shadow */
	char text[64];

	if (sysfile_read("", "/proc/self/statm", text, sizeof(text)) > 0)
		limit(RLIMIT_AS, strtoul(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + CHILD_HEAP_BYTES);
#endif
}

static void send_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n <= 0)
			_exit(1);
		at += n;
		size -= (size_t)n;
	}
}

/* The child's whole life: rows into the pipe, then their number again as the sign that nothing is missing. */
static void child_main(int fd, const char *xml, size_t xml_bytes) __attribute__((noreturn));
static void child_main(int fd, const char *xml, size_t xml_bytes)
{
	struct topology_row *rows;
	hwloc_topology_t machine;
	uint32_t count;

	limit_child();
	if (machine_open(xml, xml_bytes, NULL, &machine) || scan(machine, &rows, &count))
		_exit(1);
	send_all(fd, rows, count * sizeof(*rows));
	send_all(fd, &count, sizeof(count));
	_exit(0);
}

/* Everything up to the end of the pipe, at most `size` bytes; returns how many. */
static size_t receive(int fd, void *ret_bytes, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, (char *)ret_bytes + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	return used;
}

static int receive_topology(int fd, const struct cpulist *offline, struct rota_topology **ret_topology)
{
	size_t size = ROTA_CPU_MAX * sizeof(struct topology_row) + sizeof(uint32_t);
	struct topology_row *rows = xmalloc(size);
	size_t used = receive(fd, rows, size);
	uint32_t count = 0;
	int err = -EBADMSG;

	if (used >= sizeof(count))
		memcpy(&count, (char *)rows + used - sizeof(count), sizeof(count));
	if (count && count <= ROTA_CPU_MAX && used == count * sizeof(*rows) + sizeof(count))
		err = topology_build(rows, count, offline, ret_topology);
	free(rows);
	return err;
}

int topology_from_xml(const char *xml, const char *offline, struct rota_topology **ret_topology)
{
	size_t xml_bytes = strlen(xml) + 1; /* hwloc wants the NUL counted */
	struct cpulist offline_cpus = { 0 };
	int ends[2], err;
	pid_t child;

	if (xml_bytes > XML_MAX_BYTES || (offline && cpulist_parse(offline, &offline_cpus)))
		return -EBADMSG;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child < 0) {
		err = -errno;
		close(ends[0]);
		close(ends[1]);
		return err;
	}
	if (!child)
		child_main(ends[1], xml, xml_bytes);
	close(ends[1]);
	err = receive_topology(ends[0], &offline_cpus, ret_topology);
	close(ends[0]);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return err;
}

/* --- synthetic ---------------------------------------------------------------------------------------------------- */

int topology_from_synthetic(const char *description, struct rota_topology **ret_topology, char **ret_xml)
{
	struct rota_topology *topology = NULL;
	struct cpulist none = { 0 };
	hwloc_topology_t machine;
	char *xml = NULL;
	int err;

	err = machine_open(NULL, 0, description, &machine);
	if (err)
		return err;
	err = build(machine, &none, &topology);
	if (!err && ret_xml)
		err = export_xml(machine, &xml);
	hwloc_topology_destroy(machine);
	if (err) {
		topology_free(topology);
		return err;
	}
	*ret_topology = topology;
	if (ret_xml)
		*ret_xml = xml;
	return 0;
}
