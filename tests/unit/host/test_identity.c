/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names, clocks, online cpus and the times of /proc/stat, canned and live. */
#include "host/identity.h"
#include "unit/canned.h"

#include <errno.h>
#include <time.h>

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

Test(identity, names_are_those_of_the_kernel)
{
	struct identity identity;
	char host[65], release[65];
	FILE *file;

	cr_assert_eq(identity_read(&identity), 0);
	gethostname(host, sizeof(host));
	cr_assert_str_eq(identity.host_name, host);
	file = fopen("/proc/sys/kernel/osrelease", "re");
	cr_assert(file && fscanf(file, "%64s", release) == 1);
	fclose(file);
	cr_assert_str_eq(identity.kernel, release);
	cr_assert(identity.arch[0]);
}

Test(identity, utc_offset_is_seconds_east)
{
	struct identity identity;

	setenv("TZ", "XST-5:30", 1); /* POSIX counts west: this is UTC+5:30 */
	tzset();
	cr_assert_eq(identity_read(&identity), 0);
	cr_assert_eq(identity.utc_offset_s, 5 * 3600 + 1800);
	setenv("TZ", "YST3", 1);
	tzset();
	cr_assert_eq(identity_read(&identity), 0);
	cr_assert_eq(identity.utc_offset_s, -3 * 3600);
}

Test(identity, clocks_lie_between_readings_before_and_after)
{
	uint64_t before[3] = { now_ns(CLOCK_MONOTONIC), now_ns(CLOCK_BOOTTIME), now_ns(CLOCK_REALTIME) };
	struct identity_clocks clocks;

	identity_clocks_read(&clocks);
	cr_assert(clocks.monotonic_ns >= before[0] && clocks.monotonic_ns <= now_ns(CLOCK_MONOTONIC));
	cr_assert(clocks.boottime_ns >= before[1] && clocks.boottime_ns <= now_ns(CLOCK_BOOTTIME));
	cr_assert(clocks.realtime_ns >= before[2] && clocks.realtime_ns <= now_ns(CLOCK_REALTIME));
	cr_assert_lt(clocks.error_ns, now_ns(CLOCK_MONOTONIC) - before[0]);
}

Test(identity, cpu_times)
{
	struct identity_cpu_time *times;
	struct canned canned;
	uint64_t tick_ns = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK);
	size_t count;

	canned_open(&canned);
	canned_file(&canned, "/proc/stat",
		    "cpu  1 2 3 4 5 6 7 8 9 10\n"
		    "cpu0 10 20 30 40 50 60 70 80 0 0\n"
		    "cpu3 1 2 3 4 5 1 2 3 0 0\n"
		    "cpu4 1 2\n"
		    "cpu99999 1 2 3 4 5 1 2 3 0 0\n"
		    "intr 1 2 3\nctxt 5\nbtime 1\n");
	cr_assert_eq(identity_cpu_times(canned.root, &times, &count), 0);
	cr_assert_eq(count, 4);
	cr_assert(times[0].known && times[3].known && !times[1].known && !times[2].known);
	cr_assert_eq(times[0].irq_ns, 130 * tick_ns);
	cr_assert_eq(times[0].steal_ns, 80 * tick_ns);
	cr_assert_eq(times[3].irq_ns, 3 * tick_ns);
	cr_assert_eq(times[3].steal_ns, 3 * tick_ns);
	cr_assert_eq(times[1].irq_ns + times[1].steal_ns, 0);
	free(times);
	canned_file(&canned, "/proc/stat", "intr 1\n");
	cr_assert_eq(identity_cpu_times(canned.root, &times, &count), -EBADMSG);
	canned_unlink(&canned, "/proc/stat");
	cr_assert_eq(identity_cpu_times(canned.root, &times, &count), -ENOENT);
	canned_close(&canned);
}

Test(identity, online_cpus_are_those_of_the_library)
{
	struct identity_cpu_time *times;
	struct cpulist online;
	size_t count, known = 0;

	cr_assert_eq(identity_online("", &online), 0);
	cr_assert_eq(cpulist_count(&online), (uint32_t)sysconf(_SC_NPROCESSORS_ONLN));
	cr_assert_eq(identity_cpu_times("", &times, &count), 0);
	for (size_t cpu = 0; cpu < count; cpu++)
		known += times[cpu].known;
	cr_assert_eq(known, cpulist_count(&online));
	free(times);
}
