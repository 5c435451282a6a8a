# Every target makes what it needs on first use: a virtual environment in .venv, filled with pip.
# Needs Python 3.11 or newer, make and a package index. Another Python: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= auto

.PHONY: demo test lint bench docs screenshots clean
.DELETE_ON_ERROR:

demo: $(VENV)/.base  ## the main job on real data, in under a minute
	$(BIN)/interplay demo

test: $(VENV)/.test  ## all tests, the slow simulations included
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --durations=10

lint: $(VENV)/.lint  ## style, imports and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.test  ## every script in benchmarks/
	@set -e; for script in benchmarks/*.py; do \
	  test -e "$$script" || { echo "benchmarks/ holds no script"; exit 1; }; \
	  echo "== $$script"; $(BIN)/python "$$script"; done

docs: $(VENV)/.docs  ## the documentation, its examples executed and its links checked, into site/
	$(BIN)/python docs/build.py

screenshots: $(VENV)/.test  ## the pictures of the report in docs/, made again by the tests
	$(BIN)/interplay demo --quiet --out interplay-demo
	RETAKE=interplay-demo/result.json $(BIN)/python -m pytest -q tests/test_site.py -k screenshots

clean:  ## remove everything that the targets above made
	rm -rf $(VENV) build dist site .pytest_cache .hypothesis .ruff_cache .mypy_cache
	find src tests benchmarks -name __pycache__ -type d -exec rm -rf {} +

$(VENV)/.pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than Python 3.11; try: make PYTHON=python3.11 ..." >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	touch $@

$(VENV)/.base: pyproject.toml $(VENV)/.pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.test $(VENV)/.lint $(VENV)/.docs: $(VENV)/.%: pyproject.toml $(VENV)/.base
	$(BIN)/python -m pip install --quiet --group $*
	touch $@
