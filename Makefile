# Everything a person does with this project. `make help` lists it.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/installed
CODE := audit config cycle offices policies workflows benchmarks tests manage.py

.DEFAULT_GOAL := help
.PHONY: help setup demo run stop test check format bench soak screenshots clean

help: ## List what can be done
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(STAMP) ## Create the virtual environment and install everything into it

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "需要 Python 3.11 或更高版本：请安装后重试，或用 make PYTHON=/路径/python3.11 指定。"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "缺少 Python 的 venv 模块：请安装 python3-venv 后重试。"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

demo: $(STAMP) ## Set up the demonstration county, run its year, then serve it on 127.0.0.1:8000
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py demo

run: $(STAMP) ## Serve the product as it stands: web, worker and beat
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py serve

stop: $(STAMP) ## Stop the embedded PostgreSQL and Redis
	@$(PY) manage.py services stop

test: $(STAMP) ## Run all tests (browser tests are skipped without a browser)
	@$(PY) -m pytest -n 2; code=$$?; $(PY) manage.py services stop --if-unused >/dev/null; exit $$code

check: $(STAMP) ## Lint, format, types, import rules, migrations, settings
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py check

format: $(STAMP) ## Put the code into the house format
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)

bench: $(STAMP) ## Measure against the alternatives and print the figures
	@$(PY) -m benchmarks

soak: $(STAMP) ## Run the tests that take longer than a minute
	@$(PY) -m pytest -m soak

screenshots: $(STAMP) ## Take the screenshots of the handbook (needs a browser)
	@$(PY) -m pytest -m screenshots

clean: ## Stop the services, then remove the virtual environment and all local data
	@if test -x $(PY); then $(PY) manage.py services stop >/dev/null; fi
	rm -rf $(VENV) .data .static
