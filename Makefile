# Everything runs in an environment of its own, made on first use from the pinned versions.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= outputs
JOBS ?= 2
PLATFORM ?= win_amd64
PYTHON_VERSION ?= 3.11
# DRY_RUN=1 makes of the wheelhouse a trial that keeps nothing.
DRY_RUN ?=

.PHONY: help demo test check lint types format locale wheel wheelhouse minimum audit constraints clean

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run ## make up a year of cases, go the whole way, say where map.html lies
	@$(BIN)/geo-hotspots demo --out '$(OUT)'

# A file stays with one process, so that what its tests share is made once; the many little files
# come last, so that no process waits long for another.
test: $(VENV)/.test ## run the tests
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: lint types test ## everything that must pass before a commit

lint: $(VENV)/.check ## look for faults and for another format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.check ## check the types
	$(BIN)/mypy

format: $(VENV)/.check ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

locale: $(VENV)/.test ## compile the words of the command line
	$(BIN)/python tools/compile_locale.py

wheel: $(VENV)/.build ## build the wheel into dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build --target wheel --directory dist

wheelhouse: wheel ## gather every wheel for PLATFORM and PYTHON_VERSION, to install without a network
	@$(BIN)/python tools/wheelhouse.py --platform $(PLATFORM) --python $(PYTHON_VERSION) $(if $(DRY_RUN),--dry-run)

minimum: $(VENV)/.build ## run the quick tests with the oldest versions that are allowed
	@$(BIN)/python tools/minimum.py

audit: $(BIN)/python ## ask whether a hole is known in a pinned package (needs a network)
	@$(BIN)/python tools/audit.py

constraints: wheel ## pin anew what a fresh environment gets today
	$(BIN)/python tools/pin.py

clean: ## remove what can be made again
	rm -rf $(VENV) dist wheelhouse-* .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is %d.%d; name another: make PYTHON=python3.12" % sys.version_info[:2])'
	@echo 'making an environment in $(VENV) ...' >&2
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# One marker per set of packages, so that the demo does not install the test tools.
# The constraint goes by the environment, where pip finds it for the build tools as well; from
# pip 26 on those have a constraint of their own.
$(VENV)/.%: pyproject.toml constraints.txt | $(BIN)/python
	@echo 'installing geo_hotspots$(if $(filter run,$*),, with what "$*" needs) into $(VENV) ...' >&2
	@PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -qq \
		--disable-pip-version-check --editable '.$(if $(filter run,$*),,[$*])'
	@touch $@
