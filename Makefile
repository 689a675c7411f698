# KoproGo. `make` prints what there is.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/messages.po)

export KOPROGO_DATA ?= $(CURDIR)/var

.DEFAULT_GOAL := help
.PHONY: help demo test check bench chaos understanding docs serve catalogues clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: $(BIN)/.use catalogues ## the main job on an embedded database, with a sample building (ARGS=--once: ends after the talk)
	@$(BIN)/koprogo demo $(ARGS)

test: $(BIN)/.test catalogues ## all tests (ARGS=... goes to pytest)
	@$(BIN)/python -m pytest -n auto --dist loadgroup -q $(ARGS)

check: $(BIN)/.test catalogues ## style, types, and who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --config importlinter.ini

bench: $(BIN)/.test catalogues ## the measurements behind the claims on speed and size
	@for each in benchmarks/turn.py benchmarks/split.py benchmarks/footprint.py benchmarks/broadcast.py benchmarks/web.py benchmarks/search.py; do $(BIN)/python $$each $(ARGS) || exit 1; done

chaos: $(BIN)/.test catalogues ## 50 troubles during a broadcast: what is lost, what is said twice (ARGS=rounds)
	@$(BIN)/python -m tests.chaos.storm $(ARGS)

understanding: $(BIN)/.use ## learns the weights anew from the phrases
	@$(BIN)/python -m bot.understanding.training

docs: $(BIN)/.test catalogues ## the documentation, as pages in docs/_build
	@$(BIN)/python -m sphinx -q -W -b html docs docs/_build
	@echo "docs/_build/index.html"

serve: $(BIN)/.use catalogues ## everything in one process
	@$(BIN)/koprogo serve $(ARGS)

catalogues: $(CATALOGUES:.po=.mo)

%.mo: %.po $(BIN)/.use
	@$(BIN)/python hatch_build.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "KoproGo needs Python 3.11 or later; name it with: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Making .venv (once; a minute or so)..."
	@$(PYTHON) -m venv .venv

$(BIN)/.use: $(BIN)/python requirements.lock pyproject.toml
	@$(INSTALL) -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --no-index -e .
	@touch $@

$(BIN)/.test: $(BIN)/.use requirements-test.lock
	@$(INSTALL) -r requirements-test.lock
	@touch $@

clean: ## takes away what was built, but not your data in var/
	@rm -rf .venv docs/_build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
