# Thin: what a target does is a Django command or one short script.
VENV ?= .venv
BIN = $(VENV)/bin
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
unexport MAKEFLAGS

.PHONY: run test test-long coverage mutation check setup serve bench format messages migrations pins clean
.DEFAULT_GOAL := run

run: $(VENV)/.run  ## Set everything up and serve the portal with demo data
	@DJANGO_SETTINGS_MODULE=portal.settings.dev $(BIN)/python manage.py serve

test: $(VENV)/.dev  ## Set everything up and pass the tests
	@$(BIN)/python -m tests.run

test-long: $(VENV)/.dev  ## What takes minutes
	@$(BIN)/python -m tests.run --long

coverage: $(VENV)/.dev  ## Whether the rules' own tests take every branch of the ballots' modules
	@$(BIN)/python -m tests.run --coverage

mutation: $(VENV)/.dev  ## Whether the tests notice small wrongs in the ballots' modules (an hour; MODULES="tally sheets:64")
	@DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/python -m tests.mutation.run $(MODULES)

check: $(VENV)/.dev  ## Lint, types, import contracts, migrations, translations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/python manage.py check
	@DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/python manage.py messages --check

# A real site on one machine: secrets and data in .site/ unless DATA_DIR says otherwise.
setup serve: export DATA_DIR := $(or $(DATA_DIR),.site)
setup: $(VENV)/.run  ## Prepare a real site without demo
	@$(BIN)/python -m portal.environment
	@DJANGO_SETTINGS_MODULE=portal.settings.production $(BIN)/python manage.py setup
serve: $(VENV)/.run  ## Serve the site that `make setup` prepared
	@DJANGO_SETTINGS_MODULE=portal.settings.production $(BIN)/python manage.py serve

bench: $(VENV)/.dev  ## Measure beside a textbook poll and a bare broadcaster
	@$(BIN)/python -m bench.run

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

messages: $(VENV)/.dev  ## Extract, merge and compile the translations
	@DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/python manage.py messages

migrations: $(VENV)/.dev
	@DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/python manage.py makemigrations -n $(NAME)

pins: $(VENV)/.dev  ## Write the pinned requirements anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --group dev -c requirements.txt -o requirements-dev.txt
	@sed -i '1i -r requirements.txt' requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header pyproject.toml --all-extras -c requirements.txt -o requirements-sms.txt

clean:
	rm -rf $(VENV) .data .pytest_cache .mypy_cache .ruff_cache

# uv, where it is installed, is only faster; pip is the promise.
INSTALL = if command -v uv >/dev/null 2>&1; then uv pip install --python $(BIN)/python -r $(1); else $(BIN)/python -m pip install --disable-pip-version-check --no-input -r $(1); fi

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "没有找到 Python 3.11 或更新的版本（要带 venv）。请先安装，例如：apt install python3 python3-venv"; exit 1; }
	@echo "正在建立运行环境（$(PYTHON)）……"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt $(BIN)/python
	@echo "正在安装依赖（第一次约一分钟）……"
	@$(call INSTALL,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt $(BIN)/python
	@echo "正在安装开发和测试用的依赖……"
	@$(call INSTALL,requirements-dev.txt)
	@touch $@ $(VENV)/.run
