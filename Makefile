# `make run` and `make test` are all that a clean clone needs; `make help` lists the rest.

PYTHON ?= python3
ARGS   ?=

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help env run test lint types check audit bench lock clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: $(STAMP) ## the main job: every event of the workspace, then reports/index.html
	@$(BIN)/eventlab run $(ARGS)

# Two processes, whole files each: fixtures of a module are made once. ARGS="-n 0" is one process.
test: $(STAMP) ## the whole test suite (ARGS="tests/study -x" for a part of it)
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

lint: $(STAMP) ## ruff, and the definitions that ship
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/eventlab validate

types: $(STAMP) ## mypy in strict mode
	@$(BIN)/mypy

check: lint types test ## all that CI asks for

audit: ## known vulnerabilities of the locked packages (needs a network, and uv or pipx)
	@"$(PYTHON)" .ci/audit.py

bench: $(STAMP) ## how fast: the engine against plain code, side by side
	@for file in benchmarks/bench_*.py; do \
		echo "== $$file"; $(BIN)/python "$$file" || exit 1; \
	done

env: $(STAMP) ## the environment in .venv

# Made again when the lock or the project's metadata change. Nothing here resolves versions: the
# lock names every package with its hashes, the build backend of the last step included.
$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(MAKE) --no-print-directory $(BIN)/python
	@echo "installing the locked packages into $(VENV) (about 1.4 GB the first time)"
	@if command -v uv >/dev/null 2>&1; then \
		uv pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock && \
		uv pip install -qq --no-deps --no-build-isolation --python $(BIN)/python -e .; \
	else \
		{ $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip; } && \
		$(PIP) install -qq --require-hashes -r requirements.lock && \
		$(PIP) install -qq --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

PIP := $(BIN)/python -m pip --disable-pip-version-check

# uv would rather fetch an interpreter of its own; the one that is here is the one to use.
$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
		echo "$(PYTHON) is not installed. eventlab needs Python 3.11 to 3.14; name one with: make PYTHON=python3.13" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || { \
		echo "$(PYTHON) is $$("$(PYTHON)" -V 2>&1). eventlab needs Python 3.11 to 3.14; name one with: make PYTHON=python3.13" >&2; exit 2; }
	@echo "creating $(VENV) with $$("$(PYTHON)" -V)"
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --clear --no-python-downloads \
			--python "$$("$(PYTHON)" -c 'import sys; print(sys.executable)')" $(VENV); \
	else \
		"$(PYTHON)" -m venv --clear $(VENV); \
	fi

# One version of each package for all Pythons, so that numbers agree among them.
# `make lock ARGS=--upgrade` takes newer versions.
lock: ## requirements.lock from pyproject.toml (needs uv)
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv on the PATH" >&2; exit 2; }
	uv pip compile --quiet --universal --fork-strategy fewest --no-annotate --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--all-extras pyproject.toml -o requirements.lock $(ARGS)

clean: ## caches and build leftovers
	@rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find eventlab tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## also the environment and the reports
	@rm -rf $(VENV) reports
