"""What all tests share: real servers, and what is left out where one is missing."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from urllib.parse import quote

import django
import pytest
from django.db import connection

from aido.testing.fake_neon import FakeNeon
from aido.testing.servers import (
    ROOT,
    Proxy,
    chromium,
    has_stopped,
    pgbouncer,
    reachable_folder,
    running_server,
    tls_postgres_binaries,
)

django.setup()

PACKAGES = {
    "tls": "postgresql and openssl",
    "pgbouncer": "pgbouncer",
    "browser": "chromium",
    "wrk": "wrk",
    "clients": "npm and what .ci/run installs",
}


def missing_components():
    """The markers of the tests that this machine cannot run."""
    found = {
        "tls": tls_postgres_binaries() and shutil.which("openssl"),
        "pgbouncer": pgbouncer(),
        "wrk": shutil.which("wrk"),
        "clients": shutil.which("node") and (ROOT / ".clients/ready").exists(),
        "browser": chromium() and importlib.util.find_spec("playwright"),
    }
    return {marker for marker, component in found.items() if not component}


def pytest_configure(config):
    if os.environ.get("CI") == "true" and (missing := missing_components()):
        raise pytest.UsageError(f"CI needs every test; missing: {sorted(missing)}")


def pytest_collection_modifyitems(config, items):
    missing = missing_components()
    left_out = [
        item
        for item in items
        if any(item.get_closest_marker(marker) for marker in missing)
    ]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter):
    if missing := missing_components():
        packages = " and ".join(PACKAGES[marker] for marker in sorted(missing))
        text = f"Left out are the tests that need {packages}."
        terminalreporter.write_line(text, yellow=True)


@pytest.fixture
def proxy():
    """Stands in front of the server with the test database."""
    proxy = proxy_to_database()
    yield proxy
    proxy.stop()


@pytest.fixture
def proxied_url(proxy):
    """The URL of the test database through the proxy."""
    return url_through(proxy)


def proxy_to_database():
    settings = connection.settings_dict
    host, port = settings["HOST"], int(settings["PORT"] or 5432)
    if host.startswith("/"):
        return Proxy(socket.AF_UNIX, f"{host}/.s.PGSQL.{port}")
    return Proxy(socket.AF_INET, (host, port))


def url_through(proxy):
    settings = connection.settings_dict
    user, password = (quote(settings[key], safe="") for key in ("USER", "PASSWORD"))
    return (
        f"postgresql://{user}:{password}@127.0.0.1:{proxy.port}/{settings['NAME']}"
        f"?sslmode={settings['OPTIONS'].get('sslmode', 'prefer')}"
    )


@pytest.fixture(scope="session")
def site(django_db_setup):
    """The address of a development server on the test database."""
    proxy = proxy_to_database()
    command = ("manage.py", "runserver", "--noreload")
    with running_server(*command, DATABASE_URL=url_through(proxy)) as url:
        yield url
    proxy.stop()


@pytest.fixture
def checkout():
    """A fresh copy of the project, under a path with a space, and with no .env."""
    with reachable_folder() as folder:
        copy = folder / "my aido"
        ignored = shutil.ignore_patterns(".*", "__pycache__", "staticfiles")
        shutil.copytree(ROOT, copy, ignore=ignored)
        yield copy
        assert has_stopped(copy / ".postgres")
        if (copy / ".postgres").is_symlink():
            shutil.rmtree((copy / ".postgres").resolve())


@pytest.fixture
def manage(checkout):
    """Runs manage.py there, with just the environment variables that are given."""

    def run(*arguments, **variables):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=checkout,
            env={"PATH": os.environ["PATH"]} | variables,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def neon():
    """A fake Neon, which was spoken to as Neon's contract says."""
    with FakeNeon() as neon:
        yield neon
    assert neon.violations == []
