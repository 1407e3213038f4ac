# The project's commands; `make` alone lists them. Needs Python 3.11 or newer with venv, and make; nothing else.
# `make test PYTHON=python3.12` does it with another Python, in an environment of its own.

ifeq ($(origin PYTHON),undefined)
PYTHON = $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
else
VENV ?= .venv-$(notdir $(PYTHON))
endif
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
PIP := $(RUN) pip --quiet --disable-pip-version-check --no-input

.PHONY: help demo test lint soak bench lock clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

# One arena: glibc otherwise keeps a heap a thread, 30 MB that nothing uses.
demo: $(VENV)/.demo ## a small invented city on this machine: collected, reported, shown
	@MALLOC_ARENA_MAX=1 $(RUN) devreg demo --keep demo-city $(ARGS)

test: lint ## every check and test; ARGS="tests/unit -x" for some of them
	@$(RUN) pytest -m "not soak" $(ARGS)

lint: $(VENV)/.test ## style, types and import rules
	@$(RUN) ruff check --quiet .
	@$(RUN) ruff format --check --quiet .
	@$(RUN) mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

soak: $(VENV)/.test ## the long tests
	@$(RUN) pytest -m soak --timeout 3600 $(ARGS)

bench: $(VENV)/.test ## figures against their yardsticks; ARGS=130000 for the full size
	@$(RUN) benchmarks $(ARGS)

lock: $(VENV)/.test ## lock files anew from pyproject.toml; ARGS=--upgrade for newer versions
	@$(PIP) install 'uv>=0.9'
	@$(LOCK) --extra test --output-file requirements/test.lock $(ARGS)
	@$(LOCK) --extra demo --constraint requirements/test.lock --output-file requirements/demo.lock

clean: ## remove what make wrote, save the environment
	@rm -rf build dist demo-city .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	@find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

LOCK = $(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-header --annotation-style line --quiet

# The tests' environment holds all that the demo's does, in the same versions.
$(VENV)/.test: requirements/test.lock pyproject.toml $(BIN)/python
	$(call install,test)
	@touch $@ $(VENV)/.demo

$(VENV)/.demo: requirements/demo.lock pyproject.toml $(BIN)/python
	$(call install,demo)
	@touch $@

# The lock file names everything: left to resolve, an older pip takes a newer release for `name[extra]` and stops at its hash.
define install
@echo "Installing into $(VENV) what \`make $(1)\` needs; only the first time." >&2
@$(PIP) install --require-hashes --no-deps --only-binary :all: -r requirements/$(1).lock
@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
endef

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "devreg needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "devreg needs Python 3.11 or newer, this is " + sys.version)'
	@"$(PYTHON)" -m venv --clear $(VENV)
