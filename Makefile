# `make up` runs the platform, `make test` tests it; both install what they need first.
VENV := .venv
BIN := $(VENV)/bin

.PHONY: sync
sync: ## Links that let type checkers find the mapped packages (see ARCHITECTURE.md)
	@mkdir -p build/types/platformctl
	@find build/types/platformctl -maxdepth 1 -type l -delete
	@for folder in platform/*/; do \
		ln -s ../../../$${folder%/} build/types/platformctl/; done
	@for folder in cli components policies stacks; do \
		ln -s ../../../$$folder build/types/platformctl/; done
