# Everything by one name. `make` alone lists the targets.
# The build needs Rust (rust-toolchain or 1.89 and later), a C compiler as linker, and python3 once, to fetch the solver.

CARGO ?= cargo
PYTHON ?= python3
LEXPORT := $(or $(CARGO_TARGET_DIR),target)/release/lexport
DEMO := policies/us-2023-11
OUT := $(or $(CARGO_TARGET_DIR),target)/demo

# A suite for each file of tests/, the longest first: cargo runs one program of tests after the other, and most of them keep one processor busy.
LONGEST := hard loopholes interop seeded agree policies trust
SUITES := $(LONGEST) $(filter-out $(LONGEST),$(basename $(notdir $(wildcard tests/*.rs))))
# What is tested beside its code takes longer to optimise than to run.
UNITS := CARGO_PROFILE_TEST_OPT_LEVEL=0 $(CARGO) test --locked --lib

.DEFAULT_GOAL := help
.PHONY: help solver second build demo test without-solver suite-units suite-documentation corpus properties agree interop loopholes hard lint bench criterion screening scale clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

solver: ## fetch the pinned Z3 into .solver/ (nothing to do when it is there)
	@$(PYTHON) .cargo/solver.py

second: ## fetch the pinned cvc5 as a second solver: lexport check PATH --confirm .solver/cvc5
	@$(PYTHON) .cargo/second.py

build: solver ## the program, optimised
	$(CARGO) build --release --locked

demo: build ## check, test, build and decide one real regime, from nothing
	@echo '== what the checker says of $(DEMO)'
	$(LEXPORT) check $(DEMO)
	@echo '== its scenarios'
	$(LEXPORT) test $(DEMO)
	@echo '== its table, and one decision from it'
	$(LEXPORT) build $(DEMO) --to json -o $(OUT)
	printf '%s\n' '{"date":"2024-03-01","reading":"letter","mode":"export","origin":"US","destination":"CN","chip.tpp":15824,"chip.die_area":814,"chip.datacenter":true,"quantity":8}' \
	  | $(LEXPORT) decide $(OUT)/*.json

test: solver ## every suite, as many at a time as there are processors
	$(CARGO) test --locked --test '*' --no-run
	$(UNITS) --workspace --no-run
	@$(MAKE) --no-print-directory --keep-going --output-sync=target --jobs=$$(getconf _NPROCESSORS_ONLN) \
	  suite-units $(SUITES:%=suite-%) suite-documentation

without-solver: ## what is tested beside its code, in a program without a solver
	$(UNITS) --no-default-features

suite-units:
	$(UNITS) --workspace

suite-documentation:
	$(CARGO) test --locked --workspace --doc

suite-%:
	$(CARGO) test --locked --test $*

corpus: build ## check and test every regime of policies/, with times
	@for regime in policies/*/; do \
	  start=$$(date +%s); \
	  $(LEXPORT) check $$regime --no-cache --deny warning > $(OUT).txt 2>&1 || { cat $(OUT).txt; exit 1; }; \
	  end=$$(date +%s); \
	  tail -n 1 $(OUT).txt | tr '\n' ' '; echo "($$((end - start)) s)"; \
	  $(LEXPORT) test $$regime 2> /dev/null | grep 'scenarios pass' || exit 1; \
	done

properties: build ## the twelve properties of every regime of policies/, in each reading: docs/properties.md
	$(LEXPORT) properties policies/*/ -o docs/properties.md

agree: solver ## a million cases: interpreter, diagram, solver, table and emitted Rust say the same; a million of amended laws
	LEXPORT_AGREE_REGIMES=200 LEXPORT_AGREE_CASES=1000000 $(CARGO) test --locked --test agree -- --nocapture
	LEXPORT_PROCESSES=600 $(CARGO) test --locked --test processes -- --nocapture
	LEXPORT_TIMELINES=2000 $(CARGO) test --locked --test timelines -- --nocapture

interop: solver ## installs the outside consumers of tables, asks each 100,000 cases of each table, prints what agreed and what was skipped
	@for install in tests/interop/install/*.sh; do \
	  [ -f "$$install" ] || continue; \
	  bash "$$install" > $(OUT).install.txt 2>&1 || { echo "$$install failed:"; tail -n 5 $(OUT).install.txt; }; \
	done
	rm -rf $(or $(CARGO_TARGET_DIR),target)/tmp/interop
	LEXPORT_INTEROP=1 $(CARGO) test --locked --test interop -- --nocapture --test-threads 1
	$(PYTHON) tests/interop/agreement.py $(or $(CARGO_TARGET_DIR),target)/tmp/interop docs/tables.md

loopholes: solver ## the catalogue of loopholes, found before the fix and proved after it: docs/loopholes.md, and the times
	LEXPORT_WRITE=1 $(CARGO) test --locked --release --test loopholes -- --nocapture

hard: build ## processes that are deliberately hard, with times
	@for regime in tests/hard/*.lxp; do \
	  start=$$(date +%s%N); \
	  $(LEXPORT) check $$regime --no-cache --deny warning > $(OUT).txt 2>&1 || { cat $(OUT).txt; exit 1; }; \
	  end=$$(date +%s%N); \
	  tail -n 1 $(OUT).txt | tr '\n' ' '; echo "($$(((end - start) / 1000000)) ms)"; \
	done

lint: solver ## formatting, clippy with warnings denied, documentation
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked --no-default-features -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --no-deps --document-private-items

bench: solver ## tables beside other engines on the same rules and requests: into docs/performance.md, with a plot (a quiet machine, half an hour with the build)
	bash tests/interop/install/duckdb.sh
	CARGO_TARGET_DIR=$(or $(CARGO_TARGET_DIR),$(CURDIR)/target) $(CARGO) run --release --locked --manifest-path benches/outside/Cargo.toml

criterion: solver ## the benchmarks of single parts: decisions, imports
	$(CARGO) bench --locked --workspace

screening: build ## 100 million generated shipments through decide and through Spark: into docs/performance.md (three quarters of an hour, 15 GB of disk)
	bash tests/interop/install/duckdb.sh
	bash tests/interop/install/spark.sh
	.consumers/python/bin/python benches/screening/run.py $(LEXPORT) policies/us-2025-01 $(OUT).screening --page docs/performance.md
	rm -rf $(OUT).screening

scale: solver ## time and memory of check (without a cache, cold, warm, after an edit) and build at 100, 1,000 and 10,000 rules
	$(CARGO) bench --locked --bench scale

clean: ## remove what was built and the fetched solver
	$(CARGO) clean
	rm -rf .solver
