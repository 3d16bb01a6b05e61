# Coda: every command a developer needs. `make` alone lists them.
# Works with GNU make 3.81 and later (macOS ships that one).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
SITE := frontend/dist/index.html
SITE_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) \
  frontend/index.html frontend/vite.config.ts frontend/scripts/brotli.ts frontend/package.json frontend/package-lock.json
# A lock is installed whole, each file by its hash: nothing is resolved or built, so what is released later changes nothing.
# uv does it in a fraction of pip's time; pip does the same where there is no uv, or where only pip knows the way to a registry.
WHOLE := --no-deps --require-hashes --only-binary :all:
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
install = { test -x $(BIN)/uv && $(UV) $(2) $(1) || $(PIP) install $(1); }
install_lock = $(call install,$(WHOLE) -r backend/$(1).lock)
# A third of what the locks bring is never read. Bytecode of all of it would be a sixth more: it is made of what Coda
# imports, and of the rest as it is used.
trim_packages = $(BIN)/python backend/scripts/trim_packages.py $(VENV)/lib/python3*/site-packages
trim_modules = $(BIN)/python backend/scripts/trim_packages.py frontend/node_modules
make_bytecode = test ! -d backend/coda || PYTHONDONTWRITEBYTECODE= LITELLM_LOCAL_MODEL_COST_MAP=True \
  $(BIN)/python -c 'import coda.main, litellm'
# What each step of the set-up is, and how long it took.
step = printf '  %-42s' '$(1)'; from=$$(date +%s);
took = && echo "$$(($$(date +%s) - from)) s"
# Who only runs Coda borrows Node and the JavaScript packages for the build; who tests or develops keeps them.
BORROWED := $(and $(filter run,$(MAKECMDGOALS)),$(if $(filter-out run,$(MAKECMDGOALS))$(wildcard $(STAMPS)/frontend),,yes))
# Nor is a third of a gigabyte of downloads left in their home.
ifneq ($(BORROWED),)
export UV_NO_CACHE := 1
endif
PYTHON_CODE := . ../benchmarks ../examples ../migrations/env.py
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
  --no-emit-index-url --no-header --no-annotate
NPM := cd frontend && npm
# The backend's tests wait for half of their time; each process has stores of its own. A browser never waits for long.
TEST_PROCESSES ?= 3
BROWSERS ?= 2
PYTEST := $(BIN)/python -m pytest --quiet
SIDE_BY_SIDE := --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder
# `make test DURATIONS=20` lists the 20 slowest tests of each kind, DURATIONS=0 all of them.
SLOWEST := $(if $(DURATIONS),--durations=$(DURATIONS))

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export BROWSERS DURATIONS

.DEFAULT_GOAL := help
.PHONY: help run dev test test-long backend-test frontend-test lint types contracts sizes unit coverage locks bench chaos \
  frontend-lint frontend-types frontend-unit frontend-sizes messages e2e api api-check lock format hooks build clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  \033[1m%-16s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMPS)/run $(SITE) ## Install what is missing, build the web app, start Coda
	@exec $(BIN)/coda serve

dev: $(STAMPS)/dev $(STAMPS)/frontend ## Run both halves with reload: the web app on http://localhost:5173
	@CODA_PUBLIC_URL=$${CODA_PUBLIC_URL:-http://localhost:5173} \
	  $(BIN)/watchfiles --sigint-timeout 15 --filter python "$(BIN)/coda serve" backend/coda migrations & backend=$$!; \
	trap 'trap - INT TERM EXIT; kill $$backend 2>/dev/null; wait $$backend' INT TERM EXIT; \
	CODA_BACKEND=$${CODA_BACKEND:-http://127.0.0.1:$${CODA_PORT:-8000}}; export CODA_BACKEND; $(NPM) run dev

test: $(STAMPS)/dev $(STAMPS)/frontend $(SITE) ## Install what is missing, run every check and every test (DURATIONS=20 lists the slowest)
	@cd backend && ../$(BIN)/python -m checks.stages --make "$(MAKE)" "unit" \
	  "lint sizes contracts locks types frontend-lint frontend-types api-check frontend-sizes frontend-unit e2e"
	@echo "All checks and tests passed."

test-long: $(STAMPS)/dev $(STAMPS)/frontend ## The long forms of tests: 300 random kills, many new examples, coverage (CHAOS_*, HYPOTHESIS_EXAMPLES)
	@cd backend && ../$(BIN)/python -m tests.chaos \
	  --kills $${CHAOS_KILLS:-300} --minutes $${CHAOS_MINUTES:-15} --seed $${CHAOS_SEED:-1}
	@cd backend && HYPOTHESIS_PROFILE=long ../$(PYTEST) -m "long or hypothesis" $(SIDE_BY_SIDE) $(SLOWEST)
	@$(MAKE) --no-print-directory coverage

## Backend

lint: $(STAMPS)/dev ## Lint and check the format of the Python code
	@cd backend && ../$(BIN)/ruff check --config pyproject.toml $(PYTHON_CODE) \
	  && ../$(BIN)/ruff format --quiet --check --config pyproject.toml $(PYTHON_CODE)

types: $(STAMPS)/dev ## Check the Python types, strictly
	@cd backend && ../$(BIN)/mypy coda tests checks ../benchmarks ../examples

contracts: $(STAMPS)/dev ## Check who may import whom
	@cd backend && ../$(BIN)/lint-imports --no-logo

sizes: $(STAMPS)/dev ## Check the size limits of files and functions
	@cd backend && ../$(BIN)/python -m checks.sizes

locks: $(STAMPS)/dev $(STAMPS)/node ## Check that the locks are complete, and them and the packages for known dangers
	@cd backend && ../$(BIN)/python -m checks.lock_files && ../$(BIN)/python -m checks.supply_chain

unit: $(STAMPS)/dev $(STAMPS)/frontend ## Run the backend's tests (real Postgres, real Redis)
	@cd backend && ../$(PYTEST) $(SIDE_BY_SIDE) $(SLOWEST)

coverage: $(STAMPS)/dev $(STAMPS)/frontend ## Run the backend's tests again, and fail where they reach too little of the code (whether they pass, make test tells)
	@cd backend && ../$(BIN)/coverage erase && { ../$(BIN)/coverage run -m pytest --quiet $(SIDE_BY_SIDE) $(SLOWEST) \
	  || echo "Some tests failed; what follows is what was reached."; } \
	  && ../$(BIN)/coverage combine --quiet && ../$(BIN)/coverage report

## Frontend

frontend-test: frontend-lint frontend-types frontend-unit api-check frontend-sizes ## Run every check of the frontend but end-to-end

frontend-lint: $(STAMPS)/frontend ## Lint the TypeScript code and check the translations
	@$(NPM) run --silent lint && npm run --silent messages:check

frontend-types: $(STAMPS)/frontend ## Check the TypeScript types, strictly
	@$(NPM) run --silent types

frontend-unit: $(STAMPS)/frontend ## Run the frontend's unit tests
	@$(NPM) test --silent

frontend-sizes: $(SITE) ## Check the size of the built web app
	@$(NPM) run --silent sizes

e2e: $(STAMPS)/dev $(SITE) ## Run the end-to-end tests in a real Chromium
	@cd backend && ../$(BIN)/python -m checks.end_to_end

bench: $(STAMPS)/dev $(SITE) ## Measure speed and size on this machine (Linux; ONLY="posts replay" for some parts)
	@PYTHONPATH=backend $(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

chaos: $(STAMPS)/dev ## Kill workers, servers, Postgres and Redis at random under load (CHAOS_KILLS, CHAOS_MINUTES, CHAOS_SEED)
	@cd backend && ../$(PYTEST) -m long tests/chaos && \
	  ../$(BIN)/python -m tests.chaos --kills $${CHAOS_KILLS:-1000} --minutes $${CHAOS_MINUTES:-60} --seed $${CHAOS_SEED:-1}

## Generated files

api: $(STAMPS)/dev $(STAMPS)/frontend ## Write the OpenAPI document and the TypeScript client from the code
	@cd backend && ../$(BIN)/python -m checks.openapi --write && ../$(BIN)/python -m checks.env_example --write
	@$(NPM) run --silent api

api-check: $(STAMPS)/dev $(STAMPS)/frontend ## Fail when the OpenAPI document or the TypeScript client is out of date
	@cd backend && ../$(BIN)/python -m checks.openapi && ../$(BIN)/python -m checks.env_example
	@$(NPM) run --silent api:check

lock: $(STAMPS)/dev $(STAMPS)/node ## Resolve the dependencies anew into the lock files
	@cd backend && \
	../$(LOCK) $(LOCK_OPTIONS) pyproject.toml -o requirements.lock && \
	../$(LOCK) $(LOCK_OPTIONS) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock && \
	for group in uv build node; do \
	  ../$(LOCK) $(LOCK_OPTIONS) --group pyproject.toml:$$group -c requirements-dev.lock -o requirements-$$group.lock || exit 1; \
	done
	@$(NPM) install --package-lock-only
	@cd frontend/browser && npm install --package-lock-only

format: $(STAMPS)/dev ## Format the Python code and fix what can be fixed
	@cd backend && ../$(BIN)/ruff check --fix --config pyproject.toml $(PYTHON_CODE); \
	  ../$(BIN)/ruff format --config pyproject.toml $(PYTHON_CODE)

hooks: $(STAMPS)/dev ## Run lint and sizes before each commit from now on
	@$(BIN)/pre-commit install

build: $(STAMPS)/dev $(SITE) ## Build the Python wheel, web app and migrations included
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist backend

clean: ## Remove everything that can be built or installed again
	rm -rf $(VENV) dist frontend/node_modules frontend/browser/node_modules frontend/dist backend/.mypy_cache backend/.ruff_cache \
	  backend/.pytest_cache backend/.import_linter_cache backend/.hypothesis backend/.coverage*

## What the commands above need

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Coda needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)." \
	    "Install it, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "The venv module of $(PYTHON) is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up; this once it takes about a minute:"
	@$(call step,Python environment) $(PYTHON) -m venv $(VENV) $(took)

$(STAMPS)/uv: backend/requirements-uv.lock | $(BIN)/python
	@mkdir -p $(STAMPS)
	@$(call step,Installer) { $(PIP) install $(WHOLE) -r backend/requirements-uv.lock 2>/dev/null \
	  || printf 'pip, for want of uv: slower, '; } $(took)
	@touch $@

$(STAMPS)/run: backend/requirements.lock backend/requirements-build.lock backend/pyproject.toml | $(STAMPS)/uv
	@$(call step,Python packages) $(call install_lock,requirements-build) \
	  && $(call install_lock,requirements) \
	  && $(call install,--no-deps --no-build-isolation --editable backend) && $(trim_packages) \
	  && { $(make_bytecode); } $(took)
	@touch $@

$(STAMPS)/dev: backend/requirements-dev.lock $(STAMPS)/run
	@$(call step,Python packages for checks and tests) $(call install_lock,requirements-dev) \
	  && $(trim_packages) $(took)
	@touch $@

$(STAMPS)/node: backend/requirements-node.lock | $(STAMPS)/uv
	@$(call step,Node) $(call install_lock,requirements-node) && $(trim_packages) $(took)
	@touch $@

$(STAMPS)/frontend: frontend/package-lock.json frontend/.npmrc $(STAMPS)/node
	@$(call step,JavaScript packages) ($(NPM) ci --loglevel=error >/dev/null) && $(trim_modules) $(took)
	@touch $@

ifeq ($(BORROWED),)
$(SITE): $(SITE_SOURCES) $(STAMPS)/frontend
	@$(call step,Web app) ($(NPM) run --silent build) $(took)
	@touch $@
else
$(SITE): $(SITE_SOURCES) | $(STAMPS)/uv
	@$(call step,Node and JavaScript packages) $(call install_lock,requirements-node) \
	  && ($(NPM) ci --omit=dev --loglevel=error --cache="$(CURDIR)/$(VENV)/npm" >/dev/null) $(took)
	@$(call step,Web app) ($(NPM) run --silent build) $(took)
	@$(PIP) uninstall --yes -r backend/requirements-node.lock && rm -rf frontend/node_modules $(VENV)/npm
	@touch $@
endif
