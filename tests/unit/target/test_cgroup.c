/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The same cgroups by all the names people give them, in both versions; and directories that are none. */
#include "target/cgroup.h"
#include "unit/target/village.h"

#include <errno.h>

#define MOUNTS                                                                                                         \
	"25 1 8:1 / / rw - ext4 /dev/sda1 rw\n"                                                                        \
	"31 25 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"                                          \
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"                         \
	"36 31 0:33 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"                                          \
	"37 31 0:34 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"                               \
	"41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw - cgroup2 cgroup2 rw\n"

#define V2      "/sys/fs/cgroup/uni fied"
#define CPU     "/sys/fs/cgroup/cpu,cpuacct"
#define FREEZER "/sys/fs/cgroup/freezer"

static void hierarchies_open(struct canned *canned)
{
	village_open(canned);
	canned_unlink(canned, "/proc/self");
	canned_file(canned, "/proc/self/mountinfo", "%s", MOUNTS);
	canned_file(canned, "/proc/self/cgroup", "9:name=systemd:/\n6:freezer:/\n3:cpu,cpuacct:/\n0::/user.slice\n");
	canned_file(canned, V2 "/cgroup.threads", "1\n");
	canned_file(canned, V2 "/a/cgroup.threads", "10\n0\n");
	canned_file(canned, V2 "/a/b/cgroup.threads", "100\n101\n102\n");
	canned_file(canned, V2 "/a/b/c/cgroup.threads", "200\n");
	canned_file(canned, V2 "/a/empty/cgroup.threads", "%s", "");
	canned_file(canned, CPU "/tasks", "1\n");
	canned_file(canned, CPU "/a/b/tasks", "201\n");
	canned_file(canned, CPU "/a/tasks", "%s", "");
	canned_file(canned, CPU "/only-cpu/tasks", "400\n");
	canned_file(canned, FREEZER "/tasks", "1\n");
	canned_file(canned, FREEZER "/only-freezer/tasks", "500\n");
	canned_file(canned, FREEZER "/only-cpu/tasks", "1\n");
	canned_file(canned, "/sys/fs/cgroup/systemd/init.scope/tasks", "1\n");
	canned_link(canned, "/sys/fs/cgroup/cpu", "cpu,cpuacct");
	canned_directory(canned, "/home/a");
}

static ino_t inode(const struct canned *canned, const char *path)
{
	char full[PATH_MAX];
	struct stat info;

	cr_assert_eq(stat(canned_path(canned, path, full), &info), 0, "%s", full);
	return info.st_ino;
}

Test(cgroup, every_way_to_name_it)
{
	static const struct {
		const char *text;
		uint32_t hierarchy;
		const char *path, *name;
	} cases[] = {
		{V2 "/a/b",                   0, V2 "/a/b",                           "/a/b"         },
		{ V2 "/a/b/",                 0, V2 "/a/b",                           "/a/b"         },
		{ V2,			 0, V2,				  "/"            },
		{ "/a/b",                     0, V2 "/a/b",                           "/a/b"         },
		{ "a/b",                      0, V2 "/a/b",                           "/a/b"         },
		{ "/",			0, V2,				  "/"            },
		{ CPU "/a/b",                 3, CPU "/a/b",                          "/a/b"         },
		{ "/sys/fs/cgroup/cpu/a/b",   3, CPU "/a/b",                          "/a/b"         },
		{ "cpu:/a/b",                 3, CPU "/a/b",                          "/a/b"         },
		{ "cpuacct:a/b",              3, CPU "/a/b",                          "/a/b"         },
		{ "only-cpu",                 3, CPU "/only-cpu",                     "/only-cpu"    },
		{ "freezer:/only-cpu",        6, FREEZER "/only-cpu",                 "/only-cpu"    },
		{ "/only-freezer",            6, FREEZER "/only-freezer",             "/only-freezer"},
		{ "name=systemd:/init.scope", 9, "/sys/fs/cgroup/systemd/init.scope", "/init.scope"  },
	};
	struct canned canned;

	hierarchies_open(&canned);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cgroup cgroup;
		char full[PATH_MAX];

		cr_assert_eq(cgroup_find(canned.root, cases[i].text, &cgroup), 0, "%s", cases[i].text);
		cr_assert_eq(cgroup.hierarchy, cases[i].hierarchy, "%s", cases[i].text);
		cr_assert_eq(cgroup.id, inode(&canned, cases[i].path), "%s", cases[i].text);
		cr_assert_str_eq(cgroup.path, canned_path(&canned, cases[i].path, full));
		cr_assert_str_eq(cgroup.name, cases[i].name);
		cgroup_fini(&cgroup);
	}
	canned_close(&canned);
}

Test(cgroup, members_with_all_below)
{
	struct canned canned;
	struct target *target;

	hierarchies_open(&canned);
	target = resolved(canned.root, TARGET_CGROUP, "/a", true);
	EXPECT_THREADS(target, 10, 100, 101, 102, 200, 0);
	cr_assert_eq(target->process_count, 0);
	cr_assert_eq(target->cgroup_hierarchy, 0);
	cr_assert_eq(target->cgroup_id, inode(&canned, V2 "/a"));
	cr_assert_str_eq(target->description, "cgroup /a");
	target_free(target);
	target = resolved(canned.root, TARGET_CGROUP, "cpu:/a", true);
	EXPECT_THREADS(target, 201, 0);
	target_free(target);
	target = resolved(canned.root, TARGET_CGROUP, "/a/empty", true);
	EXPECT_THREADS(target, 0);
	target_free(target);
	canned_close(&canned);
}

Test(cgroup, refusals_name_the_thing_and_the_cause)
{
	struct canned canned;

	hierarchies_open(&canned);
	EXPECT_REFUSAL(canned.root, TARGET_CGROUP, "/no/such", -ENOENT, "'/no/such'", "none of that name", "uni fied");
	EXPECT_REFUSAL(canned.root, TARGET_CGROUP, "/home/a", -ENOENT, "'/home/a'", "is no cgroup");
	EXPECT_REFUSAL(canned.root, TARGET_CGROUP, V2 "/a/cgroup.threads", -EINVAL, "not a directory");
	EXPECT_REFUSAL(canned.root, TARGET_CGROUP, "memory:/a", -ENOENT, "no cgroup v1 mount has that controller");
	EXPECT_REFUSAL(canned.root, TARGET_CGROUP, "cpu:/nope", -ENOENT, "'cpu:/nope'", "none of that name");
	EXPECT_REFUSAL(canned.root, TARGET_CGROUP, "../../../home/a", -ENOENT, "'../../../home/a'");
	EXPECT_REFUSAL(canned.root, TARGET_CGROUP, "", -EINVAL, "without a name");
	canned_file(&canned, "/proc/self/mountinfo", "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
	EXPECT_REFUSAL(canned.root, TARGET_CGROUP, "/a", -ENOENT, "no cgroup file system is mounted",
		       "mount -t cgroup2");
	canned_close(&canned);
}

/* Live: whatever hierarchies there are, we are in each of them, and our directory's inode is its id. */
Test(cgroup, our_own_live)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[1024];
	unsigned int found = 0;

	cr_assert(file);
	while (fgets(line, sizeof(line), file)) {
		unsigned int hierarchy = (unsigned int)strtoul(line, NULL, 10);
		char *names = strchr(line, ':') + 1, *path = strchr(names, ':'), text[1100];
		struct idlist list = { 0 };
		struct cgroup cgroup;
		struct heard heard;
		int err;

		line[strcspn(line, "\n")] = 0;
		*path++ = 0;
		if (strchr(names, ','))
			*strchr(names, ',') = 0;
		snprintf(text, sizeof(text), "%s%s%s", names, *names ? ":" : "", path);
		heard_open(&heard);
		err = cgroup_find("", text, &cgroup);
		heard_close(&heard);
		if (err)
			continue; /* a hierarchy need not be mounted here, nor show us our own directory */
		if (*names)
			cr_assert_eq(cgroup.hierarchy, hierarchy, "%s", text);
		cr_assert_eq(cgroup_list_threads(cgroup.path, &list), 0);
		cr_assert(idlist_has(&list, (uint32_t)getpid()), "%s does not list us", cgroup.path);
		idlist_fini(&list);
		cgroup_fini(&cgroup);
		found++;
	}
	fclose(file);
	if (!found)
		cr_skip_test("no cgroup hierarchy is mounted here");
}
