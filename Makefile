# Everything here sets itself up: a clone, Python >= 3.11, git and make are all that is needed.
# PYTHON=/path/to/python3.12 make test   chooses the interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
VENV_OLDEST := .venv-oldest
VENV_LINKING := .venv-linking
VENV_SPARK := .venv-spark
VENV_PROOF := .venv-proof
FUZZ_SECONDS ?= 600
BIN := $(VENV)/bin
PYTHON ?=
# The locks are tested on these; a newer interpreter may lack wheels for them.
NEWEST_FIRST := python3.13 python3.12 python3.11 python3 python
OLDEST_FIRST := python3.11 python3.12
PIP := -m pip --disable-pip-version-check --quiet

# $(call make-venv,FOLDER,INTERPRETERS,CONDITION,WHAT IS NEEDED)
define make-venv
	@for python in $(PYTHON) $(2); do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(not ($(3)))' >/dev/null 2>&1; then \
	    echo "Making $(1) with $$("$$python" --version) ($$python)"; \
	    rm -rf $(1); exec "$$python" -m venv $(1); \
	  fi; \
	done; \
	echo "No suitable Python found: $(4) with its venv module is needed." >&2; \
	echo "Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12)," >&2; \
	echo "or name one you have: make PYTHON=/path/to/python3.12" >&2; \
	exit 1
endef

# $(call install,FOLDER,LOCK,WHAT COMES AS SOURCE ONLY)
define install
	@echo "Installing the exact versions of $(2) into $(1)"
	@$(1)/bin/python $(PIP) install --upgrade "pip>=25.1"
	@$(1)/bin/python $(PIP) install --only-binary :all: $(addprefix --no-binary ,$(3)) --requirement $(2)
	@$(1)/bin/python $(PIP) install --no-deps --editable .
	@touch $@
endef

.PHONY: help
help: ## list what can be made
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) \
	  | while IFS='|' read -r target words; do printf '  %-14s %s\n' "$$target" "$$words"; done

$(BIN)/python:
	$(call make-venv,$(VENV),$(NEWEST_FIRST),(3$(comma) 11) <= sys.version_info,Python 3.11 or newer)

$(VENV)/.installed: $(BIN)/python requirements/dev.txt pyproject.toml
	$(call install,$(VENV),requirements/dev.txt)

$(VENV_OLDEST)/bin/python:
	$(call make-venv,$(VENV_OLDEST),$(OLDEST_FIRST),(3$(comma) 11) <= sys.version_info < (3$(comma) 13),Python 3.11 or 3.12)

$(VENV_OLDEST)/.installed: $(VENV_OLDEST)/bin/python requirements/oldest.txt pyproject.toml
	$(call install,$(VENV_OLDEST),requirements/oldest.txt)

$(VENV_LINKING)/bin/python:
	$(call make-venv,$(VENV_LINKING),$(NEWEST_FIRST),(3$(comma) 11) <= sys.version_info,Python 3.11 or newer)

$(VENV_LINKING)/.installed: $(VENV_LINKING)/bin/python requirements/linking.txt pyproject.toml
	$(call install,$(VENV_LINKING),requirements/linking.txt)

$(VENV_SPARK)/bin/python:
	$(call make-venv,$(VENV_SPARK),$(NEWEST_FIRST),(3$(comma) 11) <= sys.version_info,Python 3.11 or newer)

$(VENV_SPARK)/.installed: $(VENV_SPARK)/bin/python requirements/spark.txt pyproject.toml
	$(call install,$(VENV_SPARK),requirements/spark.txt,pyspark)

comma := ,

.PHONY: setup
setup: $(VENV)/.installed ## make the environment and nothing else

.PHONY: sample-data
sample-data: setup ## draw the sample data again, from the simulation, the told stories and the mapping
	@$(BIN)/python sample_data/generate.py

.PHONY: demo
demo: setup ## score sample_data, print the summary, write pages to read and print, and say where they are
	@$(BIN)/breachpattern demo --report
	@echo "To call breachpattern by its name in this shell: . $(BIN)/activate"

# What takes longest is told at the end of every run: the default tests have two minutes on two cores.
PARALLEL := -n auto --dist worksteal --durations 10
FULL := --hypothesis-profile full
HERE := not spark and not postgres and not browser

.PHONY: test
test: setup ## the default tests and every docstring example, in two minutes
	@$(BIN)/python -m pytest $(PARALLEL)

.PHONY: test-slow
test-slow: setup ## the tests that the default run leaves out, and every property with all its examples
	@$(BIN)/python -m pytest $(PARALLEL) $(FULL) -m "(slow or further or hypothesis) and $(HERE)"

.PHONY: test-all
test-all: test test-slow ## the default tests, then the slow ones

.PHONY: test-oldest
test-oldest: $(VENV_OLDEST)/.installed ## all but the tests marked slow, with the oldest supported versions
	@$(VENV_OLDEST)/bin/python -m pytest $(PARALLEL) $(FULL) -m "not slow and $(HERE)"

.PHONY: test-spark
test-spark: $(VENV_SPARK)/.installed ## only the tests marked spark, with a Spark of this machine (needs Java 17)
	@command -v java >/dev/null || { echo "Spark needs Java 17 or newer: apt-get install default-jre-headless" >&2; exit 1; }
	@$(VENV_SPARK)/bin/python -m pytest $(FULL) -m spark tests/spark tests/cli/test_spark.py

.PHONY: test-postgres
test-postgres: setup ## only the tests marked postgres, with a server of their own (needs Debian's postgresql)
	@tests/with_postgres.sh $(abspath $(BIN))/python -m pytest $(FULL) -m postgres tests/review

.PHONY: test-browser
test-browser: setup ## only the tests marked browser; screenshots go to build/screenshots (needs Chromium)
	@$(BIN)/python -m pytest $(FULL) -m browser tests/report

$(VENV_PROOF)/bin/python:
	$(call make-venv,$(VENV_PROOF),$(NEWEST_FIRST),(3$(comma) 11) <= sys.version_info < (3$(comma) 14),Python 3.11 to 3.13)

$(VENV_PROOF)/.installed: $(VENV_PROOF)/bin/python requirements/proof.txt pyproject.toml
	$(call install,$(VENV_PROOF),requirements/proof.txt)

.PHONY: fuzz
fuzz: $(VENV_PROOF)/.installed ## change sound inputs for ten minutes, with coverage as the guide (FUZZ_SECONDS=3600: an hour)
	@mkdir -p build
	@$(VENV_PROOF)/bin/python -m tests.fuzz build/fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=25 -rss_limit_mb=4096

.PHONY: check
check: setup ## lint, format, strict types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: format
format: setup ## put imports and layout in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: bench
bench: setup ## measure speed and memory on this machine, in ten minutes
	@$(BIN)/python -m benchmarks --out benchmarks/results/latest.json

.PHONY: bench-all
bench-all: setup ## measure everything, ten million incidents too; writes docs/performance.md
	@$(BIN)/python -m benchmarks --everything --out benchmarks/results/kept.json --page

.PHONY: bench-small
bench-small: setup ## run every benchmark once on a small extract; no time is held against anything
	@$(BIN)/python -m benchmarks --small

.PHONY: bench-ranking
bench-ranking: setup ## measure rankings on three simulated forces, in a quarter of an hour; writes docs/assessment.md
	@$(BIN)/python -m benchmarks.bench_ranking 200000 1 2 3 --keep
	@$(BIN)/python -m benchmarks.ranking_why 200000 4 --keep

.PHONY: bench-linking
bench-linking: $(VENV_LINKING)/.installed ## measure how well people are linked; writes docs/linking.md
	@$(VENV_LINKING)/bin/python -m benchmarks.linking

.PHONY: notebooks
notebooks: setup ## open the notebooks in a browser (installs JupyterLab)
	@$(BIN)/python $(PIP) install "jupyterlab>=4"
	@$(BIN)/python -m jupyter lab notebooks/

.PHONY: docs
docs: setup ## build the documentation site into build/site; every warning is an error
	@$(BIN)/python -m sphinx -q -W --keep-going -c docs . build/site
	@echo "The site is in build/site: open build/site/docs/site.html"

.PHONY: pages
pages: setup ## write the pages of docs that come from code, data and tests
	@$(BIN)/python -m breachpattern.law.reference docs/reference/catalogue.md
	@$(BIN)/python -m breachpattern.patterns.reference docs/reference/patterns.md
	@$(BIN)/python -m breachpattern.simulation.reference docs/reference/simulate.md
	@$(BIN)/python -m breachpattern.scoring.features.reference docs/reference/features.md
	@$(BIN)/python -m breachpattern.review.measures.reference docs/reference/measures.md
	@$(BIN)/python -m proof.law

.PHONY: mutation
mutation: $(VENV_PROOF)/.installed ## change the code on which answers rest, and see which tests notice; writes docs/mutation.md
	@$(VENV_PROOF)/bin/python -m proof.mutation

.PHONY: reliability
reliability: setup ## try bad input, faults and leaks, count what was tried and what failed; writes docs/reliability.md
	@$(BIN)/python -m proof.reliability

.PHONY: licences
licences: setup ## write docs/reference/licences.md from what is installed
	@$(BIN)/python release/licences.py

.PHONY: sbom
sbom: setup ## list every installed version as CycloneDX in build/sbom.json
	@mkdir -p build
	@$(BIN)/cyclonedx-py environment --output-reproducible --of JSON -o build/sbom.json $(VENV)

.PHONY: release-check
release-check: setup ## build wheel and source archive, look into both, install without an index, score the sample data
	@rm -rf dist build/wheelhouse build/offline
	@$(BIN)/python -m build --outdir dist . >/dev/null
	@$(BIN)/python release/check.py dist
	@$(BIN)/python $(PIP) download --dest build/wheelhouse dist/*.whl
	@$(BIN)/python -m venv build/offline
	@build/offline/bin/python $(PIP) install --no-index --find-links build/wheelhouse breachpattern
	@build/offline/bin/breachpattern demo --out build/offline/demo >/dev/null
	@build/offline/bin/breachpattern --version

.PHONY: lock
lock: ## write requirements/*.txt anew from pyproject.toml (needs uv)
	@requirements/lock.sh

.PHONY: clean
clean: ## remove environments, caches and outputs
	@rm -rf $(VENV) $(VENV_OLDEST) $(VENV_LINKING) $(VENV_SPARK) $(VENV_PROOF) build dist out demo-output src/*.egg-info
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
