/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Comes in: uname(2), the clocks, /sys and /proc/stat. Goes out: plain numbers and names. Never keeps any of them. */
#include "host/identity.h"
#include "host/sysfile.h"

#include "base/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_TRIES 16

int identity_read(struct identity *ret_identity)
{
	struct identity identity = { 0 };
	time_t now = time(NULL);
	struct utsname uts;
	struct tm local;

	if (uname(&uts))
		return -errno;
	snprintf(identity.host_name, sizeof(identity.host_name), "%s", uts.nodename);
	snprintf(identity.kernel, sizeof(identity.kernel), "%s", uts.release);
	snprintf(identity.arch, sizeof(identity.arch), "%s", uts.machine);
	if (localtime_r(&now, &local))
		identity.utc_offset_s = (int32_t)local.tm_gmtoff;
	*ret_identity = identity;
	return 0;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now); /* cannot fail: all three clocks are older than the oldest kernel rota runs on */
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

void identity_clocks_read(struct identity_clocks *ret_clocks)
{
	struct identity_clocks best = { .error_ns = UINT64_MAX };

	for (int i = 0; i < CLOCK_TRIES; i++) {
		uint64_t before = clock_ns(CLOCK_MONOTONIC), boottime = clock_ns(CLOCK_BOOTTIME);
		uint64_t realtime = clock_ns(CLOCK_REALTIME), after = clock_ns(CLOCK_MONOTONIC);

		if (after - before >= best.error_ns)
			continue;
		best = (struct identity_clocks){
			.monotonic_ns = before + (after - before) / 2,
			.boottime_ns = boottime,
			.realtime_ns = realtime,
			.error_ns = after - before,
		};
	}
	*ret_clocks = best;
}

int identity_online(const char *root, struct cpulist *ret_online)
{
	return sysfile_cpulist(root, "/sys/devices/system/cpu/online", ret_online);
}

/* "cpu3 user nice system idle iowait irq softirq steal …" (proc(5)), in ticks. */
static bool parse_cpu_line(const char *line, uint64_t tick_ns, uint32_t *ret_cpu, struct identity_cpu_time *ret_time)
{
	uint64_t irq, softirq, steal;
	uint32_t cpu;

	/* the first line, "cpu  …", is the sum of all */
	if (strncmp(line, "cpu", 3) != 0 || !isdigit((unsigned char)line[3]))
		return false;
	if (sscanf(line, "cpu%" SCNu32 " %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64, &cpu, &irq, &softirq,
		   &steal) != 4 ||
	    cpu >= ROTA_CPU_MAX)
		return false;
	*ret_cpu = cpu;
	*ret_time = (struct identity_cpu_time){
		.known = true,
		.steal_ns = steal * tick_ns,
		.irq_ns = (irq + softirq) * tick_ns,
	};
	return true;
}

int identity_cpu_times(const char *root, struct identity_cpu_time **ret_times, size_t *ret_count)
{
	uint64_t tick_ns = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);
	struct identity_cpu_time *times = NULL;
	size_t capacity = 0, count = 0;
	char *text, *state = NULL;
	int err;

	err = sysfile_read_all(root, "/proc/stat", &text);
	if (err)
		return err;
	for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		struct identity_cpu_time time;
		uint32_t cpu;

		if (!parse_cpu_line(line, tick_ns, &cpu, &time))
			continue;
		if (cpu >= count)
			count = cpu + 1;
		times = xgrow(times, &capacity, count, sizeof(*times));
		times[cpu] = time;
	}
	free(text);
	if (!count)
		return -EBADMSG;
	*ret_times = times;
	*ret_count = count;
	return 0;
}
