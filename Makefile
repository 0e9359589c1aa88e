# Everything runs in an environment of its own, made on first use from the pinned versions.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= outputs
PLATFORM ?= win_amd64
PYTHON_VERSION ?= 3.11
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
JOBS ?= 2

.PHONY: demo test check lint types format wheel wheelhouse constraints clean help

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run ## make up a year of cases, go the whole way, say where map.html lies
	@$(BIN)/geo-hotspots demo --out $(OUT)

test: $(VENV)/.test ## run the tests
	$(BIN)/python -m pytest -q -n $(JOBS)

check: lint types test ## everything that must pass before a commit

lint: $(VENV)/.check
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.check
	$(BIN)/mypy

format: $(VENV)/.check ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

wheel: $(VENV)/.build ## build the wheel into dist/
	rm -rf dist build
	$(BIN)/python -m build --wheel --outdir dist

wheelhouse: wheel ## gather every wheel of the runtime for PLATFORM, with install scripts
	$(BIN)/python tools/wheelhouse.py --platform $(PLATFORM) --python $(PYTHON_VERSION)

constraints: ## pin anew what a fresh environment gets today
	$(PYTHON) tools/pin.py

clean: ## remove what can be made again
	rm -rf $(VENV) dist build wheelhouse-* .mypy_cache .pytest_cache .ruff_cache .hypothesis

# One marker per set of packages, so that the demo does not install the test tools.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.%: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "installing geo_hotspots ($*) into $(VENV) ..." >&2
	@$(PIP) install --constraint constraints.txt --editable '.$(if $(filter run,$*),,[$*])'
	@touch $@
