"""The processes of the web server import only what they need."""

import json
import os
import subprocess
import sys
from textwrap import dedent

import pytest

from aido.imports import without
from aido.testing.processes import ROOT, SECRETS

# A database that does not answer: starting does not wait for it.
VARIABLES = SECRETS | {"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/d?sslmode=disable"}
PRINT_STATE = "import gc, json, sys; print(json.dumps([*sys.modules, gc.isenabled()]))"


def state_after(code):
    """Return the modules that code imports, and whether garbage is collected then."""
    process = subprocess.run(
        [sys.executable, "-c", f"{code}\n{PRINT_STATE}\nimport os; os._exit(0)"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"} | VARIABLES,
        stdout=subprocess.PIPE,
        check=True,
    )
    [*modules, has_gc] = json.loads(process.stdout.splitlines()[-1])
    return set(modules), has_gc


@pytest.fixture(scope="module")
def worker():
    return state_after("import aido.worker, aido.wsgi")


@pytest.fixture(scope="module")
def command():
    modules, _ = state_after(
        "import sys, manage; sys.argv = ['manage.py', 'check']; manage.main()"
    )
    return modules


@pytest.mark.parametrize(
    "module",
    [
        "cryptography.x509",
        "django.test",
        "drf_spectacular.openapi",
        "markdown_it",
        "pygments",
        "requests",
        "rich",
        "todo.words",
        "yaml",
    ],
)
def test_a_worker_does_not_import(worker, module):
    modules, _ = worker

    assert module not in modules


def test_a_worker_collects_garbage(worker):
    _, has_gc = worker

    assert has_gc


@pytest.mark.parametrize("module", ["cryptography.x509", "requests", "yaml"])
def test_a_command_does_not_import(command, module):
    assert module not in command


def test_the_preflight_does_not_import_the_database():
    modules, _ = state_after("import aido.preflight, aido.server_settings")

    assert not modules & {"psycopg", "django.conf", "django.db"}


def test_reading_the_configuration_leaves_the_environment_alone(checkout):
    (checkout / ".env").write_text("API_PORT=1234\n")
    code = """
        import os
        from aido.preflight import read_configuration
        print(read_configuration()["port"], "API_PORT" in os.environ)
    """

    output = subprocess.check_output(
        [sys.executable, "-c", dedent(code)],
        cwd=checkout,
        env={"PATH": os.environ["PATH"]},
        text=True,
    )

    assert output == "1234 False\n"


def test_a_package_can_be_imported_after_the_block_without_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)

    with without("this"), pytest.raises(ImportError):
        __import__("this")

    assert "this" not in sys.modules


def test_a_package_that_is_loaded_stays():
    with without("json"):
        assert __import__("json") is json

    assert sys.modules["json"] is json
