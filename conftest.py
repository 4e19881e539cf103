"""Fixtures of all tests; tests that need a missing program are deselected."""

import os
import shutil
import subprocess
import sys
from urllib.parse import quote

import django
import pytest
from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase

from aido.testing import components
from aido.testing.fake_neon import FakeNeon
from aido.testing.processes import (
    WAIT_TIMEOUT,
    ProjectCopy,
    has_stopped,
    reachable_folder,
    running_server,
)
from aido.testing.proxy import Proxy

django.setup()

# Empties the tables that migrations leave empty. DELETE is much faster than TRUNCATE,
# which replaces the files of each table, but it leaves the space of the rows.
EMPTY_TABLES = """
    DO $$
    DECLARE
        kept text[] := '{django_migrations,django_content_type,auth_permission}';
        names text[] := ARRAY(
            SELECT quote_ident(tablename) FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> ALL (kept));
        tables text := array_to_string(names, ', ');
        name text;
    BEGIN
        IF (SELECT max(pg_relation_size(n::regclass)) FROM unnest(names) n) > 1e6 THEN
            EXECUTE 'TRUNCATE ' || tables;
        ELSE
            EXECUTE 'LOCK TABLE ' || tables || ' IN EXCLUSIVE MODE';
            FOREACH name IN ARRAY names LOOP
                EXECUTE 'DELETE FROM ' || name;
            END LOOP;
        END IF;
    END $$
"""


def empty_tables(test_case):
    """Delete what a test with transactions has written, in place of Django's flush.

    Content types and permissions stay, and do not have to be created again.
    """
    for is_last in (False, False, True):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                return cursor.execute(EMPTY_TABLES)
        except OperationalError:  # a deadlock with the last request of a page
            if is_last:
                raise


TransactionTestCase._fixture_teardown = empty_tables


def pytest_configure(config):
    missing = components.missing_markers()
    if missing and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI must run every test; it lacks: {missing}")


def pytest_collection_modifyitems(config, items):
    missing = components.missing_markers()
    deselected = [
        item
        for item in items
        if any(item.get_closest_marker(marker) for marker in missing)
    ]
    items[:] = [item for item in items if item not in deselected]
    items.sort(key=lambda item: not item.get_closest_marker("long"))
    config.hook.pytest_deselected(items=deselected)


def pytest_terminal_summary(terminalreporter):
    if missing := components.missing_markers():
        text = f"Deselected the tests with these markers: {', '.join(missing)}."
        if packages := components.missing_packages(*missing):
            text += f" To run them: apt install {' '.join(packages)}"
        terminalreporter.write_line(text, yellow=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let no commit wait for the disk in the test database, in any process."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
    connection.close()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(  # a server that is ending may still be connected
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def proxy():
    """A proxy in front of the server with the test database."""
    with Proxy(database_address()) as proxy:
        yield proxy


@pytest.fixture
def proxied_url(proxy):
    """The URL of the test database through the proxy."""
    return database_url(proxy)


def database_address():
    settings = connection.settings_dict
    host, port = settings["HOST"], int(settings["PORT"] or 5432)
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)


def database_url(proxy):
    settings = connection.settings_dict
    user, password = (quote(settings[key], safe="") for key in ("USER", "PASSWORD"))
    return (
        f"postgresql://{user}:{password}@127.0.0.1:{proxy.port}/{settings['NAME']}"
        f"?sslmode={settings['OPTIONS'].get('sslmode', 'prefer')}"
    )


@pytest.fixture(scope="session")
def test_database_url(django_db_setup):
    """The URL of the test database, for other processes."""
    with Proxy(database_address()) as proxy:
        yield database_url(proxy)


@pytest.fixture(scope="session")
def site(test_database_url):
    """The URL of a development server on the test database."""
    command = ("manage.py", "runserver", "--noreload")
    with running_server(*command, DATABASE_URL=test_database_url) as url:
        yield url


@pytest.fixture(scope="session")
def project_copy():
    """A copy of the project without .env, in a path that contains a space."""
    with reachable_folder() as folder:
        yield ProjectCopy(folder / "my aido")


@pytest.fixture
def checkout(project_copy):
    """The path of a copy of the project, in which a test may change everything."""
    yield project_copy.path
    database = project_copy.path / ".postgres"
    assert has_stopped(database)
    if database.is_symlink():
        shutil.rmtree(database.resolve())
    project_copy.restore()


@pytest.fixture
def manage(checkout):
    """Runs manage.py in the checkout, with these environment variables and PATH."""

    def run(*arguments, **variables):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=checkout,
            env={"PATH": os.environ["PATH"]} | variables,
            capture_output=True,
            text=True,
            timeout=WAIT_TIMEOUT,
        )

    return run


@pytest.fixture
def neon():
    """A fake Neon; fails the test if a request or response breaks Neon's contract."""
    with FakeNeon() as neon:
        yield neon
    assert neon.violations == []
