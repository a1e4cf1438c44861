# `make run` runs the application, `make test` its tests; each does its own set-up.

PYTHON ?= python3
PORT ?= 4566
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: run
run: $(READY) ## Run the application on this machine (PORT=4566)
	@$(BIN)/python -m local run --port $(PORT)

.PHONY: lock
lock: $(READY) ## Pin what requirements-dev.in and local/requirements.in ask for
	$(BIN)/pip install --quiet uv
	for name in requirements-dev local/requirements; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt || exit 1; \
	done
