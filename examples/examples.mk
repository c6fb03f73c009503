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

# examples/go/NAME.go → build/examples/go/NAME, where there is a `go`. Each is one file; nothing is fetched.
go_example_names    := workers turns hundredthousand http handler mutex sharded falsesharing pool pingpong lockosthread \
                       blockingread quota garbage selfset
go_example_programs := $(if $(shell command -v go 2>/dev/null),$(addprefix $(BUILD)/examples/go/,$(go_example_names)))
go_build := env -u GOROOT GOTOOLCHAIN=local GOPROXY=off GOENV=off GOFLAGS= GO111MODULE=off CGO_ENABLED=0 \
            GOCACHE=$(abspath $(BUILD))/go/cache GOPATH=$(abspath $(BUILD))/go/path go build

# A Go too old for one of them costs that example, not the build.
$(BUILD)/examples/go/%: examples/go/%.go
	@mkdir -p $(@D)
	$(go_build) -o $@ $< || echo "examples: $@ is left out: this go cannot build it" >&2

.PHONY: examples
examples: $(example_programs) $(go_example_programs)
all: examples
