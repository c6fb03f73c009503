/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Limits in canned cgroup trees of both versions: on a leaf, on an ancestor, on what a container takes for the root. */
#include "target/quota.h"
#include "unit/canned.h"

#include <errno.h>

#define V2  "/sys/fs/cgroup"
#define CPU "/sys/fs/cgroup/cpu,cpuacct"

struct seen {
	char text[1024];
};

static void see(void *ctx, const struct quota_place *place)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);

	snprintf(seen->text + used, sizeof(seen->text) - used, "%s%s%s", used ? " " : "", place->v1 ? "1:" : "",
		 place->path);
}

static void mounts(const struct canned *canned, const char *text)
{
	canned_file(canned, "/proc/self/mountinfo", "%s", text);
}

static void v2_limit(const struct canned *canned, const char *path, const char *max)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/cpu.max", path);
	canned_file(canned, name, "%s\n", max);
	snprintf(name, sizeof(name), "%s/cpu.stat", path);
	canned_file(canned, name,
		    "usage_usec 900\nuser_usec 400\nnr_periods 31\nnr_throttled 29\nthrottled_usec 1500000\n"
		    "nr_bursts 0\nburst_usec 0\n");
}

static struct quota_reading reading(const struct canned *canned, const char *path, bool v1)
{
	struct quota_reading got;
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", canned->root, path);
	cr_assert_eq(quota_read(full, v1, &got), 0, "%s", path);
	return got;
}

static int refusal(const struct canned *canned, const char *path, bool v1)
{
	struct quota_reading got;
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", canned->root, path);
	return quota_read(full, v1, &got);
}

Test(quota, limits_and_counters_of_v2)
{
	struct quota_reading got;
	struct canned canned;

	canned_open(&canned);
	v2_limit(&canned, V2 "/a", "50000 100000");
	got = reading(&canned, V2 "/a", false);
	cr_assert_eq(got.quota_ns, 50000000);
	cr_assert_eq(got.period_ns, 100000000);
	cr_assert_eq(got.periods, 31);
	cr_assert_eq(got.throttled_periods, 29);
	cr_assert_eq(got.throttled_ns, 1500000000);
	v2_limit(&canned, V2 "/b", "max 100000");
	cr_assert_eq(reading(&canned, V2 "/b", false).quota_ns, 0);
	v2_limit(&canned, V2 "/c", "many");
	cr_assert_eq(refusal(&canned, V2 "/c", false), -EBADMSG);
	v2_limit(&canned, V2 "/d", "1 0"); /* no kernel says so; nobody may divide by it */
	cr_assert_eq(refusal(&canned, V2 "/d", false), -EBADMSG);
	cr_assert_eq(refusal(&canned, V2 "/gone", false), -ENOENT);
	canned_close(&canned);
}

Test(quota, limits_and_counters_of_v1)
{
	struct quota_reading got;
	struct canned canned;

	canned_open(&canned);
	canned_file(&canned, CPU "/a/cpu.cfs_quota_us", "150000\n");
	canned_file(&canned, CPU "/a/cpu.cfs_period_us", "100000\n");
	canned_file(&canned, CPU "/a/cpu.stat", "nr_periods 7\nnr_throttled 3\nthrottled_time 123456789\n");
	got = reading(&canned, CPU "/a", true);
	cr_assert_eq(got.quota_ns, 150000000);
	cr_assert_eq(got.periods, 7);
	cr_assert_eq(got.throttled_periods, 3);
	cr_assert_eq(got.throttled_ns, 123456789); /* nanoseconds here */
	canned_file(&canned, CPU "/a/cpu.cfs_quota_us", "-1\n");
	cr_assert_eq(reading(&canned, CPU "/a", true).quota_ns, 0);
	canned_close(&canned);
}

#define BOTH                                                                                                           \
	"31 25 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"                                                        \
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"                         \
	"36 31 0:33 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"

static void expect_places(const struct canned *canned, uint32_t tid, const char *expected, bool hidden)
{
	struct quota_trees trees;
	struct seen seen = { "" };
	bool got_hidden = false;

	quota_trees_open(canned->root, &trees);
	cr_assert_eq(quota_places_of(&trees, tid, see, &seen, &got_hidden), 0);
	cr_assert_str_eq(seen.text, expected);
	cr_assert_eq(got_hidden, hidden);
	quota_trees_close(&trees);
}

Test(quota, every_ancestor_of_both_versions)
{
	struct quota_trees trees;
	struct seen seen = { "" };
	struct canned canned;
	bool hidden;

	canned_open(&canned);
	canned_directory(&canned, CPU);
	canned_directory(&canned, "/sys/fs/cgroup/freezer");
	mounts(&canned, BOTH);
	canned_file(&canned, "/proc/7/cgroup", "6:freezer:/f\n3:cpu,cpuacct:/x/y\n0::/a/b/c\n");
	expect_places(&canned, 7, "1:/x/y 1:/x 1:/ /a/b/c /a/b /a /", false);
	canned_file(&canned, "/proc/8/cgroup", "3:cpu,cpuacct:/\n0::/\n");
	expect_places(&canned, 8, "1:/ /", false);
	quota_trees_open(canned.root, &trees);
	cr_assert_eq(quota_places_of(&trees, 9, see, &seen, &hidden), -ESRCH);
	quota_trees_close(&trees);
	canned_close(&canned);
}

/* Without a cgroup namespace a container sees its own cgroup mounted, and the host's paths in /proc/PID/cgroup. */
Test(quota, in_a_container_what_looks_like_the_root_may_have_a_limit)
{
	struct canned canned;

	canned_open(&canned);
	canned_directory(&canned, V2);
	mounts(&canned, "31 25 0:28 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	canned_file(&canned, "/proc/7/cgroup", "0::/docker/abc/app\n");
	expect_places(&canned, 7, "/docker/abc/app /docker/abc", false);
	canned_file(&canned, "/proc/8/cgroup", "0::/docker/abcd\n"); /* a neighbour, not below it */
	expect_places(&canned, 8, "", true);
	mounts(&canned, "31 25 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	canned_file(&canned, "/proc/9/cgroup", "0::/../other\n");
	expect_places(&canned, 9, "", true);
	canned_close(&canned);
}

Test(quota, above_and_below_a_directory)
{
	struct quota_trees trees;
	struct seen seen = { "" };
	char directory[PATH_MAX];
	struct canned canned;

	canned_open(&canned);
	canned_directory(&canned, CPU);
	canned_directory(&canned, "/sys/fs/cgroup/freezer/a");
	canned_directory(&canned, CPU "/a/b/c");
	mounts(&canned, "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");
	quota_trees_open(canned.root, &trees);
	snprintf(directory, sizeof(directory), "%s%s/a/b", canned.root, CPU);
	cr_assert(quota_places_above(&trees, directory, see, &seen));
	cr_assert_str_eq(seen.text, "1:/a/b 1:/a 1:/");
	seen.text[0] = 0;
	cr_assert(quota_places_below(&trees, directory, 10, see, &seen));
	cr_assert_str_eq(seen.text, "1:/a/b/c");
	seen.text[0] = 0;
	cr_assert(quota_places_below(&trees, NULL, 10, see, &seen));
	cr_assert_str_eq(seen.text, "1:/ 1:/a 1:/a/b 1:/a/b/c");
	cr_assert_not(quota_places_below(&trees, NULL, 2, see, &seen));
	snprintf(directory, sizeof(directory), "%s/sys/fs/cgroup/freezer/a", canned.root);
	cr_assert_not(quota_places_above(&trees, directory, see, &seen));
	quota_trees_close(&trees);
	canned_close(&canned);
}
