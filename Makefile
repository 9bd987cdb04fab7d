# Everything that is run by hand or by CI. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/firn
UV_VERSION := $(shell sed -n 's/^uv==\([^ ]*\).*/\1/p' bootstrap.lock)
UV := $(CACHE)/uv-$(UV_VERSION)/bin/uv
BIN := .venv/bin
# Node and npm come from the locked wheel, so that Python and make are all a machine must have.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export UV

SOAK_MINUTES ?= 60
TRACKER_SOURCES := $(wildcard tracker/src/*.ts tracker/*.json tracker/*.mjs)

.PHONY: help setup demo check test lint types unit artefacts deploy-dry bench soak browser engines aws beside-aws lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: .venv/installed ## .venv with firn, and the built tracker

demo: setup ## a month of three made-up sites, through the whole pipeline to a report; no account needed
	firn demo

check: lint types unit ## the quick part: lint, types, unit tests

test: setup browser engines lint types ## the whole gate
	python -m infra.artefacts --here
	npm --prefix tracker test --silent
	node --test --test-reporter=dot 'tests/mirror/apps_script/*.test.mjs'
	HYPOTHESIS_PROFILE=gate pytest -n 2 -m "not e2e"
	+$(MAKE) --no-print-directory --jobs 2 --output-sync=target aws beside-aws

# Two processes: what runs on the emulator shares one and its Trino.
aws:
	pytest -m aws

beside-aws:
	pytest -m "e2e and not aws"

lint: setup
	ruff format --check
	ruff check
	lint-imports --no-cache
	npm --prefix tracker run --silent lint

types: setup
	mypy
	npm --prefix tracker run --silent types

unit: setup
	npm --prefix tracker run --silent unit
	node --test --test-reporter=dot 'tests/mirror/apps_script/*.test.mjs'
	pytest -n 2 -m "not e2e"

artefacts: setup ## the functions' zips: dist/ for Lambda, dist/local/ for this machine
	python -m infra.artefacts
	python -m infra.artefacts --here

deploy-dry: setup ## what a deployment would create; no account needed
	@python -m infra.dry

bench: setup ## speed, size and memory, each beside its floor and its bar, in some five minutes
	python -m benchmarks

soak: setup ## the properties for long, and large objects in little memory; SOAK_MINUTES bounds the former, SOAK_LARGE=1 adds 5 GB
	pytest tests/soak
	python -m tests.soak.properties $(SOAK_MINUTES)

browser: ## Chromium, by apt where this is root
	@scripts/browser

engines: setup ## AWS's emulator and a Trino, for the tests; Maven by apt where this is root
	@python -m tests.engines.installed

lock: $(UV) ## resolve the dependencies anew, into the lock files
	$(UV) pip compile pyproject.toml --group dev --generate-hashes --no-header --universal --upgrade --quiet -o requirements.lock
	for name in enrich mirror salts; do \
	  $(UV) pip compile --group $$name --constraint requirements.lock --generate-hashes --no-header --universal \
	    --python-version 3.11 --quiet -o infra/locks/$$name.lock; \
	done
	$(UV) pip compile --group emulator --generate-hashes --no-header --universal --python-version 3.11 --quiet \
	  -o tests/engines/emulator.lock
	$(UV) pip compile --group java --generate-hashes --no-header --universal --python-version 3.11 --quiet \
	  -o tests/engines/trino.lock
	npm --prefix tracker install --package-lock-only --ignore-scripts

clean: ## remove what was built; the downloads stay in the cache
	rm -rf .venv dist tracker/dist tracker/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Its version is in its path: a fresh clone finds the one that is there.
$(UV):
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Firn needs Python 3.11 or newer: install it as python3 and run make again." >&2; exit 2; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv is missing: run 'apt-get install python3-venv' and make again." >&2; exit 2; }
	rm -rf $(CACHE)/uv-$(UV_VERSION)
	python3 -m venv $(CACHE)/uv-$(UV_VERSION)
	$(CACHE)/uv-$(UV_VERSION)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bootstrap.lock

# Stamps, so that a second run does no work twice. firn comes last: its package holds the built tracker.
.venv/ready: $(UV) requirements.lock
	[ -x $(BIN)/python ] || $(UV) venv --quiet --python "$$(command -v python3)" .venv
	VIRTUAL_ENV=$(CURDIR)/.venv $(UV) pip sync --quiet --require-hashes requirements.lock
	@touch $@

.venv/installed: .venv/ready pyproject.toml tracker/dist/main.js
	VIRTUAL_ENV=$(CURDIR)/.venv $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

tracker/node_modules/ready: .venv/ready tracker/package-lock.json
	npm --prefix tracker ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

tracker/dist/main.js: tracker/node_modules/ready $(TRACKER_SOURCES)
	npm --prefix tracker run --silent build
