# What a developer needs, in one place; `make help` lists it.
# Settings are given as variables: make run PORT=8001 STATE=/some/folder DRILL=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

PYTHON_BIN := .venv/bin
PYTEST := $(PYTHON_BIN)/python -m pytest
CODE := service nlp geo web tests
BOTH_CORES := -n 2 --dist worksteal
UV := .venv/tools/bin/uv
LOCK := $(UV) pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 -q
export PATH := $(CURDIR)/.venv/node:$(PATH)
# Some machines forbid compiled modules: each of our many processes would compile them again, for seconds.
unexport PYTHONDONTWRITEBYTECODE
# The reader's matrices are small: more threads only wait for each other.
export OPENBLAS_NUM_THREADS := 1

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## start everything and print the address (PORT=8000, STATE=.state, DRILL=kumano or empty)
	@.ci/bootstrap run
	@exec $(PYTHON_BIN)/hansho up

.PHONY: test
test: ## formatting, rules, types, import contracts, JavaScript tests, all default tests on a real PostGIS
	@.ci/bootstrap test
	@$(MAKE) -j2 --output-sync=target lint types contracts test-web
	@$(MAKE) test-python

.PHONY: bootstrap
bootstrap: ## only install what is missing for `make test`
	@.ci/bootstrap test

.PHONY: format
format: ## rewrite the code into its one format
	$(PYTHON_BIN)/ruff format $(CODE)
	$(PYTHON_BIN)/ruff check --fix $(CODE)

.PHONY: lint
lint: ## ruff: formatting and rules, nothing rewritten
	$(PYTHON_BIN)/ruff format --check $(CODE)
	$(PYTHON_BIN)/ruff check $(CODE)

.PHONY: types
types: ## mypy --strict
	$(PYTHON_BIN)/mypy

.PHONY: contracts
contracts: ## import-linter: which package may import which
	$(PYTHON_BIN)/lint-imports

.PHONY: test-web
test-web: ## JavaScript tests (node --test)
	npm test --silent

.PHONY: test-python
test-python: ## pytest, default suite in two processes (ARGS="tests/geo -k bridge" for a part, in one)
	$(PYTEST) $(if $(ARGS),$(ARGS),-n 2 --dist loadfile)

.PHONY: browser
browser: ## tests in a real Chromium (installs it where it is missing)
	@.ci/bootstrap browser
	$(PYTEST) -m browser $(if $(ARGS),$(ARGS),$(BOTH_CORES))

.PHONY: promises
promises: ## crash, flood, order and scale: the numbers of docs/promises.md
	@.ci/bootstrap test
	$(PYTEST) -m "promise and alone" --timeout=1200 $(ARGS)
	$(PYTEST) -m "promise and not alone" --timeout=1200 $(if $(ARGS),$(ARGS),$(BOTH_CORES))

.PHONY: bench
bench: ## tests that take longer than the default suite allows, and their times
	@.ci/bootstrap test
	$(PYTEST) -m slow --timeout=1200 --durations=20 $(if $(ARGS),$(ARGS),$(BOTH_CORES))

.PHONY: lock
lock: ## bring requirements.lock and .ci/locks up to date with pyproject.toml (UPGRADE=--upgrade for newer versions)
	@.ci/bootstrap test
	$(LOCK) $(UPGRADE) pyproject.toml --group dev -o requirements.lock
	$(LOCK) pyproject.toml --group build -c requirements.lock -o .ci/locks/production.txt
	$(LOCK) $(UPGRADE) .ci/locks/uv.in -o .ci/locks/uv.txt
	$(LOCK) $(UPGRADE) .ci/locks/node.in -o .ci/locks/node.txt

.PHONY: gazetteer
gazetteer: ## build geo/data again from its sources (takes minutes, downloads packages)
	@.ci/bootstrap test
	$(PYTHON_BIN)/hansho gazetteer build

.PHONY: compose-check
compose-check: ## validate docker-compose.yml (needs docker compose or Debian's docker-compose, no engine)
	@.ci/compose-check

.PHONY: clean
clean: ## remove what tools made; STATE stays (remove that folder yourself)
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist test-results
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
