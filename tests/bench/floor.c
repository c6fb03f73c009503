/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* floor OBJECT: attaches every program of a BPF object, prints a line, and holds them until its stdin ends. */
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

int main(int argc, char **argv)
{
	struct bpf_object *object = argc == 2 ? bpf_object__open_file(argv[1], NULL) : NULL;
	struct bpf_program *program;
	int err = object ? bpf_object__load(object) : -1;

	if (err) {
		fprintf(stderr, "floor: cannot load %s\n", argc == 2 ? argv[1] : "nothing: name an object");
		return 1;
	}
	bpf_object__for_each_program(program, object)
	{
		if (!bpf_program__attach(program)) {
			fprintf(stderr, "floor: cannot attach %s\n", bpf_program__name(program));
			return 1;
		}
	}
	printf("ready\n");
	fflush(stdout);
	while (getchar() != EOF)
		;
	bpf_object__close(object);
	return 0;
}
