import shutil
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.db.utils import ConnectionHandler

from aido import database
from aido.database.base import DatabaseWrapper
from aido.testing.processes import reachable_folder


@pytest.fixture
def home():
    """A folder for an embedded PostgreSQL, under a path with a space."""
    with reachable_folder() as folder:
        home = folder / "my project" / ".postgres"
        home.parent.mkdir()
        yield home
        if home.is_symlink():
            shutil.rmtree(home.resolve())


@pytest.fixture
def pool_size():
    return 5


@pytest.fixture
def pooled(proxy, proxied_url, pool_size, monkeypatch):
    """Django connections to the test database through a pool: `p`."""
    monkeypatch.setattr(DatabaseWrapper, "has_timed_out", False)
    config = database.config_from_url(proxied_url, pool=(1, pool_size))
    settings = connection.settings_dict
    handler = ConnectionHandler({"default": settings, "p": config})
    handler["p"].open_pool()
    handler["p"].pool.wait()
    yield handler
    handler["p"].close()
    proxy.stop()
    handler["p"].close_pool()


@pytest.fixture(scope="module")
def create_database(test_database_url):
    """Create a database with these options of CREATE DATABASE; return its URL."""
    base, _, query = test_database_url.partition("?")
    names = []

    def create(options=""):
        names.append(f"aido_{uuid4().hex}")
        connection.execute(f"CREATE DATABASE {names[-1]} {options}")
        return f"{base.rpartition('/')[0]}/{names[-1]}?{query}"

    with psycopg.connect(test_database_url, autocommit=True) as connection:
        yield create
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def ask(handler, sql="SELECT 1"):
    """Do what a request does: take a connection, run a statement, return it."""
    try:
        with handler["p"].cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
    finally:
        handler["p"].close()


def kill(*pids):
    with connection.cursor() as cursor:
        for pid in pids:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
