# `make help` lists what there is. Everything happens in .venv/ in this checkout; nothing else on the machine is touched.

PYTHON ?= python3
BIN := .venv/bin
# Two more than there are cores: many tests wait for other processes.
WORKERS = $(shell $(BIN)/python -c "import os; print((os.cpu_count() or 1) + 2)")
PACKAGES := app ballots casework core flows migrations notifications
# What Python has compiled it keeps, whatever the surroundings say: the workers of the tests share it.
export PYTHONDONTWRITEBYTECODE :=
SERVE ?=
UNTIL ?=
BENCH ?=

.PHONY: help demo test check serve screenshots letters bench lock clean
.DEFAULT_GOAL := help

help:  ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

.venv/.installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed (set PYTHON=/path/to/python3)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	$(PYTHON) -m venv .venv || { echo "On Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet 'uv>=0.13,<0.14'
	$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --no-deps -e .
	$(BIN)/python -m compileall -q $(PACKAGES)
	@touch .venv/.installed

demo: .venv/.installed  ## Watch seven disputes take their course (SERVE=1 leaves the dashboard up, UNTIL=approval stops there)
	$(BIN)/mandate demo $(if $(SERVE),--serve) $(if $(UNTIL),--until $(UNTIL))

test: .venv/.installed  ## Run the tests
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: .venv/.installed  ## Lint, types, layers, and whether the migrations match the tables
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.migrations.check

serve: .venv/.installed  ## Serve the dashboard on this machine
	$(BIN)/mandate serve

screenshots: .venv/.installed  ## Walk through the dashboard anew for the documentation's pictures (wants Chromium)
	MANDATE_SCREENSHOTS=$(CURDIR)/docs/images $(BIN)/pytest -n 0 tests/browser/test_walks.py tests/browser/test_reading_walks.py tests/browser/test_sign_in_in_browser.py

letters: .venv/.installed  ## Lay the documentation's sample letters anew
	$(BIN)/python -m tests.notifications.sheets

.venv-bench/.installed: bench/requirements.lock pyproject.toml .venv/.installed
	$(PYTHON) -m venv .venv-bench
	$(BIN)/uv pip install --quiet --compile-bytecode --python .venv-bench/bin/python --require-hashes -r bench/requirements.lock
	$(BIN)/uv pip install --quiet --python .venv-bench/bin/python --no-deps -e .
	@touch .venv-bench/.installed

bench: .venv-bench/.installed  ## Measure: one table of ratios, about an hour and a half alone on the machine (BENCH=--quick to try)
	.venv-bench/bin/python -m bench $(BENCH)

LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

lock: .venv/.installed  ## Resolve the dependencies again into the two lock files
	$(LOCK) --upgrade --group dev -o requirements.lock
	$(LOCK) --upgrade --group dev --group bench -o bench/requirements.lock

clean:  ## Remove the environment and the demonstration
	rm -rf .venv .venv-bench demo
