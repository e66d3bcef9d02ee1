# `make up` runs the platform in a local region, `make test` tests it; both install what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PYTEST := $(BIN)/pytest -q

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.installed: pyproject.toml uv.lock setup.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv sync --quiet --frozen --all-extras --compile-bytecode
	@touch $@

.PHONY: install
install: $(VENV)/.installed ## Create .venv and install everything from uv.lock

.PHONY: up
up: install ## Run the analytics platform in a local region, with sample events through it
	$(BIN)/platformctl up local --sample

.PHONY: down
down: install ## Delete the local environment and stop its region
	$(BIN)/platformctl destroy local --yes

.PHONY: test
test: install check unit engine provider components policies apps region operations e2e ## Check and test everything

.PHONY: check
check: install sync ## Lint (security rules included), format, types, import rules, Dockerfiles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tests/meta/run_pyright.py
	$(BIN)/lint-imports
	$(BIN)/hadolint apps/*/*/Dockerfile
	$(BIN)/python tests/meta/run_actionlint.py

.PHONY: unit engine provider components policies apps region operations e2e
unit: install ## Logic, and rules about the repository itself
	$(PYTEST) -n $(WORKERS) tests/unit tests/meta
engine: install ## The engine's semantics, crashes at every step
	$(PYTEST) -n $(WORKERS) tests/engine
provider: install ## The provider's table against the local region
	$(PYTEST) -n $(WORKERS) --dist loadfile tests/provider
components: install ## Each component on the engine
	$(PYTEST) -n $(WORKERS) tests/components
policies: install ## Each rule, the packs, the reports
	$(PYTEST) -n $(WORKERS) tests/policies
apps: install ## The applications against real servers
	$(PYTEST) -n $(WORKERS) --dist loadfile tests/apps
region: install ## The local region against clients we did not write
	$(PYTEST) -n $(WORKERS) --dist loadfile tests/region
operations: install ## Deployers and operations against the local region and the official CLI
	$(PYTEST) -n $(WORKERS) --dist loadfile tests/deployment tests/operations tests/examples
e2e: install ## The whole, as a user would
	$(PYTEST) tests/e2e

.PHONY: wheel
wheel: install ## Build the wheel and test it in a clean environment
	$(BIN)/python tests/meta/check_wheel.py

.PHONY: docs
docs: install ## Write the pages that are generated from code
	$(BIN)/python docs/generate.py

.PHONY: bench
bench: install ## Measure what benchmarks/ measures
	$(BIN)/python -m benchmarks

.PHONY: sync
sync: ## Links that let type checkers find the mapped packages (see ARCHITECTURE.md)
	@mkdir -p build/types/platformctl
	@find build/types/platformctl -maxdepth 1 -type l -delete
	@for folder in platform/*/; do ln -s ../../../$${folder%/} build/types/platformctl/; done
	@for folder in cli components policies stacks; do ln -s ../../../$$folder build/types/platformctl/; done
