/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libFuzzer target for what rota reads of executables: ELF, build information, pclntab, DWARF. The input is a list of changes to a
 * small Go executable (tests/unit/runtime/go_small.h): two bytes say where, one what; or, behind a zero, a file as it stands.
 */
#include "../unit/runtime/go_small.h"
#include "runtime/go_image.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void look(const uint8_t *file, size_t size)
{
	struct go_layout layout = { 0 };
	char why[GO_IMAGE_WHY], name[32];
	struct go_image *image;
	uint64_t text;
	int32_t tls = 0;
	int fd = small_file(file, size);

	if (fd < 0)
		return;
	go_image_likely(fd);
	if (!go_image_open(fd, &image, why)) {
		text = go_image_text(image);
		for (uint64_t pc = text - 1; pc < text + 0x101; pc += 3)
			if (go_image_function(image, text, pc, name, sizeof(name)) &&
			    strnlen(name, sizeof(name)) == sizeof(name))
				abort();
		if (go_image_probe(image, text, "runtime.execute") >= size)
			abort();
		if (go_image_tls_offset(image, text, &tls) && (tls >= 0 || tls % 8))
			abort();
		go_image_symbol(image, "runtime.allgs");
		go_image_dwarf(image, &layout);
		go_image_free(image);
	}
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static uint8_t file[SMALL_SIZE];

	if (size && !bytes[0]) {
		look(bytes + 1, size - 1);
		return 0;
	}
	small_make(file);
	for (size_t i = 1; i + 2 < size; i += 3)
		file[(bytes[i] | (uint32_t)bytes[i + 1] << 8) % SMALL_SIZE] = bytes[i + 2];
	look(file, sizeof(file));
	return 0;
}
