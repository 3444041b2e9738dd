# Everything a person types. `make help` lists it.
SHELL := /bin/sh
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Install, build and start the whole product with demo data (Ctrl-C stops it)
	@sh scripts/install.sh
	@BACKOFFICE_DEMO=$${BACKOFFICE_DEMO:-1} exec $(BIN)/backoffice up

.PHONY: install-test
install-test:
	@sh scripts/install.sh test

.PHONY: test
test: install-test ## Linters, types and all tests, in real servers and a real browser (SEED=… shuffles them another way)
	@sh scripts/browser.sh
	@sh scripts/edge.sh
	@$(MAKE) --no-print-directory check types
	@$(BIN)/python -m pytest -n 2 -rfER --randomly-seed=$${SEED:-2026}

.PHONY: check
check: install-test ## The fast checks: linters, import rules, architecture
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest tests/test_architecture.py

.PHONY: types
types: install-test ## Static types
	@$(BIN)/basedpyright

.PHONY: bench
bench: install-test ## Measured ratios against bare alternatives, in one run
	@sh scripts/bench_tools.sh
	@$(BIN)/python -m bench

.PHONY: security
security: install-test ## bandit, semgrep, sqlmap, schemathesis, and the tests of every row of docs/compliance/controls.md
	@sh scripts/browser.sh
	@sh scripts/edge.sh
	@sh scripts/scanners.sh
	@$(BIN)/python -m tests.security.scan
	@$(BIN)/python -m tests.security.sqlmap_walk
	@$(BIN)/python -m pytest -n 2 -rfER --controls

.PHONY: fuzz
fuzz: install-test ## Throw anything at the parsers and the gate (FUZZ_SECONDS=60, FUZZ_SEED=… repeats a run)
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} $(BIN)/python -W error -m tests.fuzz

.PHONY: demo-traffic
demo-traffic: ## Post specimens through the API of the running product (RATE=0.5 per second, COUNT=0 is endless)
	@$(BIN)/backoffice demo-traffic --rate $${RATE:-0.5} --count $${COUNT:-0}

.PHONY: migration
migration: install-test ## Write a migration from the models: make migration m="add notes"
	@test -n "$(m)" || { echo 'Say what it does: make migration m="add notes"'; exit 2; }
	@$(BIN)/backoffice migration "$(m)"

.PHONY: messages
messages: install-test ## List the texts that a language does not translate yet (docs/languages.md)
	@$(BIN)/python scripts/messages.py

.PHONY: openapi
openapi: install-test ## Write docs/openapi.json anew after a change of the API; look at what differs
	@$(BIN)/python scripts/write_openapi.py

.PHONY: lock
lock: install-test ## Pin the dependencies again, with hashes and without index lines
	@sh scripts/lock.sh

.PHONY: screenshot
screenshot: install-test ## Take the README's pictures from the running demo
	@$(BIN)/python scripts/screenshots.py

.PHONY: clean
clean: ## Remove what was built; the data in .data stays
	@rm -rf .web .venv

.PHONY: demo-history
demo-history: install-test ## Record again what screening reads on the demo's specimens
	@$(BIN)/python scripts/record_demo_history.py
