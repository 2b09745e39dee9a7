# make test is the gate. Everything else is a part of it, or a tool beside it.

GO ?= go
FUZZTIME ?= 5s
TESTFLAGS ?=
MODULE := github.com/redstart-db/redstart
LINKS := redis-server redis-cli redis-benchmark redis-sentinel redis-check-rdb redis-check-aof

# Their tests run in one goroutine, so the race detector has nothing to see in them, and takes
# ten times as long. internal/lint checks that it is so.
ONE_THREAD := ./internal/invariants ./internal/table ./internal/object ./internal/expiry ./internal/listpack \
	./internal/intset ./internal/bptree ./internal/quicklist ./internal/stream ./internal/value ./internal/hll \
	./internal/bitops ./internal/geohash ./internal/glob ./internal/xxh3 ./internal/resp ./internal/cmdspec

# What stores or walks data, where a broken invariant shows, and the commands, which call it:
# these run with the checks on. So does all that the race detector runs, as it turns them on.
ENGINE := $(ONE_THREAD) ./internal/arena ./internal/keyspace ./internal/commands

# A command is raced where clients of many threads give it: in session, server and test.
# The client's tests start it some thousand times, which a program with the detector in it is slow to do.
# The guide and the examples are programs of their own, which the detector would not be in.
UNRACED = $(ONE_THREAD) ./internal/commands ./internal/lint ./internal/cli ./test/guide

# What other modules are needed for stays out of the requirements of the server. Their tests are run by ours.
MODULES := examples test/clients/goredis test/clients/rueidis

# Of the clients' own suites there is nothing more to see: they are slow to build.
RACE_SKIP := TestGoRedisSuite

# A test that hangs names itself, long before the whole is given up.
UNIT_TIMEOUT ?= 6m
RACE_TIMEOUT ?= 9m

# Mutated inputs that are sent to the server: in all, and with the invariants on.
INPUTS ?= $(if $(filter true,$(CI)),100000,20000)
CHECKED_INPUTS ?= $(if $(filter true,$(CI)),30000,10000)

# Inside a checkout that git refuses (another owner) the build must not ask git.
BUILDVCS := $(shell git status >/dev/null 2>&1 && echo auto || echo false)
BUILD := $(GO) build -trimpath -buildvcs=$(BUILDVCS) -ldflags '-s -w'

.PHONY: build test oracles vet unit invariants race portable tcl bench fuzz lint clean

build:
	CGO_ENABLED=0 $(BUILD) -o bin/redstart ./cmd/redstart
	@for name in $(LINKS); do ln -sf redstart bin/$$name; done

test: oracles vet build portable unit invariants race tcl

# The programs the tests compare with; see the script for what happens without root.
oracles:
	@scripts/install-oracles

vet:
	$(GO) vet ./...
	@for m in $(MODULES); do echo "$(GO) vet ./$$m/..."; (cd $$m && $(GO) vet ./...) || exit 1; done
	@unformatted=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$unformatted" ]; then echo "gofmt: $$unformatted"; exit 1; fi

unit: build
	REDSTART_BIN=$(CURDIR)/bin/redstart HARDEN_INPUTS=$(INPUTS) $(GO) test -timeout $(UNIT_TIMEOUT) $(TESTFLAGS) ./...

invariants:
	$(GO) build -buildvcs=false -tags invariants -o .cache/redstart-invariants ./cmd/redstart
	REDSTART_BIN=$(CURDIR)/.cache/redstart-invariants HARDEN_INPUTS=$(CHECKED_INPUTS) $(GO) test -timeout $(UNIT_TIMEOUT) $(TESTFLAGS) -tags invariants $(ENGINE) ./test/harden ./test/compat

# The race detector needs a C compiler. It also turns the invariants on.
race:
	@if command -v gcc >/dev/null; then set -ex; export CGO_ENABLED=1; \
	$(GO) build -buildvcs=false -race -o .cache/redstart-race ./cmd/redstart; \
	REDSTART_BIN=$(CURDIR)/.cache/redstart-race $(GO) test -timeout $(RACE_TIMEOUT) $(TESTFLAGS) -race -skip '$(RACE_SKIP)' \
		$$($(GO) list ./... | grep -Fxv $(foreach p,$(UNRACED),-e $(MODULE)/$(p:./%=%))); \
	elif [ "$(CI)" = true ]; then echo "missing: gcc, for go test -race"; exit 1; \
	else echo "skipped: go test -race (gcc is missing)"; fi

# The portable driver is only compiled here.
portable:
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 $(GO) build -o /dev/null ./cmd/redstart
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build -o /dev/null ./cmd/redstart

# Run in its directory, so that the table of the units is seen, and of single tests only those that fail.
tcl: oracles build
	cd test/tcl && REDSTART_TCL=1 REDSTART_BIN=$(CURDIR)/bin/redstart $(GO) test -count=1 -run 'TestSuite|TestTools' -timeout 20m

bench: oracles build
	$(GO) run ./test/bench

fuzz:
	@FUZZTIME=$(FUZZTIME) scripts/fuzz

lint: vet
	$(GO) test -count=1 ./internal/lint

clean:
	rm -rf bin .cache
