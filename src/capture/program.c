/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comes in: settings. Goes out: loaded and attached BPF programs behind plain functions. With program_go.c the only file that
 * sees the skeleton. It decides nothing about what to record, and reads no ring.
 */
#include "capture/program_own.h"
#include "base/alloc.h"
#include "base/log.h"
#include "capture/arguments.h"
#include "host/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the kernel spends around a program that it runs on an event, where nothing measures it: 60 to 75 ns were. */
#define ENTRY_COST_NS  65
#define WAKEUP_COST_NS 220 /* waking and wakeup together, likewise */
#define CALL_COST_NS   450 /* entry and return of a call of T together: docs/performance.md, less the slow path */
#define WALK_PAGE      4096

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char *text, *state = NULL;

	if (level == LIBBPF_DEBUG || vasprintf(&text, format, arguments) < 0)
		return 0;
	/* a verifier's log is one message of many lines, and its last one is what matters */
	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		log_debug("%s", line);
	free(text);
	return 0;
}

/* Inside a pid namespace the host's tids may be anything up to the kernel's limit; outside, up to pid_max. */
static uint32_t tid_limit(bool in_namespace)
{
	uint32_t limit = ROTA_TID_MAX;
	FILE *file = in_namespace ? NULL : fopen("/proc/sys/kernel/pid_max", "re");

	if (!file)
		return limit;
	if (fscanf(file, "%u", &limit) != 1 || limit > ROTA_TID_MAX)
		limit = ROTA_TID_MAX;
	fclose(file);
	return limit;
}

/* Why the programs could not be loaded, from what the machine says about itself. */
int program_explain(const char *what, int err)
{
	struct doctor_row rows[DOCTOR_MAX_ROWS];
	size_t count = doctor_examine("", rows, DOCTOR_MAX_ROWS);
	const struct doctor_row *row = doctor_verdict(rows, count);

	if (row)
		log_error("cannot %s: %s: %s; %s", what, row->question, row->found, row->fix);
	else if (err == -EPERM || err == -EACCES)
		log_error("cannot %s: the kernel refuses it (%s); run as root, or ask `rota doctor` what is missing",
			  what, strerror(-err));
	else
		log_error(
			"cannot %s: %s; with -v rota shows libbpf's own messages, `rota doctor` what this kernel lacks",
			what, strerror(-err));
	return err;
}

static int set_sizes(struct rota_bpf *skeleton, const struct program_config *config, uint32_t limit)
{
	const struct {
		struct bpf_map *map;
		uint32_t entries;
	} sizes[] = {
		{skeleton->maps.threads,         limit / 16 + 1                                  },
		{ skeleton->maps.wakings,        limit                                           },
		{ skeleton->maps.seeds,          config->seed_count ? config->seed_count : 1     },
		{ skeleton->maps.call_words,     config->calls ? limit : 1                       },
		{ skeleton->maps.call_sums,      config->calls ? BPF_CALL_SUMS : 1               },
		{ skeleton->maps.call_spread,    config->calls ? BPF_CALL_SPREADS : 1            },
		{ skeleton->maps.go_processes,   config->go ? BPF_GO_PROCESSES : 1               },
		{ skeleton->maps.sample_buffers, config->stacks ? config->topology->cpu_count : 1},
		{ skeleton->maps.cpus,           config->topology->cpu_count                     },
		{ skeleton->maps.siblings,       config->topology->cpu_count                     },
		{ skeleton->maps.rings,          config->topology->cpu_count                     },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int err = bpf_map__set_max_entries(sizes[i].map, sizes[i].entries);

		if (err)
			return err;
	}
	return 0;
}

/*
 * Puts `count` rings in their places. All at once where the kernel can: each update of a map of maps waits for an RCU grace
 * period (maybe_wait_bpf_programs() in kernel/bpf/syscall.c), which takes seconds while the machine switches at its fastest.
 */
static int place_rings(struct program *program, const uint32_t *cpus, const int *fds, uint32_t count)
{
	int outer = bpf_map__fd(program->skeleton->maps.rings);
	uint32_t placed = count;

	if (!bpf_map_update_batch(outer, cpus, fds, &placed, NULL) && placed == count)
		return 0;
	for (uint32_t i = 0; i < count; i++)
		if (bpf_map_update_elem(outer, &cpus[i], &fds[i], BPF_ANY))
			return -errno;
	return 0;
}

static int make_rings(struct program *program, const struct program_config *config)
{
	uint32_t *cpus = xcalloc(program->cpu_count, sizeof(*cpus)), count = 0;
	int *fds = xcalloc(program->cpu_count, sizeof(*fds)), err = 0;

	program->ring_fds = xcalloc(program->cpu_count, sizeof(*program->ring_fds));
	for (uint32_t cpu = 0; cpu < program->cpu_count; cpu++)
		program->ring_fds[cpu] = -1;
	for (uint32_t cpu = 0; cpu < program->cpu_count && !err; cpu++) {
		int fd;

		if (!config->topology->cpus[cpu].present)
			continue;
		fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "rota_ring", 0, 0, (uint32_t)config->ring_bytes, NULL);
		if (fd < 0) {
			err = -errno;
			log_error("cannot make a ring of %llu KiB for cpu %u: %s; ask for smaller rings with --ring",
				  (unsigned long long)config->ring_bytes / 1024, cpu, strerror(-err));
			break;
		}
		program->ring_fds[cpu] = fd;
		cpus[count] = cpu;
		fds[count++] = fd;
	}
	if (!err)
		err = place_rings(program, cpus, fds, count);
	free(cpus);
	free(fds);
	return err;
}

static int tell_siblings(struct program *program, const struct rota_topology *topology)
{
	int fd = bpf_map__fd(program->skeleton->maps.siblings);

	for (uint32_t cpu = 0; cpu < program->cpu_count; cpu++) {
		const struct rota_core_info *core = &topology->cores[topology->cpus[cpu].core];
		struct bpf_siblings list = { 0 };

		if (!topology->cpus[cpu].present)
			continue;
		for (uint32_t i = 0; i < core->cpu_count && list.count < SETTINGS_SIBLING_MAX; i++)
			if (core->cpus[i] != cpu)
				list.cpus[list.count++] = core->cpus[i];
		if (bpf_map_update_elem(fd, &cpu, &list, BPF_ANY))
			return -errno;
	}
	return 0;
}

/* Without --syscalls its programs do not exist for the kernel: no system call of any process takes the slow path. */
static void set_calls(struct rota_bpf *skeleton, const struct program_config *config)
{
	skeleton->rodata->call_settings.on = config->calls;
	skeleton->rodata->call_settings.min_ns = config->call_min_ns;
	skeleton->bss->call_control.begun = !config->calls_after_exec;
	bpf_program__set_autoload(skeleton->progs.on_sys_enter, config->calls);
	bpf_program__set_autoload(skeleton->progs.on_sys_exit, config->calls);
	bpf_program__set_autoload(skeleton->progs.walk_calls, config->calls);
}

static void tell_shape(const struct kernel_shape *shape, struct bpf_settings *settings)
{
	settings->has_prev_state = shape->switch_has_prev_state;
	settings->preempt_count_distance = shape->preempt_count_distance;
	settings->has_rdonly_cast = shape->has_rdonly_cast;
	settings->page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
}

int program_load(const struct program_config *config, struct program **ret_program)
{
	uint32_t limit = tid_limit(config->settings.own_namespace != 0);
	struct program *program = xcalloc(1, sizeof(*program));
	struct rota_bpf *skeleton;
	int err;

	libbpf_set_print(print_libbpf);
	program->cpu_count = config->topology->cpu_count;
	program->skeleton = skeleton = rota_bpf__open();
	if (!skeleton) {
		err = program_explain("open the BPF programs", -errno);
		goto fail;
	}
	shape_read(&program->shape);
	skeleton->rodata->settings = config->settings;
	tell_shape(&program->shape, &skeleton->rodata->settings);
	arguments_fill((struct bpf_call_arguments *)&skeleton->rodata->call_arguments);
	bpf_program__set_autoattach(skeleton->progs.take_snapshot, false);
	bpf_program__set_autoattach(skeleton->progs.who_am_i, false);
	if (config->settings.kind != BPF_KIND_CGROUP)
		bpf_program__set_autoload(skeleton->progs.on_cgroup_attach, false);
	set_calls(skeleton, config);
	skeleton->rodata->sample_settings.on = config->stacks;
	bpf_program__set_autoload(skeleton->progs.on_tick, config->stacks || config->go);
	program_set_go(program, config);
	err = set_sizes(skeleton, config, limit);
	if (!err)
		err = rota_bpf__load(skeleton);
	if (err) {
		program_explain("load the BPF programs", err);
		goto fail;
	}
	err = make_rings(program, config);
	if (!err)
		err = tell_siblings(program, config->topology);
	if (err)
		goto fail;
	*ret_program = program;
	return 0;
fail:
	program_free(program);
	return err < 0 ? err : -EIO;
}

/* All programs, or only `one` of them. */
static int try_to_load(const char *one)
{
	struct rota_bpf *skeleton = rota_bpf__open();
	struct kernel_shape shape;
	struct bpf_program *each;
	int err;

	if (!skeleton)
		return -errno;
	shape_read(&shape);
	tell_shape(&shape, &skeleton->rodata->settings);
	bpf_object__for_each_program(each, skeleton->obj)
	{
		if (one && strcmp(bpf_program__name(each), one) != 0)
			bpf_program__set_autoload(each, false);
	}
	err = rota_bpf__load(skeleton);
	rota_bpf__destroy(skeleton);
	return err;
}

int program_try(const char **ret_refused)
{
	/* as rota.bpf.c and the headers it includes have them; which of them fails is told only by loading it alone */
	static const char *const names[] = { "on_switch",  "on_waking", "on_wakeup",     "on_wakeup_new",
					     "on_migrate", "on_exec",   "on_rename",     "on_newtask",
					     "walk_tasks", "who_am_i",  "take_snapshot", "on_cgroup_attach" };
	int err, alone;

	libbpf_set_print(print_libbpf);
	*ret_refused = "";
	err = try_to_load(NULL);
	for (size_t i = 0; err && !**ret_refused && i < sizeof(names) / sizeof(names[0]); i++) {
		alone = try_to_load(names[i]);
		if (alone) {
			*ret_refused = names[i];
			err = alone;
		}
	}
	return err;
}

void program_free(struct program *program)
{
	if (!program)
		return;
	for (uint32_t cpu = 0; program->ring_fds && cpu < program->cpu_count; cpu++)
		if (program->ring_fds[cpu] >= 0)
			close(program->ring_fds[cpu]);
	program_stop_clocks(program);
	program_end_exact(program, 0);
	free(program->exacts);
	free(program->ring_fds);
	rota_bpf__destroy(program->skeleton);
	free(program);
}

const struct kernel_shape *program_shape(const struct program *program)
{
	return &program->shape;
}

int program_ring_fd(const struct program *program, uint32_t cpu)
{
	return program->ring_fds[cpu];
}

int program_seed(struct program *program, uint32_t id, bool process)
{
	struct bpf_seed seed = { .member = process ? MEMBER_PROCESS : MEMBER_THREAD };
	int fd = bpf_map__fd(program->skeleton->maps.seeds);
	struct bpf_seed old;

	if (!bpf_map_lookup_elem(fd, &id, &old))
		seed.member |= old.member;
	return bpf_map_update_elem(fd, &id, &seed, BPF_ANY) ? -errno : 0;
}

bool program_seed_found(struct program *program, uint32_t id)
{
	struct bpf_seed seed;

	return !bpf_map_lookup_elem(bpf_map__fd(program->skeleton->maps.seeds), &id, &seed) && seed.found;
}

int program_attach(struct program *program)
{
	LIBBPF_OPTS(bpf_test_run_opts, options);
	int err = bpf_prog_test_run_opts(bpf_program__fd(program->skeleton->progs.who_am_i), &options);

	if (err)
		return program_explain("run a BPF program by BPF_PROG_TEST_RUN", err);
	err = rota_bpf__attach(program->skeleton);
	if (err)
		return program_explain("attach the BPF programs to the scheduler's tracepoints", err);
	program->attached = true;
	return program->skeleton->rodata->sample_settings.on ? program_start_clocks(program) : 0;
}

void program_detach(struct program *program)
{
	program_stop_clocks(program);
	program_end_exact(program, 0);
	if (program->attached)
		rota_bpf__detach(program->skeleton);
	program->attached = false;
}

void program_watch_all(struct program *program, bool on)
{
	__atomic_store_n(&program->skeleton->bss->control.watch_all, on, __ATOMIC_SEQ_CST);
}

int program_snapshot(struct program *program, uint32_t cpu)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = cpu);
	int err = bpf_prog_test_run_opts(bpf_program__fd(program->skeleton->progs.take_snapshot), &options);

	if (err)
		return err;
	return options.retval ? -EAGAIN : 0;
}

int program_walk_begin(struct program *program, enum bpf_walk what, int *ret_fd)
{
	int fd;

	program->skeleton->bss->control.walk = what;
	fd = bpf_iter_create(bpf_link__fd(program->skeleton->links.walk_tasks));
	if (fd < 0)
		return program_explain("walk the tasks with a BPF iterator", -errno);
	*ret_fd = fd;
	return 0;
}

int program_walk_step(int fd)
{
	char page[WALK_PAGE];
	ssize_t n;

	do {
		n = read(fd, page, sizeof(page));
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n > 0)
		return 1;
	n = n < 0 ? -errno : 0;
	close(fd);
	return (int)n;
}

bool program_calls(struct program *program, struct program_calls *ret_calls)
{
	struct rota_bpf *skeleton = program->skeleton;

	*ret_calls = (struct program_calls){ .sums_fd = bpf_map__fd(skeleton->maps.call_sums),
					     .spread_fd = bpf_map__fd(skeleton->maps.call_spread),
					     .control = &skeleton->bss->call_control };
	return skeleton->rodata->call_settings.on;
}

int program_open_calls(struct program *program, uint32_t *ret_count)
{
	int fd = bpf_iter_create(bpf_link__fd(program->skeleton->links.walk_calls)), err;

	if (fd < 0)
		return -errno;
	program->skeleton->bss->call_control.open = 0;
	do {
		err = program_walk_step(fd);
	} while (err > 0);
	*ret_count = __atomic_load_n(&program->skeleton->bss->call_control.open, __ATOMIC_RELAXED);
	return err;
}

uint32_t program_seeded(const struct program *program)
{
	return __atomic_load_n(&program->skeleton->bss->control.seeded, __ATOMIC_RELAXED);
}

uint32_t program_sync_wanted(const struct program *program)
{
	return __atomic_load_n(&program->skeleton->bss->control.sync_wanted, __ATOMIC_RELAXED);
}

uint32_t program_beyond(const struct program *program)
{
	return __atomic_load_n(&program->skeleton->bss->control.beyond, __ATOMIC_RELAXED);
}

static bool read_cpu(const struct program *program, uint32_t cpu, struct bpf_cpu *ret_state)
{
	return !bpf_map_lookup_elem(bpf_map__fd(program->skeleton->maps.cpus), &cpu, ret_state);
}

/* Sums one member of the kernel's per-program information over all programs. */
static void sum_info(const struct program *program, uint64_t *ret_time_ns, uint64_t *ret_misses)
{
	struct bpf_program *each;

	*ret_time_ns = *ret_misses = 0;
	bpf_object__for_each_program(each, program->skeleton->obj)
	{
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);
		int fd = bpf_program__fd(each);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
			continue;
		*ret_time_ns += info.run_time_ns;
		*ret_misses += info.recursion_misses;
	}
}

uint64_t program_misses(const struct program *program)
{
	uint64_t time_ns, misses;

	sum_info(program, &time_ns, &misses);
	return misses;
}

uint64_t program_cost_ns(const struct program *program, uint64_t wakeups, bool *ret_exact)
{
	uint64_t time_ns, misses, estimate = wakeups * WAKEUP_COST_NS;

	sum_info(program, &time_ns, &misses);
	*ret_exact = time_ns > 0;
	if (time_ns)
		return time_ns;
	for (uint32_t cpu = 0; cpu < program->cpu_count; cpu++) {
		struct bpf_cpu state;

		if (program->ring_fds[cpu] >= 0 && read_cpu(program, cpu, &state))
			estimate += state.sampled_ns + state.runs * ENTRY_COST_NS + state.calls * CALL_COST_NS;
	}
	return estimate;
}
