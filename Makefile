# Weir. Meson does the work; this gives it short names. `make help` lists them.

# CC=clang make, or make CC=clang: another compiler. Make's own default is left to Meson.
ifneq ($(origin CC),default)
export CC
endif
export LISTEN DB SEED PREFIX
MAKEFLAGS += --no-print-directory
T =
B =
ROUNDS = 0
DESTDIR =
PREFIX = /usr/local

.PHONY: all run test test-all soak bench fuzz asan fmt fmt-check lint tidy install clean help
.NOTPARALLEL:

all: ## build everything; leaves build/bin/market
	@tools/install-packages build
	@tools/build plain

run: ## build, and serve market with a small catalogue on http://127.0.0.1:8080
	@echo "run: builds market and serves it with a small catalogue"
	@tools/install-packages build
	@tools/build plain bin/market
	@tools/run

test: ## all tests, plain and under sanitizers, in 10 minutes at most; T=queue: those whose name has it; SEED=17
	@echo "test: builds twice, plain and under sanitizers, and runs $(if $(T),the tests named *$(T)*,all tests)"
	@tools/install-packages build test
	@tools/test --tier test --match '$(T)'

test-all: ## test, and what needs a browser, Valgrind, ThreadSanitizer, clang, another architecture
	@echo "test-all: adds a browser, Valgrind, ThreadSanitizer, clang and aarch64 to \`make test\`"
	@tools/install-packages build test test-all lint
	@tools/test --tier all --match '$(T)'

soak: ## long: round after round under new seeds; goes on where it was stopped; ROUNDS=10
	@echo "soak: runs tests under new seeds until Ctrl-C$(if $(filter-out 0,$(ROUNDS)), or $(ROUNDS) rounds are over)"
	@tools/install-packages build test
	@tools/test --tier soak --rounds $(ROUNDS) --match '$(T)'

bench: ## benchmarks; B=switch: those whose name has it
	@tools/install-packages build bench
	@tools/build release
	@bench/run '$(B)'

fuzz: ## a target of fuzz/ under libFuzzer: F=http1 SECS=60
	@tools/install-packages build test-all
	@tools/fuzz '$(or $(F),http1)' '$(or $(SECS),60)'

asan: ## the build under AddressSanitizer and UndefinedBehaviorSanitizer, in build/asan
	@tools/install-packages build
	@tools/build asan

fmt: ## lay out the C files
	@tools/install-packages lint
	@tools/format

fmt-check: ## name the C files that `make fmt` would change
	@tools/install-packages lint
	@tools/format --check

lint tidy: ## cppcheck and clang-tidy; no findings
	@tools/install-packages build lint
	@tools/lint

install: ## under DESTDIR and PREFIX (/usr/local)
	@tools/install-packages build
	@tools/build install
	@meson install -C build/install --no-rebuild --strip --destdir '$(abspath $(DESTDIR))'
	@[ -n '$(DESTDIR)' ] || ldconfig 2>/dev/null || true # a prefix of one's own needs no loader cache

clean: ## remove build/; market's data in var/ stays
	rm -rf build

help: ## this
	@sed -n 's/^\([a-z][a-z -]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-10s %s\n' "$$name" "$$what"; done
