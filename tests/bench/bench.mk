# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make bench` (as root): what rota costs, measured; writes docs/performance.md. tests/bench/NAME.c → build/bench/NAME.

bench_rooms    := trace host base
bench_programs := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(filter-out %.bpf.c,$(wildcard tests/bench/*.c)))
$(BUILD)/bench/%: tests/bench/%.c tests/live/program.h $(foreach room,$(bench_rooms),$(call room_library,$(room)))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itests -pthread $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

$(BUILD)/bench/floor.bpf.o: tests/bench/floor.bpf.c bpf/kernel.h
	@mkdir -p $(@D)
	$(CLANG) -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Wall -Wextra -Werror -Ibpf -c -o $@ $<

.PHONY: bench
bench: deps
	@$(again) all test-programs
	@$(again) bench-programs
	@BUILD=$(BUILD) CC='$(CC)' CLANG='$(CLANG)' tests/bench/bench; status=$$?; $(give_back); exit $$status

.PHONY: bench-programs
bench-programs: $(bench_programs) $(BUILD)/bench/floor.bpf.o
