# Everything runs from here; `make help` lists it. Nothing but git, make and Python (3.12 or later) is needed.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Static checks load the settings but never ask the database: no server is started for them.
NO_DATABASE := DATABASE_URL=postgres://nobody@127.0.0.1:9/none

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test bench lint format messages requirements clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create .venv and install the pinned, hashed requirements (quick when nothing changed)

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml scripts/find-python
	@python="$$(scripts/find-python)" && \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
		echo "Creating $(VENV) with $$python" && rm -rf $(VENV) && "$$python" -m venv $(VENV); \
	fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Load a believable company, start everything, watch an escalation climb
	$(BIN)/tocsin demo

serve: setup ## Run web, engine and worker
	$(BIN)/tocsin serve

test: setup ## Run the whole test suite, with everything it needs
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

bench: setup ## Measure (ONLY=spine for one capability); writes bench.json
	ONLY=$(ONLY) $(BIN)/python -m tests.bench.run

lint: setup ## Style, types, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(NO_DATABASE) $(BIN)/mypy
	$(BIN)/lint-imports
	find src -name "*.html" -print0 | xargs -0 -r $(BIN)/djade --target-version 6.1 --check

format: setup ## Put the code into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	find src -name "*.html" -print0 | xargs -0 -r $(BIN)/djade --target-version 6.1

messages: setup ## Bring the catalogues of languages up to date; lists what lacks a translation
	$(BIN)/python scripts/messages --list

requirements: ## Pin the requirements anew (needs uv)
	uv pip compile pyproject.toml --group build --universal --python-version 3.12 --upgrade --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements.txt
	uv pip compile --group dev --constraint requirements.txt --universal --python-version 3.12 --upgrade \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet \
		-o requirements-dev.txt

clean: ## Remove caches (not the database in .var, not .venv)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
