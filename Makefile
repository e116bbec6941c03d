# Needs make and Python 3.11 or newer; everything else comes from the lock files.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
CANDIDATES := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
PACKAGES := adapters core entrypoints ports
SOURCES := $(PACKAGES) scripts tests $(wildcard benchmarks examples)
N ?= 1000
MINUTES ?= 20

# Sets $$python to the first candidate that really runs (a shim may exist and fail), or says what is missing.
define FIND_PYTHON
python= ; fault="Python 3.11 or newer is missing: none of [$(CANDIDATES)] runs. Install it, or set PYTHON."; \
for candidate in $(CANDIDATES); do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	if ! "$$candidate" -c 'import venv' >/dev/null 2>&1; then \
		fault="The venv module of $$candidate is missing. On Debian: apt-get install python3-venv"; continue; fi; \
	if ! "$$candidate" -c 'import ensurepip' >/dev/null 2>&1; then \
		fault="pip for $$candidate is missing. On Debian: apt-get install python3-venv python3-pip"; continue; fi; \
	python="$$candidate"; break; \
done; \
if [ -z "$$python" ]; then echo "$$fault" >&2; exit 1; fi
endef

# The project is not installed from an index, so its build backend comes from the lock too.
define INSTALL
@echo "Installing requirements/$(1).txt into $(VENV)"
@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/$(1).txt
@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
endef

.PHONY: help
help: ## Show this list
	@printf '\n  actonce: an approved action is enacted at most once\n\n'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n'

.PHONY: python
python:
	@$(FIND_PYTHON); "$$python" --version

$(BIN)/python:
	@$(FIND_PYTHON); "$$python" -m venv --clear $(VENV)

$(VENV)/.demo: requirements/demo.txt pyproject.toml | $(BIN)/python
	$(call INSTALL,demo)
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(call INSTALL,dev)
	@touch $(VENV)/.demo $@

# Apart from .venv, for it pins an older boto3.
$(VENV)/.checkov: requirements/checkov.txt | $(BIN)/python
	@echo "Installing requirements/checkov.txt into $(VENV)/checkov"
	@$(BIN)/python -m venv --clear $(VENV)/checkov
	@$(VENV)/checkov/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/checkov.txt
	@touch $@

.PHONY: checkov
checkov: $(VENV)/.checkov

# Apart from .venv, for no part of this project may come to need them.
$(VENV)/.peers: requirements/peers.txt | $(BIN)/python
	@echo "Installing requirements/peers.txt into $(VENV)/peers"
	@$(BIN)/python -m venv --clear $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/peers.txt
	@touch $@

.PHONY: peers
peers: $(VENV)/.peers

.PHONY: venv
venv: $(VENV)/.dev ## Make .venv with everything a developer needs

.PHONY: run
run: $(VENV)/.demo ## Run the demo
	@$(BIN)/python -m examples.demo

.PHONY: test
test: check $(if $(shell command -v terraform),checkov) $(if $(CI),peers emulators) ## Run make check and every test, each stage against its time budget
	@$(BIN)/python -m tests.stages

.PHONY: check
check: venv ## Check format, lint, layers, types, dependencies, dead code and schemas
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy $(SOURCES)
	$(BIN)/deptry $(PACKAGES)
	$(BIN)/vulture $(SOURCES)
	$(BIN)/python -m entrypoints.schemas --check
	$(BIN)/python -m entrypoints.event_schemas --check
	$(BIN)/python -m entrypoints.asyncapi --check
	$(BIN)/python -m scripts.state_diagram --check
	$(BIN)/python -m scripts.gateway_tools --check

.PHONY: unit
unit: venv ## Run the architecture and unit tests
	@$(BIN)/python -m pytest -n 2 tests/architecture tests/unit

.PHONY: contract
contract: venv ## Run the contract and integration tests
	@$(BIN)/python -m pytest -n 2 tests/contract tests/integration tests/statemachine

.PHONY: api
api: venv ## Run the tests of the HTTP API: isolation, its description, actonce serve
	@$(BIN)/python -m pytest tests/api

.PHONY: conformance
conformance: venv ## Run the conformance suite on SUBJECT=module:attribute, or on every connector of this repository
	@SUBJECT=$(SUBJECT) $(BIN)/python -m pytest -n 2 tests/conformance

.PHONY: docs
docs: venv ## Run the commands of the documentation, and check its links, names and figures
	@$(BIN)/python -m pytest -n 2 tests/docs

.PHONY: infra
infra: venv $(if $(shell command -v terraform),checkov) ## Check Terraform: format, validity, its tests, its plan, checkov
	@$(BIN)/python -m pytest -n 2 --dist loadgroup tests/infra

.PHONY: package
package: venv ## Build the package of the Lambda functions; docs/deploy.md has its variables
	@$(BIN)/python -m scripts.package $(if $(NATIVE),--native) $(if $(PYTHON_VERSION),--python $(PYTHON_VERSION)) \
		$(if $(ARCHITECTURE),--architecture $(ARCHITECTURE)) $(if $(INTERPRETER),--interpreter "$(INTERPRETER)") \
		$(if $(SOURCE_ONLY),--source-only)

.PHONY: simulate
simulate: venv ## Run the simulation on N seeds (N=1000)
	@SIMULATION_RUNS=$(N) $(BIN)/python -m pytest -n 2 --timeout 0 tests/simulation tests/integration/test_simulation_on_dynamo.py

.PHONY: kill
kill: venv ## Kill real processes at every boundary
	@$(BIN)/python -m pytest tests/e2e

.PHONY: e2e
e2e: venv ## Apply the Terraform module to an emulator, use it, break it, destroy it
	@$(BIN)/python -m pytest tests/deployed

.PHONY: emulators
emulators: venv
	@$(BIN)/python -m tests.emulators.prepare

.PHONY: localstack
localstack: venv ## Run the emulator's suites on LocalStack: one that runs, a container, or a process of this machine
	@$(BIN)/python -m tests.emulators.suite $(PARTS)

.PHONY: fuzz
fuzz: venv ## Search for inputs that break a property (FUZZ_EXAMPLES=20000 of each)
	@$(BIN)/python -m pytest -n 2 --timeout 0 --hypothesis-profile fuzz $(shell grep -rl '@given' tests)

.PHONY: bench
bench: venv peers ## Measure speed, starts, calls, cost, growth and memory against their goals (SHORT=1, ROUNDS=5, ONLY=growth)
	@$(BIN)/python -m benchmarks $(if $(SHORT),--short) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

.PHONY: soak
soak: venv ## Strike workers, store, queues and tool server at random for MINUTES=20, then check every intent
	@$(BIN)/python -m tests.e2e.soak $(MINUTES) $(SEED)

.PHONY: results
results: venv ## Write docs/results.md with its plots from what bench, prove and soak wrote
	@$(BIN)/python -m benchmarks.results

.PHONY: prove
prove: venv $(if $(filter ours,$(ONLY)),,peers) ## Count effects under every fault, beside peers (SHORT=1, TRIALS=20, DIRECT=2, STEPS=2, ONLY=ours)
	@$(BIN)/python -m benchmarks.effect_correctness $(if $(SHORT),--short) $(if $(TRIALS),--trials $(TRIALS)) \
		$(if $(PEER_TRIALS),--peer-trials $(PEER_TRIALS)) $(if $(DIRECT),--direct $(DIRECT)) $(if $(STEPS),--steps $(STEPS)) \
		$(if $(ONLY),--only $(ONLY))

.PHONY: nightly
nightly: ## Run the tests, then the long searches and the benchmarks
	@$(MAKE) test
	@SIMULATION_STRIDE=1 SIMULATION_DYNAMO_RUNS=1000 $(MAKE) simulate N=100000
	@ACTONCE_KILLS=300 ACTONCE_AWS_KILLS=150 ACTONCE_STEPS_KILLS=150 $(MAKE) kill
	@API_CASES=2600 $(BIN)/python -m pytest --timeout 0 tests/api/test_against_its_description.py
	@$(MAKE) fuzz
	@$(MAKE) soak
	@$(MAKE) bench

.PHONY: schemas
schemas: venv ## Write the JSON Schemas of every message
	@$(BIN)/python -m entrypoints.schemas
	@$(BIN)/python -m entrypoints.event_schemas
	@$(BIN)/python -m entrypoints.asyncapi
	@$(BIN)/python -m scripts.state_diagram
	@$(BIN)/python -m scripts.gateway_tools

# dev first: the next three take their pins from it, so one .venv can serve both.
COMPILE = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

.PHONY: lock
lock: venv ## Write the lock files from pyproject.toml (UPGRADE=1 takes the newest)
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --group dev -o requirements/dev.txt pyproject.toml
	@$(COMPILE) --upgrade --group demo -c requirements/dev.txt -o requirements/demo.txt pyproject.toml
	@$(COMPILE) --upgrade -c requirements/dev.txt -o requirements/runtime.txt pyproject.toml
	@$(COMPILE) --upgrade --group functions -c requirements/dev.txt -o requirements/functions.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --group checkov -o requirements/checkov.txt
	@$(subst --universal --python-version 3.11,--python-version 3.13,$(COMPILE)) $(if $(UPGRADE),--upgrade) \
		--group localstack -o requirements/localstack.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --group peers -o requirements/peers.txt

.PHONY: clean
clean: ## Remove .venv, caches and reports
	@rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
