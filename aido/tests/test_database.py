from urllib.parse import quote

import certifi
import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from aido import database, prepared
from aido.database.base import DatabaseWrapper
from aido.database.errors import errors_as_messages, explain

NEON = "ep-cool-sky-a1b2c3.us-east-2.aws.neon.tech"
POOLER = "ep-cool-sky-a1b2c3-pooler.us-east-2.aws.neon.tech"
POOLER_IN_CELL = "ep-cool-sky-a1b2c3-pooler.c-2.us-east-2.aws.neon.tech"
ODD = "p@ss/w:rd?#%&=+ ä"

# URL -> part of its configuration; keys in lower case are in OPTIONS
VALID = {
    "postgres://u:p@localhost/d": {"HOST": "localhost", "USER": "u", "NAME": "d"},
    "postgresql://u:p@localhost/d": {"sslmode": None},
    "postgresql://u:p@localhost:6543/d": {"PORT": 6543, "PASSWORD": "p"},
    "postgresql+psycopg://u:p@localhost/d": {"ENGINE": "aido.database", "NAME": "d"},
    "  postgresql://u:p@localhost/d\n": {"NAME": "d"},
    "postgresql://localhost/d": {"USER": "", "PASSWORD": ""},
    "postgresql://u@localhost/d": {"USER": "u", "PASSWORD": ""},
    f"postgresql://u:{quote(ODD, safe='')}@h/d": {"PASSWORD": ODD},
    "postgresql://a%40b:p@h/d": {"USER": "a@b"},
    "postgresql://u:p@h/my%20data": {"NAME": "my data"},
    "postgresql://u:p@[::1]:5432/d": {"HOST": "::1", "PORT": 5432, "sslmode": None},
    "postgresql://u:p@[2001:db8::1]/d": {"HOST": "2001:db8::1", "sslmode": "require"},
    "postgresql://u:p@127.0.0.7/d": {"sslmode": None},
    "postgresql://u@%2Ftmp%2Fpg/d": {"HOST": "/tmp/pg", "sslmode": None},
    "postgresql://u:p@db.example.com/d": {"sslmode": "require"},
    "postgresql://u:p@localhost/d?hostaddr=10.0.0.5": {"sslmode": "require"},
    "postgresql://u:p@10.0.0.5/d?sslmode=disable": {"sslmode": "disable"},
    "postgresql://u:p@h/d?sslmode=verify-full": {"sslrootcert": certifi.where()},
    "postgresql://u:p@h/d?sslmode=verify-ca": {"sslrootcert": certifi.where()},
    "postgresql://u:p@h/d?sslmode=verify-full&sslrootcert=/ca": {"sslrootcert": "/ca"},
    "postgresql://u:p@h/d?sslmode=verify-full&sslrootcert=system": {
        "sslrootcert": certifi.where()
    },
    f"postgresql://u:p@{NEON}/d": {
        "sslmode": "require",
        "DISABLE_SERVER_SIDE_CURSORS": False,
    },
    f"postgresql://u:p@{POOLER}/d?sslmode=require&channel_binding=require": {
        "channel_binding": "require",
        "DISABLE_SERVER_SIDE_CURSORS": True,
    },
    f"postgresql://u:p@{POOLER_IN_CELL}/d": {"DISABLE_SERVER_SIDE_CURSORS": True},
    f"postgresql://u:p@{POOLER.upper()}/d": {"DISABLE_SERVER_SIDE_CURSORS": True},
    "postgresql://u:p@my-pooler.example.com/d": {"DISABLE_SERVER_SIDE_CURSORS": False},
    "postgresql://u:p@h/d?connect_timeout=3&application_name=x": {
        "connect_timeout": 3,
        "application_name": "x",
    },
    "postgresql://u:p@h/d": {
        "application_name": "aido",
        "connect_timeout": 10,
        "options": "-c TimeZone=UTC",
        "pool": None,
    },
    "postgresql://u:p@h/d?options=endpoint%3Dep-x": {
        "options": "endpoint=ep-x -c TimeZone=UTC"
    },
    "postgresql://u:p@h/d?target_session_attrs=read-write&sslnegotiation=direct": {
        "target_session_attrs": "read-write",
        "sslnegotiation": "direct",
    },
    "postgresql://u:p@h1:1,h2,[::1]:3/d?target_session_attrs=read-write": {
        "HOST": "h1,h2,::1",
        "PORT": "1,5432,3",
        "target_session_attrs": "read-write",
        "sslmode": "require",
    },
    "postgresql://u:p@localhost,127.0.0.1:2/d": {"sslmode": None},
    "postgresql:///d?host=/run/postgresql": {
        "HOST": "/run/postgresql",
        "NAME": "d",
        "sslmode": None,
    },
}

SECRET = "hunter2hunter2"
# URL -> part of the error message
INVALID = {
    "": "is not a URL",
    "localhost/d": "is not a URL",
    f"u:{SECRET}@h/d": "is not a URL",
    f"u:{SECRET}@h://d": "is not a URL",
    f"postgresql+psycopg2://u:{SECRET}@h/d": "starts with postgresql+psycopg2://",
    f"postgresql+asyncpg://u:{SECRET}@h/d": "starts with postgresql+asyncpg://",
    f"mysql://u:{SECRET}@h/d": "starts with mysql://",
    "sqlite:///db.sqlite3": "starts with sqlite://",
    f"postgis://u:{SECRET}@h/d": "starts with postgis://",
    f"https://u:{SECRET}@h/d": "starts with https://",
    f"postgresql://u:{SECRET}@/d": "has no host",
    "postgresql:///d": "has no host",
    f"postgresql://u:{SECRET}@h": "has no database name",
    f"postgresql://u:{SECRET}@h/": "has no database name",
    f"postgresql://u:{SECRET}@h/?sslmode=require": "has no database name",
    f"postgresql://u:{SECRET}@x@h/d": "write @ as %40",
    f"postgresql://u:{SECRET}/x@h/d": "/ as %2F",
    f"postgresql://u:1/{SECRET}@h/d": "/ as %2F",
    f"postgresql://u:{SECRET}?x@h/d": "? as %3F",
    f"postgresql://u:{SECRET}#x@h/d": "# as %23",
    f"postgresql://u:{SECRET}[x@h/d": "percent-encoded",
    f"postgresql://u:{SECRET}@h:port/d": "port must be a number",
    f"postgresql://u:{SECRET}@h:99999/d": "port must be a number",
    f"postgresql://u:{SECRET}@h/d?sslmode=on": "has sslmode=on",
    f"postgresql://u:%00{SECRET}@h/d": "NUL",
    f"postgresql://u@h/d?password={SECRET}": "parameter password",
    f"postgresql://u:{SECRET}@h/d?host=other": "parameter host",
    f"postgresql://u:{SECRET}@{NEON}./d?sslmode=disable": "Neon requires TLS",
    f"postgresql://u:{SECRET}@h/d?pgbouncer=true": "remove it",
    f"psql 'postgresql://u:{SECRET}@h/d'": "is a psql command",
    f"'postgresql://u:{SECRET}@h/d'": "has quotes around it",
    f'"postgresql://u:{SECRET}@h/d"': "has quotes around it",
    f"postgresql://u:{SECRET}@h/d  # production": "contains a space",
    f"postgresql://u:{SECRET}@h/d&pgbouncer=true": "write ? before",
    f"postgresql://u:{SECRET}@h1:x,h2/d": "port must be a number",
    f"postgresql://u:{SECRET}@h/d?pool=true": "does not know: pool",
    f"postgresql://u:{SECRET}@h/d?sslmode=require&sslmode=prefer": "more than once",
    f"postgresql://u:{SECRET}@{NEON}/d?sslmode=disable": "Neon requires TLS",
    f"postgresql://u:{SECRET}@{NEON}/d?sslmode=allow": "Neon requires TLS",
    f"postgresql://u:{SECRET}@{POOLER}/d?sslmode=prefer": "Neon requires TLS",
}


@pytest.mark.parametrize("url", VALID)
def test_a_valid_url_becomes_a_configuration(url):
    config = database.config_from_url(url)

    for key, value in VALID[url].items():
        found = config["OPTIONS"] if key.islower() else config
        assert found.get(key) == value, key


@pytest.mark.parametrize("url", INVALID)
def test_the_error_for_an_invalid_url_does_not_show_its_password(url):
    with pytest.raises(ImproperlyConfigured) as error:
        database.config_from_url(url, "DATABASE_URL_UNPOOLED")

    assert INVALID[url] in str(error.value)
    assert str(error.value).startswith("DATABASE_URL_UNPOOLED ")
    assert SECRET not in str(error.value)


def test_the_pool_has_the_given_size():
    config = database.config_from_url("postgresql://u:p@h/d", pool=(2, 7))

    pool = config["OPTIONS"]["pool"]
    assert (pool["min_size"], pool["max_size"]) == (2, 7)


def test_unused_connections_are_closed_before_neon_suspends_the_compute():
    pool = database.config_from_url("postgresql://u:p@h/d", pool=(1, 15))

    assert 14 * pool["OPTIONS"]["pool"]["max_idle"] < 300  # it closes them one by one


def test_the_pool_detects_the_end_of_an_outage_soon():
    pool = database.config_from_url("postgresql://u:p@h/d", pool=(1, 15))

    assert pool["OPTIONS"]["pool"]["reconnect_timeout"] <= 10


def test_behind_a_pooler_there_are_no_server_side_cursors():
    config = database.config_from_url("postgresql://u:p@h/d", pooler=True)

    assert config["DISABLE_SERVER_SIDE_CURSORS"] is True


def test_a_server_that_vanished_is_detected_within_about_a_minute():
    options = database.config_from_url("postgresql://u:p@h/d")["OPTIONS"]

    probes = options["keepalives_count"] * options["keepalives_interval"]
    assert options["keepalives_idle"] + probes <= 60
    assert options["tcp_user_timeout"] <= 60_000


def test_an_error_is_explained_with_a_hint_and_without_a_password():
    error = OperationalError(f"postgresql://u:{SECRET}@h/d:\n Connection refused")

    assert explain(error) == (
        "postgresql://u:***@h/d: Connection refused\n"
        "Is the server running? Check host and port in DATABASE_URL."
    )


def test_an_interrupted_command_exits_as_shells_expect():
    with pytest.raises(SystemExit) as stop, errors_as_messages():
        raise KeyboardInterrupt

    assert stop.value.code == 130


class EmbeddedServer:
    """Counts how often it is started. Nothing listens where it should."""

    starts = 0

    def start(self):
        self.starts += 1


@pytest.fixture
def embedded():
    config = database.config_from_url("postgresql://aido@%2Fnowhere/aido")
    server = EmbeddedServer()
    handler = ConnectionHandler({"default": config | {"EMBEDDED": server}})
    yield handler["default"], server
    DatabaseWrapper.started_server = None


def test_the_embedded_server_is_started_once(embedded, monkeypatch):
    wrapper, server = embedded
    monkeypatch.setattr(prepared.Connection, "connect", lambda **kwargs: object())

    wrapper.get_new_connection({})
    wrapper.get_new_connection({})

    assert server.starts == 1


def test_the_embedded_server_is_started_again_after_a_failure(embedded):
    wrapper, server = embedded

    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            wrapper.get_new_connection(wrapper.get_connection_params())

    assert server.starts == 2
