# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# rota: `sudo make demo` shows it, `sudo make check` tests it. `make help` lists the rest.

VERSION  := 0.1.0
BUILD    ?= build
PREFIX   ?= /usr/local
CC       ?= gcc
CLANG    ?= clang
BPFTOOL  ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
ARCH     := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')

# Each room of src/ and the rooms it may stand on; linking follows the table, tests/tool/include-rules the includes.
ROOMS          := base host target runtime trace stream timeline metric view serve capture cmd
ROOM_base      :=
ROOM_host      := base
ROOM_target    := base
ROOM_runtime   := base
ROOM_trace     := base
ROOM_stream    := trace base
ROOM_timeline  := base
ROOM_metric    := base
ROOM_view      := base
ROOM_serve     := base
ROOM_capture   := host target runtime trace base
ROOM_cmd       := capture metric timeline stream trace view host target runtime serve base

OPTIMISE ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter
CFLAGS   += -std=gnu11 $(OPTIMISE) $(WARNINGS) -D_GNU_SOURCE -DROTA_VERSION='"$(VERSION)"' -Iinclude -Isrc -I$(BUILD)/gen
ifeq ($(SAN),1)
BUILD    := $(BUILD)/san
CFLAGS   += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=address,undefined
endif
LDLIBS   += -lbpf -ldw -lelf -lz -lzstd -lhwloc -ljson-c -lseccomp -lm

.DEFAULT_GOAL := all
.PHONY: all
all: $(BUILD)/rota

# --- the program ---------------------------------------------------------------------------------------------------

room_sources  = $(wildcard src/$(1)/*.c)
room_objects  = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(call room_sources,$(1)))
room_library  = $(BUILD)/lib/lib$(1).a
all_objects  := $(foreach room,$(ROOMS),$(call room_objects,$(room)))

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

define room_rule
$(call room_library,$(1)): $(call room_objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS),$(eval $(call room_rule,$(room))))

$(BUILD)/rota: $(foreach room,cmd $(ROOM_cmd),$(call room_library,$(room)))
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ -Wl,--start-group $^ -Wl,--end-group $(LDLIBS)

# BPF object and skeleton
$(BUILD)/gen/rota.bpf.o: $(wildcard bpf/*.c bpf/*.h) include/rota/record.h include/rota/settings.h
	@mkdir -p $(@D)
	$(CLANG) -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Wall -Wextra -Werror -Iinclude -c -o $@.tmp bpf/rota.bpf.c
	$(BPFTOOL) gen object $@ $@.tmp
$(BUILD)/gen/rota.skel.h: $(BUILD)/gen/rota.bpf.o
	$(BPFTOOL) gen skeleton $< name rota_bpf > $@.tmp && mv $@.tmp $@
$(call room_objects,capture): $(BUILD)/gen/rota.skel.h

# --- tests ---------------------------------------------------------------------------------------------------------

# tests/unit/ROOM/test_X.c: one Criterion program each, linked with the room and those it may stand on, nothing more
unit_tests := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*/test_*.c))
unit_room   = $(firstword $(subst /, ,$(1)))
.SECONDEXPANSION:
$(BUILD)/unit/%: tests/unit/%.c $$(foreach room,$$(call unit_room,$$*) $$(ROOM_$$(call unit_room,$$*)),$$(call room_library,$$(room)))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -Itests $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS) -lcriterion

# tests/property/test_X.c: the chain from chunks to a summary
property_tests := $(patsubst tests/property/%.c,$(BUILD)/property/%,$(wildcard tests/property/test_*.c))
property_rooms := metric timeline stream trace base
$(BUILD)/property/%: tests/property/%.c $(foreach room,$(property_rooms),$(call room_library,$(room)))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -Itests $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS) -lcriterion

.PHONY: unit property
unit: $(unit_tests)
property: $(property_tests)

-include $(all_objects:.o=.d) $(addsuffix .d,$(unit_tests) $(property_tests))

include examples/examples.mk
include tests/tests.mk
include docs/install.mk
include tests/bench/bench.mk
