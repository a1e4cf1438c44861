# `make run` runs the application, `make test` its tests; each does its own set-up.

PYTHON ?= python3
PORT ?= 4566
DEV_PORT ?= 8000
WORKERS ?= 2
NPM = $(BIN)/python -m infra.node
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
TEMPLATES := .local/templates

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /:/' | awk -F: '{printf "make %-11s %s\n", $$1, $$2}'

.PHONY: run
run: $(READY) ## Run the application on this machine, as on AWS (PORT=4566)
	@$(BIN)/python -m local run --port $(PORT)

.PHONY: dev
dev: $(READY) ## Beside `make run`: the page and `chalice local`, with reload (DEV_PORT=8000)
	@API_ORIGIN=http://127.0.0.1:$(DEV_PORT) $(NPM) run dev < /dev/null & page=$$!; \
	trap "kill $$page" EXIT; \
	$(BIN)/watchfiles --filter python \
	  '$(BIN)/chalice local --stage local --no-autoreload --port $(DEV_PORT)' \
	  app.py chalicelib local infra < /dev/null

.PHONY: test
test: check ## Run every check and test (WORKERS=2 side by side)
	@$(NPM) test
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term

.PHONY: test-long
test-long: check ## Run the long checks as well (some 25 minutes more)
	@$(NPM) test
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --long

.PHONY: mutants
mutants: $(READY) ## Check that the tests catch the faults of tests/mutants (some MINUTES minutes)
	@$(BIN)/python -m tests.mutants --workers $(WORKERS)

.PHONY: bench
bench: $(READY) ## Measure the function beside other ways to build it (some ten minutes)
	@$(BIN)/python -m bench.function

.PHONY: load-bench
load-bench: $(READY) ## Offer the local stack more and more requests (some seven minutes)
	@$(BIN)/python -m bench.load

.PHONY: check
check: $(READY) ## Lint, formatting, types and templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@for stage in dev prod; do \
	  $(BIN)/python -m infra template --stage $$stage --out $(TEMPLATES)/$$stage > /dev/null || exit 1; \
	done
	@$(BIN)/cfn-lint $(TEMPLATES)/dev/api.json $(TEMPLATES)/prod/*
	@$(BIN)/python -m infra.leaks
	@$(NPM) run check

.PHONY: audit
audit: $(READY) ## Ask whether what is installed has known vulnerabilities (needs the network)
	@$(BIN)/python -m infra.audit

.PHONY: format
format: $(READY) ## Put the code into its one format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(NPM) run format

# What is shipped is pinned first, and is then what development has too.
LOCKS = requirements $(basename $(shell git ls-files --cached --others --exclude-standard \
  '*requirements*.in' ':!requirements.in'))

.PHONY: lock
lock: $(READY) ## Pin what the requirements .in files ask for, with hashes
	@$(BIN)/pip install --quiet uv==0.13.9
	@for name in $(LOCKS); do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	    $$name.in -o $$name.txt || exit 1; \
	done

# On AWS, with credentials and a region.

.PHONY: bootstrap
bootstrap: $(READY) ## Once for an account: where packages go, and who may deploy
	@$(BIN)/python -m infra account

.PHONY: package
package: stage $(READY) ## Build the zip that `make release STAGE=` deploys
	@$(BIN)/python -m infra package --stage $(STAGE)

.PHONY: release
release: stage $(READY) ## Deploy STAGE: its stacks, then the page (DRY_RUN=1 only shows it)
ifdef DRY_RUN
	@$(BIN)/python -m infra release --stage $(STAGE) --dry-run
else
	@$(BIN)/python -m infra release --stage $(STAGE)
	@$(BIN)/python deploy_site.py --stage $(STAGE)
endif

.PHONY: smoke
smoke: stage $(READY) ## Check STAGE where it is deployed, with a real sign-in
	@$(BIN)/python -m pytest --confcutdir=tests/smoke tests/smoke --stage $(STAGE)

.PHONY: rollback
rollback: stage $(READY) ## Have the version before answer in STAGE
	@$(BIN)/python -m infra rollback --stage $(STAGE)

.PHONY: destroy
destroy: stage $(READY) ## Delete STAGE, after a question; what holds data stays
	@$(BIN)/python -m infra destroy --stage $(STAGE)

.PHONY: stage
stage:
	@test -n "$(STAGE)" || { echo "error: name a stage, as in: make release STAGE=dev" >&2; exit 2; }

.PHONY: clean
clean: ## Forget the local cloud, its data, and everything installed
	rm -rf .local website/node_modules website/dist $(VENV) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(READY): requirements-dev.txt requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: Python 3.11 or newer is needed; name one with PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "installing into $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "error: Python's venv module is needed (on Debian: apt install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements-dev.txt
	@touch $@
