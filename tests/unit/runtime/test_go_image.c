/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A Go executable: what it says of itself; and that no damage makes it say what is not there. */
#include "go_small.h"
#include "runtime/go_image.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

static int open_bytes(const uint8_t *bytes, size_t size, struct go_image **ret_image, char *why)
{
	int fd = small_file(bytes, size), err;

	cr_assert_geq(fd, 0);
	err = go_image_open(fd, ret_image, why);
	close(fd);
	return err;
}

Test(go_image, tells_what_it_is)
{
	uint8_t file[SMALL_SIZE], code[4];
	char why[GO_IMAGE_WHY], name[64];
	struct go_image *image;
	int32_t tls;

	small_make(file);
	cr_assert_eq(open_bytes(file, sizeof(file), &image, why), 0, "%s", why);
	cr_assert_str_eq(go_image_version(image), "go1.24.4");
	cr_assert_not(go_image_cgo(image));
	cr_assert_not(go_image_pie(image));
	cr_assert_not(go_image_stripped(image));
	cr_assert_eq(go_image_symbol(image, "runtime.allm"), SMALL_DATA + 0x800);
	cr_assert_eq(go_image_symbol(image, "runtime.allp"), 0);
	cr_assert_eq(go_image_pclntab(image), SMALL_TABLE);
	cr_assert_eq(go_image_text(image), SMALL_TEXT);
	cr_assert(go_image_bytes(image, SMALL_TEXT, code, sizeof(code)));
	cr_assert_eq(code[0], 0x49);
	cr_assert_not(go_image_bytes(image, SMALL_TEXT + 0xff, code, sizeof(code)));
	cr_assert(go_image_tls_offset(image, SMALL_TEXT, &tls));
	cr_assert_eq(tls, -8);
	cr_assert(go_image_function(image, SMALL_TEXT, SMALL_TEXT + 0x7f, name, sizeof(name)));
	cr_assert_str_eq(name, "runtime.schedule");
	cr_assert(go_image_function(image, SMALL_TEXT, SMALL_TEXT + 0x80, name, 8));
	cr_assert_str_eq(name, "runtime");
	cr_assert_not(go_image_function(image, SMALL_TEXT, SMALL_TEXT + 0xc0, name, sizeof(name)));
	cr_assert_not(go_image_function(image, SMALL_TEXT, SMALL_TEXT - 1, name, sizeof(name)));
	go_image_free(image);
}

Test(go_image, probes_only_what_the_kernel_emulates)
{
	uint8_t file[SMALL_SIZE];
	char why[GO_IMAGE_WHY];
	struct go_image *image;

	small_make(file);
	file[0x840] = 0x90; /* schedule begins otherwise */
	cr_assert_eq(open_bytes(file, sizeof(file), &image, why), 0);
	cr_assert_eq(go_image_entry(image, SMALL_TEXT, "runtime.schedule"), SMALL_TEXT + 0x40);
	cr_assert_eq(go_image_probe(image, SMALL_TEXT, "runtime.execute"), 0x804);
	cr_assert_eq(go_image_probe(image, SMALL_TEXT, "runtime.schedule"), 0);
	cr_assert_eq(go_image_probe(image, SMALL_TEXT, "runtime.goexit"), 0);
	go_image_free(image);
}

Test(go_image, of_something_else)
{
	static const uint8_t text[] = "#!/bin/sh\nexit 0\n........................................................";
	uint8_t file[SMALL_SIZE];
	char why[GO_IMAGE_WHY];
	struct go_image *image;

	cr_assert_eq(open_bytes(text, sizeof(text), &image, why), -ENOEXEC);
	small_make(file);
	file[SMALL_INFO + 3] ^= 1; /* no build information */
	cr_assert_eq(open_bytes(file, sizeof(file), &image, why), -ENOEXEC);
	small_make(file);
	file[SMALL_INFO + 32] = 0; /* no version in it */
	cr_assert_eq(open_bytes(file, sizeof(file), &image, why), -EBADMSG);
	cr_assert_str_not_empty(why);
}

/* Names come out of the table's own bytes, whatever has been done to it; addresses of functions lie behind text. */
static void use(const uint8_t *file, size_t size)
{
	struct go_layout layout = { 0 };
	struct go_image *image;
	char why[GO_IMAGE_WHY], name[64];
	uint64_t text, probe;
	int32_t tls;

	if (open_bytes(file, size, &image, why))
		return;
	text = go_image_text(image);
	for (uint64_t pc = text; pc < text + 0x100; pc += 8)
		if (go_image_function(image, text, pc, name, sizeof(name)))
			cr_assert_lt(strlen(name), sizeof(name));
	probe = go_image_probe(image, text, "runtime.execute");
	cr_assert(probe < size);
	go_image_tls_offset(image, text, &tls);
	go_image_dwarf(image, &layout);
	go_image_symbol(image, "runtime.none");
	go_image_free(image);
}

Test(go_image, cut_anywhere)
{
	uint8_t file[SMALL_SIZE];

	small_make(file);
	for (size_t size = 0; size < sizeof(file); size += size < 0x400 ? 1 : 61)
		use(file, size);
}

Test(go_image, with_any_byte_changed)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff };
	uint8_t file[SMALL_SIZE];

	small_make(file);
	for (size_t at = 0; at < sizeof(file); at++) {
		uint8_t before = file[at];

		if (!before && at % 16) /* most of it is nothing */
			continue;
		for (size_t i = 0; i < sizeof(masks); i++) {
			file[at] = before ^ masks[i];
			use(file, sizeof(file));
		}
		file[at] = before;
	}
}

Test(go_layout, by_version)
{
	struct go_layout layout;

	cr_assert(go_layout_of_version("go1.24.4", &layout));
	cr_assert_eq(layout.minor, 24);
	cr_assert_eq(layout.g_goid, 160);
	cr_assert_eq(layout.sched_custom_gomaxprocs, GO_NO_OFFSET);
	cr_assert(go_layout_of_version("go1.26-devel_abc", &layout));
	cr_assert_eq(layout.sched_ngsyscall_no_p, 100);
	cr_assert(go_layout_of_version("go1.25rc1", &layout));
	cr_assert_eq(layout.m_p, 200);
	cr_assert_not(go_layout_of_version("go1.18.10", &layout));
	cr_assert_not(go_layout_of_version("go1.28", &layout));
	cr_assert_not(go_layout_of_version("devel +abc", &layout));
	cr_assert_not(go_layout_of_version("go1.2x", &layout));
}
