# Two commands: `make demo` runs the main job, `make test` runs all checks.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test format reference clean

.venv/core: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[learn]'
	touch $@

.venv/dev: .venv/core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test --group lint
	touch $@

demo: .venv/core
	$(BIN)/anping demo demo

test: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	# Killing every step a hundred times takes as long as all other tests: side by side they take half.
	@log=$$(mktemp); $(BIN)/pytest tests/faults >"$$log" 2>&1 & faults=$$!; \
	$(BIN)/pytest --ignore tests/faults; rest=$$?; \
	wait $$faults; killed=$$?; cat "$$log"; rm "$$log"; [ $$rest -eq 0 ] && [ $$killed -eq 0 ]

format: .venv/dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

reference: .venv/dev
	$(BIN)/python -m docs.make_reference

clean:
	rm -rf .venv demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
