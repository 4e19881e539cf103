from urllib.parse import quote

import certifi
import pytest
from django.core.exceptions import ImproperlyConfigured

from aido import database

NEON = "ep-cool-sky-a1b2c3.us-east-2.aws.neon.tech"
POOLER = "ep-cool-sky-a1b2c3-pooler.us-east-2.aws.neon.tech"
POOLER_IN_CELL = "ep-cool-sky-a1b2c3-pooler.c-2.us-east-2.aws.neon.tech"
ODD = "p@ss/w:rd?#%&=+ ä"

# url, then what is expected: entries of the entry, and of its OPTIONS in lower case
GOOD = {
    "postgres://u:p@localhost/d": {"HOST": "localhost", "USER": "u", "NAME": "d"},
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
}

SECRET = "hunter2hunter2"
# url -> a part of the message
BAD = {
    "": "is not a URL",
    "localhost/d": "is not a URL",
    f"u:{SECRET}@h/d": "is not a URL",
    f"u:{SECRET}@h://d": "is not a URL",
    f"postgresql+psycopg2://u:{SECRET}@h/d": "names postgresql+psycopg2://",
    f"postgresql+asyncpg://u:{SECRET}@h/d": "names postgresql+asyncpg://",
    f"mysql://u:{SECRET}@h/d": "names mysql://",
    "sqlite:///db.sqlite3": "names sqlite://",
    f"postgis://u:{SECRET}@h/d": "names postgis://",
    f"https://u:{SECRET}@h/d": "names https://",
    f"postgresql://u:{SECRET}@/d": "lacks a host",
    "postgresql:///d": "lacks a host",
    f"postgresql://u:{SECRET}@h": "lacks a database name",
    f"postgresql://u:{SECRET}@h/": "lacks a database name",
    f"postgresql://u:{SECRET}@h/?sslmode=require": "lacks a database name",
    f"postgresql://u:{SECRET}@x@h/d": "write @ as %40",
    f"postgresql://u:{SECRET}/x@h/d": "/ as %2F",
    f"postgresql://u:1/{SECRET}@h/d": "/ as %2F",
    f"postgresql://u:{SECRET}?x@h/d": "? as %3F",
    f"postgresql://u:{SECRET}#x@h/d": "# as %23",
    f"postgresql://u:{SECRET}[x@h/d": "percent-encoded",
    f"postgresql://u:{SECRET}@h:port/d": "the port a number",
    f"postgresql://u:{SECRET}@h:99999/d": "the port a number",
    f"postgresql://u:{SECRET}@h/d?sslmode=on": "has sslmode=on",
    f"postgresql://u:%00{SECRET}@h/d": "NUL",
    f"postgresql://u@h/d?password={SECRET}": "parameter password",
    f"postgresql://u:{SECRET}@h/d?host=other": "parameter host",
    f"postgresql://u:{SECRET}@{NEON}./d?sslmode=disable": "Neon takes TLS only",
    f"postgresql://u:{SECRET}@h/d?pgbouncer=true": "does not know: pgbouncer",
    f"postgresql://u:{SECRET}@h/d?pool=true": "does not know: pool",
    f"postgresql://u:{SECRET}@h/d?sslmode=require&sslmode=prefer": "more than once",
    f"postgresql://u:{SECRET}@{NEON}/d?sslmode=disable": "Neon takes TLS only",
    f"postgresql://u:{SECRET}@{NEON}/d?sslmode=allow": "Neon takes TLS only",
    f"postgresql://u:{SECRET}@{POOLER}/d?sslmode=prefer": "Neon takes TLS only",
}


@pytest.mark.parametrize("url", GOOD)
def test_a_good_url_becomes_an_entry(url):
    entry = database.entry(url)

    for key, value in GOOD[url].items():
        found = entry["OPTIONS"] if key.islower() else entry
        assert found.get(key) == value, key


@pytest.mark.parametrize("url", BAD)
def test_a_bad_url_is_refused_without_its_password(url):
    with pytest.raises(ImproperlyConfigured) as refusal:
        database.entry(url, "DATABASE_URL_UNPOOLED")

    assert BAD[url] in str(refusal.value)
    assert str(refusal.value).startswith("DATABASE_URL_UNPOOLED ")
    assert SECRET not in str(refusal.value)


def test_a_pool_is_bounded_as_asked():
    pool = database.entry("postgresql://u:p@h/d", pool=(2, 7))["OPTIONS"]["pool"]

    assert (pool["min_size"], pool["max_size"]) == (2, 7)
    assert pool["max_idle"] < 300  # after which Neon suspends
    assert pool["reconnect_timeout"] <= 10  # so that the end of an outage is noticed


def test_a_pooler_that_the_host_does_not_tell_is_heeded():
    entry = database.entry("postgresql://u:p@h/d", pooler=True)

    assert entry["DISABLE_SERVER_SIDE_CURSORS"] is True
