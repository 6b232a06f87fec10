# tensorls: `make run` shows the examples with their facts, `make test` runs every test, `make editor` opens VS Code.

PYTHON ?= python3
BIN    := .venv/bin
STAMP  := .venv/.installed

.PHONY: run test editor check e2e clean

run: $(STAMP)  ## every example with its inferred facts beside each line
	@$(BIN)/tensorls show examples; test $$? -le 1

test: $(STAMP) node_modules/.installed  ## Python and client tests
	$(BIN)/python -m pytest -n 2
	npm test --silent

editor: $(STAMP) node_modules/.installed  ## VS Code on examples/, with the extension installed
	npm run --silent editor

check: $(STAMP) node_modules/.installed  ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run --silent lint

e2e: $(STAMP) node_modules/.installed  ## the end-to-end test in VS Code in the browser
	npm run --silent e2e

$(STAMP): pyproject.toml constraints.txt tests/packages/requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,torch]'
	$(BIN)/python -m pip install --quiet --no-deps --requirement tests/packages/requirements.txt
	@touch $@

node_modules/.installed: package.json package-lock.json client-vscode/package.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	rm -rf .venv node_modules client-vscode/dist client-vscode/bundled/libs .cache .mypy_cache .ruff_cache .pytest_cache
