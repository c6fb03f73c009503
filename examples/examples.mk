# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# examples/NAME.c → build/examples/NAME: small programs with known behaviour, for `rota demo` and for the tests.

example_names    := sleepers turns parallel full crowd neighbours quota convoy pipeline readers journal siblings seats phases
example_programs := $(addprefix $(BUILD)/examples/,$(example_names))

$(BUILD)/obj/examples/example.o: examples/example.c examples/example.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -pthread -c -o $@ $<
$(BUILD)/examples/%: examples/%.c examples/example.h $(BUILD)/obj/examples/example.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -pthread $(LDFLAGS) -o $@ $< $(BUILD)/obj/examples/example.o

.PHONY: examples
examples: $(example_programs)
all: examples
