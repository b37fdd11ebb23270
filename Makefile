# Everything a developer or a newcomer runs. `make demo` and `make test` need Python 3.11+, make and a package index.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.run-installed
DEV    := $(VENV)/.dev-installed

.DEFAULT_GOAL := help
.PHONY: help demo test check chaos fix serve simulator bench docs pins clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN) ## watch Solegate do its main job on the practice market
	@$(BIN)/solegate demo

test: $(DEV) ## run the tests
	@$(BIN)/pytest -q -n 3 --dist worksteal

check: $(DEV) ## format, lint, types, layers, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

chaos: $(DEV) ## try 1,000 seeds of every trouble on writes and jobs (CHAOS_SEEDS, CHAOS_FIRST)
	@CHAOS_SEEDS=$${CHAOS_SEEDS:-1000} $(BIN)/pytest -q -n 2 --dist worksteal tests/chaos

fix: $(DEV) ## format and repair what the linter can repair
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

serve: $(RUN) ## start the HTTP API on 127.0.0.1:8000
	@$(BIN)/solegate serve

simulator: $(RUN) ## start the practice StockX on 127.0.0.1:8765
	@$(BIN)/solegate simulator

bench: $(DEV) ## measure what the documentation claims
	@$(BIN)/python -m benchmarks

docs: $(DEV) ## write the generated reference pages
	@$(BIN)/python -m docs.generate

pins: $(DEV) ## resolve the requirement files anew from pyproject.toml
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make pins" pyproject.toml -o requirements/run.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make pins" pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt

clean: ## remove the virtual environment and the caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# A changed pin empties the environment: nothing stale survives in it.
$(RUN): requirements/run.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Solegate needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements/run.txt
	@echo "$(CURDIR)/src" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/solegate.pth"
	@printf '#!/bin/sh\nexec "%s/$(BIN)/python" -m solegate "$$@"\n' "$(CURDIR)" > $(BIN)/solegate && chmod +x $(BIN)/solegate
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	@touch $@
