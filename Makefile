# Everything that a newcomer or CI does is a target here. `make help` lists them.
SHELL := /bin/bash
SWIFT ?= swift
RELEASE := -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked
PARLEY := .build/release/parley
PACKAGES := pkg-config libsqlite3-dev zlib1g-dev libgdk-pixbuf-2.0-dev
export SWIFT_BACKTRACE ?= enable=no

.PHONY: help run build test debug install browser lint format docs pictures bench instructions microbench chaos \
    chaos-short soak fuzz asan tsan clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*##/  /' | awk -F'  +' '{printf "  make %-12s %s\n", $$1, $$2}'

run: build  ## Install what is missing, build for release, start the demo server
	@$(PARLEY) demo

build: install  ## Build for release: .build/release/parley
	@[ -x $(PARLEY) ] || echo "The first build compiles every package: some minutes."
	@$(SWIFT) build $(RELEASE) --product parley

install:  ## Install the system libraries that are missing (Debian, Ubuntu)
	@command -v $(SWIFT) >/dev/null || { echo "No swift found: install a Swift 6.3 toolchain (swift.org/install) and put it on PATH."; exit 1; }
	@missing=; for package in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "Installing:$$missing"; \
	    sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	    $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

# Not all at once: a thousand tests with servers, threads and files of their own open so much that Foundation's Process crashes
# (it reads past the end of /proc/self/fd's listing when that is longer than its buffer).
test: install browser lint debug  ## Install what is missing, run every test
	@set -o pipefail; $(SWIFT) test --skip-build --experimental-maximum-parallelization-width 12 2>&1 | tee .build/test.log || { \
	    echo "What failed:"; grep -A 3 '^✘' .build/test.log | grep -v -e '^◇' -e '^✔'; exit 1; }

# For tests alone: 125 MB that nobody needs to run Parley.
browser: install
	@command -v chromium chromium-browser google-chrome >/dev/null || $(MAKE) --no-print-directory install PACKAGES=chromium

debug: install
	@[ -d .build/debug ] || echo "The first build compiles every package: some minutes."
	@$(SWIFT) build --build-tests

lint:  ## Check the format of the code
	@$(SWIFT) format lint -s -r -p Sources Tests Benchmarks Package.swift

format:  ## Format the code
	@$(SWIFT) format -i -r -p Sources Tests Benchmarks Package.swift

docs: debug  ## Generate docs/compatibility/, docs/asyncapi.json and docs/console-api.json
	@for dialect in rongcloud easemob tencent rongcloud-client easemob-client; do \
	    .build/debug/parley compatibility $$dialect > docs/compatibility/$$dialect.md; done
	@.build/debug/parley protocol > docs/asyncapi.json
	@.build/debug/parley protocol --console > docs/console-api.json

pictures: browser debug  ## Take the pictures of the console: docs/console/
	@$(MAKE) --no-print-directory install PACKAGES=fonts-noto-cjk
	@PARLEY_PICTURES=$(CURDIR)/docs/console $(SWIFT) test --skip-build --filter picturesOfTheConsole

bench: build  ## Measure everything in docs/benchmarks.md, and renew its table: wants the machine for itself
	@$(PARLEY) bench all --page docs/benchmarks.md --commit $$(git rev-parse --short HEAD)

# Instructions do not depend on what else the machine does: this is judged, also by CI.
INSTRUCTIONS := .build/instructions
instructions: install  ## Count the instructions of the hot paths, and compare them with Benchmarks/instructions.json (RENEW=1: write it)
	@command -v valgrind >/dev/null || { $(MAKE) --no-print-directory install PACKAGES=valgrind; }
	@$(SWIFT) build $(RELEASE) --product parley-instructions
	@mkdir -p $(INSTRUCTIONS)
	@# valgrind cannot read the debug information of Swift 6.
	@strip -g -o $(INSTRUCTIONS)/parley-instructions .build/release/parley-instructions
	@$(INSTRUCTIONS)/parley-instructions $(if $(RENEW),renew,judge) Benchmarks/instructions.json

microbench: install  ## Times of the hot paths, by ordo-one/benchmark: reported, not judged
	@PARLEY_BENCHMARKS=1 BENCHMARK_DISABLE_JEMALLOC=1 $(SWIFT) package --scratch-path .build-microbench --disable-sandbox \
	    benchmark --target Micro

chaos: build  ## Kill, tear, fill up, besiege servers of its own; CHAOS=options (make chaos CHAOS="kill --kills 50")
	@$(PARLEY) chaos $(CHAOS)

chaos-short: debug  ## A few kills, torn writes, full disks, clock jumps and stops, on the debug build (CI)
	@.build/debug/parley chaos kill torn disk clock stop --short --limit 3

MINUTES ?= 60
soak: build  ## Mixed traffic for an hour, memory flat; make soak MINUTES=10
	@$(PARLEY) chaos soak --minutes $(MINUTES)

fuzz: install  ## Fuzz everything that reads bytes from outside: FUZZ_RUNS inputs each (docs/testing.md)
	@PARLEY_FUZZ=1 $(SWIFT) build -c release --sanitize=address --scratch-path .build/fuzz --product parley-fuzz
	@scripts/fuzz .build/fuzz/release/parley-fuzz

asan: browser  ## Run the tests under AddressSanitizer (docs/testing.md)
	@$(SWIFT) build --build-tests --sanitize=address --scratch-path .build/asan
	@scripts/sanitized address

tsan: browser  ## Run the tests under ThreadSanitizer (docs/testing.md)
	@$(SWIFT) build --build-tests --sanitize=thread --scratch-path .build/tsan
	@scripts/sanitized thread

clean:  ## Remove what was built
	@rm -rf .build .build-microbench
