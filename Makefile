# `make run` runs the application, `make test` its tests; each does its own set-up.

PYTHON ?= python3
PORT ?= 4566
DEV_PORT ?= 8000
WORKERS ?= 2
# The order of the tests in `make test-long`, which prints it. Set it to repeat a run.
SEED ?= $(shell date +%s)
NPM = $(BIN)/python -m tools.node
VENV := .venv
BIN := $(VENV)/bin
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# Coverage is measured of these tests only, because it makes a test up to twice as slow.
COVERING = tests/unit/dynamodb $(wildcard tests/unit/test_*.py)
READY := $(VENV)/ready
TEMPLATES := .local/templates

# Without bytecode on disk, each command compiles its imports anew, for up to two seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show this list
	@awk -F ' ## ' '/^[a-z-]+:.* ## / {split($$1, name, ":"); \
	  printf "make %-11s %s\n", name[1], $$2}' Makefile

.PHONY: run
run: packages ## Run the application on this machine, as on AWS (PORT=4566)
	@$(BIN)/python -m local run --port $(PORT)

.PHONY: dev
dev: packages ## Serve page and API with reload, beside `make run` (DEV_PORT=8000)
	@$(BIN)/python -m local dev --port $(DEV_PORT)

.PHONY: test
test: check ## Run every check and test (WORKERS=2 in parallel)
	@$(NPM) test
	@$(PYTEST) $(COVERING) --cov
	@$(PYTEST) $(COVERING:%=--ignore=%)

.PHONY: test-long
test-long: check ## Run the long checks as well, in random order (SEED=1, about 40 minutes)
	@HISTORIES=10000 $(NPM) test
	@$(PYTEST) --long --shuffle $(SEED)

.PHONY: browsers
browsers: ## Install WebKit's driver for the page's tests (Debian, Ubuntu)
	@sudo apt-get update -qq
	@sudo apt-get install -y -qq --no-install-recommends webkit2gtk-driver xvfb

.PHONY: mutants
mutants: $(READY) ## Check that the tests catch the faults of tests/mutants (about nine minutes)
	@$(BIN)/python -m tests.mutants --workers $(WORKERS)

.PHONY: bench
bench: $(READY) ## Compare the function with other implementations (about ten minutes)
	@$(BIN)/python -m bench.function

.PHONY: load-bench
load-bench: $(READY) ## Load the local stack with increasing rates (about seven minutes)
	@$(BIN)/python -m bench.load

.PHONY: check
check: $(READY) ## Check lint, formatting, types and templates
	@$(MAKE) --no-print-directory -j $(WORKERS) lint templates secrets

.PHONY: lint
lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/zizmor --offline --quiet --strict-collection --persona=auditor --min-severity=low .github
	@$(BIN)/python -m tools.compatibility
	@$(NPM) run check

.PHONY: templates
templates: $(READY)
	@for stage in dev prod; do \
	  $(BIN)/python -m infra template --stage $$stage --out $(TEMPLATES)/$$stage > /dev/null || exit 1; \
	done
	@$(BIN)/cfn-lint $(TEMPLATES)/dev/api.json $(TEMPLATES)/prod/*

# Values that detect-secrets takes for secrets, each with the reason why it may be here. Its own
# baseline has hashes without reasons, and would have to be written again whenever a file moves.
# The root credentials of the local cloud, which listens on loopback only:
HARMLESS = test
# Passwords of users that exist in the local cloud only:
HARMLESS += Correct-Horse-1|Battery-Staple-2
# Cognito generates no secret for a public app client:
HARMLESS += false
# A stack's output, which a test must not find in the published settings:
HARMLESS += never.to.be.published
# A policy of AWS's:
HARMLESS += service-role/AmazonAPIGatewayPushToCloudWatchLogs
# The letters of the page's ids:
HARMLESS += abcdefghjkmnpqrstuvwxyz23456789
# Half of the key in AWS's documentation, which publishing the site must refuse:
HARMLESS += wJalrXUtnFEMI/K7MDENG/
# A checksum in base64, by which publishing compares files:
HARMLESS += drWjVzkSdrKCpRb1T0jvPCB/RtgZLcWMII1Rg9OEFfg=
# In the place of a developer's own credentials, which a test must not find in use:
HARMLESS += real
# An item in base64, which a test sends:
HARMLESS += eyJpZCI6IngiLCJuYW1lIjoidHlwZWQifQ==

EMPTY =
FILES = git ls-files -z --cached --others --exclude-standard
# In prose, detect-secrets finds AWS's secret keys between quotation marks only.
AWS_SECRET_KEY = secret_?access_?key[^[:alnum:]]{1,4}[A-Za-z0-9/+]{40}([^A-Za-z0-9/+=]|$$)

# To HexHighEntropyString, exact prices are random. A comment in a line excuses nothing: it need
# not give a reason. The history is not scanned: revoke a secret that was pushed.
.PHONY: secrets
secrets: $(READY) # Look for secrets in the files that git tracks or would track
	@git grep --untracked -IilE '$(AWS_SECRET_KEY)'; test $$? -eq 1 || { \
	  echo "error: git failed, or these files have a secret access key of AWS: revoke it" >&2; exit 1; }
	@$(FILES) | xargs -0 -n 200 -P $(WORKERS) $(BIN)/detect-secrets-hook \
	  --disable-plugin HexHighEntropyString \
	  --disable-filter detect_secrets.filters.allowlist.is_line_allowlisted \
	  --exclude-secrets '^($(subst $(EMPTY) $(EMPTY),|,$(HARMLESS)))$$' || { \
	  echo "error: revoke a real secret; add any other value to HARMLESS (Makefile), and why" >&2; exit 1; }

# Known vulnerabilities that `make audit` ignores: `--ignore-vuln ID` for each, below a comment that
# says why it does no harm here and until when it is ignored. npm has no such list: set `overrides`
# in its package.json.
IGNORED =
NPM_LOCKS = $(shell git ls-files '*package-lock.json')

# --strict: otherwise pip-audit calls a package clean that its service does not know.
.PHONY: audit
audit: $(READY) ## Check all locked packages for known vulnerabilities (needs the network)
	@status=0; \
	for lock in $(LOCKS:=.txt); do \
	  echo "$$lock"; \
	  $(BIN)/pip-audit --strict --disable-pip --progress-spinner off $(IGNORED) -r $$lock || status=1; \
	done; \
	for lock in $(NPM_LOCKS); do \
	  echo "$$lock"; \
	  $(NPM) audit --package-lock-only --prefix "$(CURDIR)/$$(dirname $$lock)" || status=1; \
	done; \
	exit $$status

.PHONY: format
format: $(READY) ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(NPM) run format

# In this order: each set has the versions of the one before it.
LOCKS = requirements requirements-run requirements-dev $(filter-out requirements%,$(basename \
  $(shell git ls-files --cached --others --exclude-standard '*requirements*.in')))

.PHONY: lock
lock: $(READY) ## Pin the packages of the requirements .in files, with hashes
	@for name in $(LOCKS); do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	    $$name.in -o $$name.txt || exit 1; \
	done

# On AWS, with credentials and a region.

.PHONY: bootstrap
bootstrap: $(READY) ## Deploy the account's stack: artifact bucket, deployment role
	@$(BIN)/python -m infra account

.PHONY: package
package: stage $(READY) ## Build the zip that `make release STAGE=` deploys
	@$(BIN)/python -m infra package --stage $(STAGE)

.PHONY: release
release: stage $(READY) ## Deploy STAGE: its stacks, then the page (DRY_RUN=1 shows the changes)
ifdef DRY_RUN
	@$(BIN)/python -m infra release --stage $(STAGE) --dry-run
else
	@$(BIN)/python -m infra release --stage $(STAGE) $(RELEASE_FLAGS)
	@$(BIN)/python deploy_site.py --stage $(STAGE)
endif

.PHONY: smoke
smoke: stage $(READY) ## Test the deployed STAGE, with a real sign-in
	@$(BIN)/python -m pytest --confcutdir=tests/smoke tests/smoke --stage $(STAGE)

IMAGE = $(shell sed -n 's/^ *"app_name": "\(.*\)",$$/\1/p' .chalice/config.json)
IMAGE_PORT = 8080
# A table and a user pool that do not exist: the container starts, and refuses every caller.
IMAGE_SETTINGS = STAGE=dev TABLE_NAME=none \
  USER_POOL_ARN=arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_none

.PHONY: image
image: ## Build the image of docs/serverful.md, and start it once (needs Docker; IMAGE=NAME)
	@docker build --tag $(IMAGE) --file serverful/Dockerfile .
	@container=$$(docker run --detach --publish 127.0.0.1:$(IMAGE_PORT):8080 \
	  $(addprefix --env ,$(IMAGE_SETTINGS)) $(IMAGE)) || exit 1; \
	curl --silent --show-error --output /dev/null --write-out '%{http_code} ' \
	  --retry 30 --retry-delay 1 --retry-all-errors --fail \
	  http://127.0.0.1:$(IMAGE_PORT)/health && \
	test "$$(curl --silent --output /dev/null --write-out '%{http_code}' \
	  http://127.0.0.1:$(IMAGE_PORT)/api/items)" = 401; served=$$?; \
	docker stop $$container > /dev/null; docker logs $$container; \
	ended=$$(docker inspect --format '{{.State.ExitCode}}' $$container); \
	docker rm $$container > /dev/null; \
	test $$served = 0 || { echo "error: the container does not serve: see its log above" >&2; exit 1; }; \
	test "$$ended" = 0 || { echo "error: the container ended with $$ended, not 0" >&2; exit 1; }

.PHONY: rollback
rollback: stage $(READY) ## Roll back STAGE to the previous version of the function, or TO=7
	@$(BIN)/python -m infra rollback --stage $(STAGE) $${TO:+--to "$$TO"}

.PHONY: destroy
destroy: stage $(READY) ## Delete STAGE after confirmation, but retain its data
	@$(BIN)/python -m infra destroy --stage $(STAGE)

.PHONY: stage
stage:
	@test -n "$(STAGE)" || { echo "error: STAGE is not set: pass it, as in: make release STAGE=dev" >&2; exit 2; }

.PHONY: clean
clean: ## Delete the local cloud, its data, and everything installed
	rm -rf .local website/node_modules website/dist $(VENV) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

INSTALL = $(PYTHON) -m tools.install

.PHONY: packages
packages: python # Install the packages that running needs
	@$(INSTALL) run

$(READY): python # Install all packages
	@$(INSTALL) develop

.PHONY: python
python:
	@command -v $(PYTHON) > /dev/null || { \
	  echo "error: $(PYTHON) is not a program: pass PYTHON=/path/to/python3 (3.11 or later)" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: $(PYTHON) is older than Python 3.11: pass PYTHON=/path/to/a/newer/python3" >&2; exit 2; }
