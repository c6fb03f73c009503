# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What tests and checks need beside the unit tests: the programs they observe, the runner, the linters, the packages.

# --- programs that live tests observe: tests/live/NAME.c → build/tests/NAME ------------------------------------------

live_programs := $(patsubst tests/live/%.c,$(BUILD)/tests/%,$(wildcard tests/live/*.c))

# whose stacks are looked at
$(BUILD)/tests/places: private CFLAGS += -fno-omit-frame-pointer -fno-optimize-sibling-calls

$(BUILD)/tests/%: tests/live/%.c tests/live/program.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -pthread $(LDFLAGS) -o $@ $<

.PHONY: test-programs
test-programs: $(live_programs)

# What script tests run beside rota, such as mktrace: tests/tool/NAME.c → build/tests/tool/NAME, linked with the rooms
# that know traces. No tool may stand on capture.
tool_rooms    := runtime metric timeline stream trace host base
tool_programs := $(patsubst tests/tool/%.c,$(BUILD)/tests/tool/%,$(wildcard tests/tool/*.c))
$(BUILD)/tests/tool/%: tests/tool/%.c $(foreach room,$(tool_rooms),$(call room_library,$(room)))
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itests $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

.PHONY: test-tools
test-tools: $(tool_programs)

# Go programs that tests observe: tests/go/NAME.go → build/go/bin/VERSION-BUILD/NAME (tests/go/matrix.py), for each Go
# that is there: in PATH ("installed"), and those that go-toolchains fetched. GO_VERSIONS="1.19 1.24" chooses, and fetches.
go_python = BUILD=$(BUILD) PYTHONDONTWRITEBYTECODE=1 python3
.PHONY: go-toolchains go-programs
go-toolchains:
	@$(go_python) tests/go/toolchains.py $(GO_VERSIONS)
go-programs:
	@$(go_python) tests/go/programs.py $(GO_VERSIONS)

# --- what must be installed ------------------------------------------------------------------------------------------

# On older Ubuntu the bpftool in PATH is a wrapper that fails where there are no tools for the running kernel.
ifeq ($(origin BPFTOOL),file)
BPFTOOL = $(shell tests/tool/deps --bpftool)
endif

.PHONY: deps deps-build deps-vm
deps:
	@tests/tool/deps test
deps-build:
	@tests/tool/deps build
deps-vm:
	@tests/tool/deps vm

# --- the commands of README.md ---------------------------------------------------------------------------------------

# Built by root under sudo: what is in build/ then belongs to who ran sudo, so that a later plain make works.
give_back = if [ -n "$$SUDO_UID" ] && [ -d $(BUILD) ]; then chown -R "$$SUDO_UID:$$SUDO_GID" $(BUILD); fi
again     = $(MAKE) --no-print-directory

.PHONY: demo
demo: deps-build
	@$(again) all
	@$(give_back)
	@$(BUILD)/rota demo

# Its last line is "N passed, N failed, N skipped".
.PHONY: check
check: deps
	@status=0; BUILD=$(BUILD) tests/run || status=$$?; $(give_back); exit $$status

# Go programs of all versions × builds: fetches Debian's toolchains first.
.PHONY: check-go
check-go: deps
	@$(again) -s -j$$(nproc) all test-tools
	@$(again) -s go-programs GO_VERSIONS="$(or $(GO_VERSIONS),1.19 1.22 1.23 1.24 1.26 1.27)"
	@status=0; BUILD=$(BUILD) tests/run go live -k go || status=$$?; $(give_back); exit $$status

# Each verdict thirty times; at least nine tenths of them must be right.
.PHONY: soak
soak: deps
	@$(again) -s all examples
	@ROTA_SOAK=30 BUILD=$(BUILD) PYTHONPATH=tests/lib PYTHONDONTWRITEBYTECODE=1 python3 tests/live/test_verdicts.py
# The same program on other kernels and topologies (docs/testing.md); its last line is like that of make check.
#   make check-vm [KERNEL=6.12] [TOPOLOGY=2x2x2] [TEST=smt] [V=1]      make vm-shell KERNEL=6.12 TOPOLOGY=2x2x2
vm_guests   = $(foreach kernel,$(KERNEL),--kernel $(kernel)) $(foreach topology,$(TOPOLOGY),--topology $(topology))
vm_programs = $(again) -s -j$$(nproc) all examples test-programs test-tools

.PHONY: check-vm vm-shell
check-vm: deps-vm
	@status=0; $(vm_programs) && BUILD=$(BUILD) tests/vm/run $(vm_guests) $(if $(TEST),--test $(TEST)) $(if $(V),-v) || status=$$?; \
		$(give_back); exit $$status
# Records tests/golden/vm/*.rota and examples/sample.rota anew
.PHONY: vm-golden
vm-golden: deps-vm
	@status=0; $(vm_programs) && BUILD=$(BUILD) tests/vm/make-golden || status=$$?; $(give_back); exit $$status
vm-shell: deps-vm
	@status=0; $(vm_programs) && BUILD=$(BUILD) tests/vm/run $(vm_guests) --shell || status=$$?; $(give_back); exit $$status

.PHONY: lint
lint: deps
	@$(again) -s $(BUILD)/gen/rota.skel.h
	@BUILD=$(BUILD) tests/tool/lint

.PHONY: clean
clean:
	rm -rf $(BUILD)

.PHONY: help
help:
	@echo 'sudo make demo      install what is missing, build, run rota demo'
	@echo 'sudo make check     install what is missing, build, run every test'
	@echo 'sudo make soak      each verdict of tests/live/test_verdicts.py thirty times'
	@echo 'make check-vm       boot Debian kernels 5.10 to the newest in QEMU, on five topologies, and test in each (docs/testing.md);'
	@echo '                    KERNEL=6.12 TOPOLOGY=2x2x2 TEST=smt choose'
	@echo 'make vm-shell       a shell in one such guest: KERNEL=6.12 TOPOLOGY=2x2x2'
	@echo 'make                build/rota and the examples'
	@echo 'make unit           the unit tests (make SAN=1 unit: with AddressSanitizer and UBSan)'
	@echo 'make check-go       Go 1.19 to the newest, each built in five ways, against what the programs say of themselves'
	@echo 'make go-toolchains  fetch Debian Go 1.19 to the newest into $(BUILD)/go/ (GO_VERSIONS="1.19 1.24" chooses)'
	@echo 'make go-programs    build the Go programs of the tests with each Go that is there (GO_VERSIONS chooses, and fetches)'
	@echo 'make lint           formatting, include rules, cppcheck, clang-tidy, man pages, shell scripts'
	@echo 'make deps           install what is missing to build and test'
	@echo 'make install        PREFIX=$(PREFIX), DESTDIR; make uninstall undoes it'
	@echo 'make clean          remove $(BUILD)/'
