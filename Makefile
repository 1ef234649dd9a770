# SPDX-License-Identifier: GPL-2.0-or-later
# Pakmud's verbs. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.ONESHELL:
.SILENT:

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Without compiling to bytecode at once: Python does it for what is really imported.
PIP_INSTALL := $(PIP) install --no-compile --require-hashes
QGIS_VENV := .venv-qgis
QGIS_PYTHON ?= /usr/bin/python3
SCREENSHOTS ?= tools/screenshots.py
DEMO_DATA ?= tools/demo_data.py

.PHONY: help
help: ## list the targets  แสดงคำสั่งทั้งหมด
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# ---------------------------------------------------------------- set-up
$(STAMPS)/venv:
	if ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
	  python=$$(bash tools/find_python.sh)
	  echo "Making $(VENV) with $$python"
	  "$$python" -m venv $(VENV)
	fi
	mkdir -p $(STAMPS)
	touch $@

$(STAMPS)/server: requirements/server.txt requirements/demo.txt requirements/build.txt | $(STAMPS)/venv
	echo "Installing the server's packages"
	$(PIP_INSTALL) -r requirements/server.txt -r requirements/demo.txt -r requirements/build.txt
	touch $@

$(STAMPS)/project: pyproject.toml | $(STAMPS)/server
	$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/server $(STAMPS)/project
	echo "Installing what checks and tests need"
	$(PIP_INSTALL) -r requirements/dev.txt
	touch $@

# Never fails without Node: the pages then show drawn maps.
build/web_assets/manifest.json: package-lock.json tools/web_assets.py | $(STAMPS)/venv
	bash tools/install_web_assets.sh $(BIN)/python

.PHONY: web-assets
web-assets: build/web_assets/manifest.json

.PHONY: setup
setup: $(STAMPS)/server $(STAMPS)/project web-assets ## make .venv with the server and its web assets  ติดตั้ง

.PHONY: setup-dev
setup-dev: setup $(STAMPS)/dev

# ---------------------------------------------------------------- run
.PHONY: demo
demo: setup ## start the demonstration; ends with one address  เริ่มชุดสาธิต
	exec $(BIN)/pakmud demo $(ARGS)

.PHONY: demo-data
demo-data: setup ## make the demonstration data anew
	$(BIN)/python $(DEMO_DATA) $(ARGS)

.PHONY: screenshots
screenshots: setup-dev ## take README's pictures from the running product
	$(BIN)/python $(SCREENSHOTS) $(ARGS)

# ---------------------------------------------------------------- check
.PHONY: lint
lint: $(STAMPS)/dev ## format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: types
types: $(STAMPS)/dev ## mypy --strict on geoapi and processing
	bash tools/check_types.sh $(BIN)/mypy

.PHONY: test
test: setup-dev test-services ## everything: lint, types, unit, contract, api, web, QGIS
	bash tools/run_tests.sh

.PHONY: test-fast
test-fast: $(STAMPS)/dev ## what needs no services, in a minute
	bash tools/run_tests.sh fast

.PHONY: test-services
test-services:
	bash tools/prepare_test_services.sh

.PHONY: soak
soak: setup-dev ## full counts of races, kills and sends
	$(BIN)/python -m pytest tests -m soak --timeout=7200 $(ARGS)

.PHONY: bench
bench: setup-dev ## CPU of requests beside tipg and stock pygeoapi; ARGS="--points 1000000 --record"
	$(BIN)/python -m tools.bench $(ARGS)

.PHONY: lock
lock: $(STAMPS)/dev ## pin the requirements anew: make lock ARGS=--upgrade
	bash tools/lock_requirements.sh $(ARGS)

.PHONY: package
package: $(STAMPS)/dev ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

.PHONY: clean
clean: ## remove what was built and installed here
	rm -rf $(VENV) $(QGIS_VENV) build dist node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
