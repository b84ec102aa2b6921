# What a developer runs. `make` alone lists it. Works with GNU make 3.81 and in a path with spaces.

PYTHON = .venv/bin/python
STAMP = .venv/installed
BENCHMARKS = startup check net decide limits admission protect

.PHONY: help demo check test test-slow faults overload services bench schemas lock clean

help:
	@echo "make demo       start the demo: backends, gateway and what to try"
	@echo "make check      lint, format, types and layers"
	@echo "make test       every test but the long ones"
	@echo "make test-slow  the long ones"
	@echo "make faults     what clients see when backends fail, each case held against its limits"
	@echo "make overload   what becomes of a gateway that is asked for too much: table and docs/overload.svg"
	@echo "make services   install the servers and npm packages that service tests use"
	@echo "make bench      benchmarks, installed size and start time"
	@echo "make schemas    write schemas/ from the typed models"
	@echo "make lock       resolve requirements/ anew from pyproject.toml"
	@echo "make clean      remove the environment and every cache"

demo: $(STAMP)
	@.venv/bin/gateway demo

check: $(STAMP)
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-logo

test: $(STAMP)
	$(PYTHON) -m pytest -n auto --dist worksteal

test-slow: $(STAMP)
	$(PYTHON) -m pytest -m slow --hypothesis-profile=slow -o faulthandler_timeout=0

faults: $(STAMP)
	@$(PYTHON) -m tests.faults

overload: $(STAMP)
	@$(PYTHON) -m benchmarks.overload --picture docs/overload.svg

services:
	@sh .ci/services.sh

bench: $(STAMP)
	@for name in $(BENCHMARKS); do $(PYTHON) -m "benchmarks.$$name" || exit 1; done

schemas: $(STAMP)
	@$(PYTHON) -m tests.house.schemas

lock:
	@sh .ci/lock.sh

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements/dev.lock pyproject.toml .ci/install.sh
	@sh .ci/install.sh
	@touch $@
