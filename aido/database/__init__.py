"""Turn DATABASE_URL into a database configuration: TLS, pool and pooler.

As ENGINE, `aido.database` is Django's PostgreSQL backend, extended in `base.py`.
"""

import ipaddress
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import certifi
import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from psycopg.pq import Conninfo

from aido import embedded, neon, resilience

EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=require"
SCHEMES = {"postgres", "postgresql"}
SSLMODES = {*neon.WEAK_SSLMODES, "require", "verify-ca", "verify-full"}
HOST_AND_PORT = re.compile(r"([^:\[\]]+|\[.+\])(?::(\d+))?")

# The defaults of connection parameters, all of which PgBouncer accepts. Keepalives and
# tcp_user_timeout detect within about a minute that a server vanished.
OPTIONS = {
    "application_name": "aido",
    "connect_timeout": 10,  # seconds; Neon wakes a sleeping compute in about one
    "keepalives_idle": 30,  # seconds
    "keepalives_interval": 10,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
# Otherwise Django sets the time zone with a statement on every new connection.
TIME_ZONE = "-c TimeZone=UTC"


def config_from_url(
    url: str,
    variable: str = "DATABASE_URL",
    pool: tuple[int, int] | None = None,
    pooler: bool = False,
) -> dict[str, Any]:
    """Return the entry in DATABASES for a URL.

    `pool` is the minimum and maximum size of the connection pool; without it, each
    thread has one connection. `pooler` says that the URL leads to a PgBouncer, which
    is detected for Neon. Raises ImproperlyConfigured; the message names `variable` and
    never contains a password.
    """
    try:
        parsed = _parse(url)
        parsed["OPTIONS"] = _options(parsed["HOST"], parsed.get("OPTIONS", {}))
    except ValueError as problem:
        raise ImproperlyConfigured(f"{variable} {problem}") from None
    if pool:
        parsed["OPTIONS"]["pool"] = _pool_options(*pool)
    return parsed | {
        "ENGINE": "aido.database",
        # A server-side cursor outlives its transaction, but a transaction pooler gives
        # the next transaction another connection.
        "DISABLE_SERVER_SIDE_CURSORS": pooler or neon.is_pooled(parsed["HOST"]),
    }


def replica_config(url: str, pool: tuple[int, int] | None = None) -> dict[str, Any]:
    """Return the entry in DATABASES for DATABASE_URL_READ, see `aido.database.replica`.

    Tests use the test database of the primary.
    """
    config = config_from_url(url, "DATABASE_URL_READ", pool, pooler=True)
    return config | {
        "ENGINE": "aido.database.replica",
        "TEST": {"MIRROR": "default"},
    }


def embedded_config(home: Path, pool: tuple[int, int] | None = None) -> dict[str, Any]:
    """Return the entry in DATABASES for the embedded PostgreSQL in `home`.

    The first connection starts the server.
    """
    server = embedded.Server(home)
    url = f"postgresql://aido@{quote(str(server.sockets), safe='')}/aido"
    return config_from_url(url, pool=pool) | {"EMBEDDED": server}


def _parse(url: str) -> dict[str, Any]:
    # SQLAlchemy's name for the same driver.
    url = url.strip().replace("postgresql+psycopg://", "postgresql://", 1)
    _refuse_shell(url)
    _refuse_scheme(url)
    _refuse_unquoted(url.partition("://")[2])
    parsed = _split(url)
    if not parsed["HOST"]:  # libpq's way to write a folder of sockets
        parsed["HOST"] = parsed.get("OPTIONS", {}).pop("host", "")
    for key, name in (("HOST", "host"), ("NAME", "database name")):
        if not parsed[key]:
            raise ValueError(f"has no {name}. Example: {EXAMPLE}")
    return parsed


def _split(url: str) -> dict[str, Any]:
    try:
        url, *several_hosts = _take_hosts(url)
        parsed: dict[str, Any] = {**dj_database_url.parse(url)}
    except ValueError:
        raise ValueError(
            "is not a valid URL: special characters in the password must be"
            f" percent-encoded, and the port must be a number. Example: {EXAMPLE}"
        ) from None
    return parsed | dict(zip(("HOST", "PORT"), several_hosts, strict=False))


def _refuse_shell(url: str) -> None:
    """Raise ValueError for a URL that was copied with what surrounds it."""
    if url.startswith("psql "):
        raise ValueError("is a psql command: keep only the URL between its quotes.")
    if url[:1] in {"'", '"'} or url[-1:] in {"'", '"'}:
        raise ValueError("has quotes around it: remove them.")
    if "&" in url and "?" not in url:
        raise ValueError("has parameters after a &: write ? before the first of them.")
    if re.search(r"\s", url):
        raise ValueError(
            "contains a space: remove it and what follows, or write it as %20."
        )


def _refuse_scheme(url: str) -> None:
    scheme, separator, _ = url.partition("://")
    if not separator or not re.fullmatch(r"[\w+.-]+", scheme):
        raise ValueError(f"is not a URL. Example: {EXAMPLE}")
    if scheme not in SCHEMES:
        raise ValueError(
            f"starts with {scheme}://, but aido needs PostgreSQL. Example: {EXAMPLE}"
        )


def _take_hosts(url: str) -> list[str]:
    """Return a URL that dj_database_url can parse, and libpq's lists if several hosts.

    For `a:1,b` the lists are `a,b` and `1,5432`.
    """
    authority = url.partition("://")[2].partition("/")[0]
    places = authority.rpartition("@")[2]
    if "," not in places:
        return [url]
    pairs = [HOST_AND_PORT.fullmatch(place) for place in places.split(",")]
    if not all(pairs):
        raise ValueError
    hosts = ",".join(pair[1].strip("[]") for pair in pairs if pair)
    ports = ",".join(pair[2] or "5432" for pair in pairs if pair)
    return [url.replace(places, "hosts", 1), hosts, ports]


def _refuse_unquoted(rest: str) -> None:
    """Raise ValueError for characters that would cut the URL short.

    An unquoted @ / ? or # in the password leaves an @ after the host.
    """
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if rest.count("@") > 1 or ("@" in rest and "@" not in authority):
        raise ValueError(
            "has an unquoted special character in its password: write @ as %40,"
            " / as %2F, : as %3A, ? as %3F and # as %23."
        )
    if "#" in rest:
        raise ValueError("contains a #: write it as %23.")
    if "%00" in rest:
        raise ValueError("contains a NUL character, %00.")


def _options(host: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the connection parameters: the URL's, then our defaults.

    TLS is required by default, except for a server on this machine.
    """
    for name, value in given.items():
        _check_parameter(name, value)
    options = OPTIONS | given
    options["options"] = f"{given.get('options', '')} {TIME_ZONE}".lstrip()
    if "sslmode" not in options and not _is_local(given.get("hostaddr", host)):
        options["sslmode"] = "require"
    _check_tls(host, options)
    return options


def _check_parameter(name: str, value: Any) -> None:
    if name in {"host", "port", "user", "password", "dbname"}:
        raise ValueError(f"has the parameter {name}: write it before the ?.")
    if name == "pgbouncer":
        raise ValueError("has the parameter pgbouncer, which is Prisma's: remove it.")
    if name not in _known_parameters():
        raise ValueError(f"has a parameter that PostgreSQL does not know: {name}.")
    if isinstance(value, list):
        raise ValueError(f"sets {name} more than once.")


def _check_tls(host: str, options: dict[str, Any]) -> None:
    """Raise ValueError for a wrong sslmode, and add the file of trusted CAs."""
    mode = options.get("sslmode")
    if mode is not None and mode not in SSLMODES:
        raise ValueError(f"has sslmode={mode}: use require or verify-full.")
    if neon.is_neon(host) and mode in neon.WEAK_SSLMODES:
        raise ValueError(
            f"has sslmode={mode}, but Neon requires TLS: use require or verify-full."
        )
    # In psycopg's wheels, the path of the system's CA file is not Debian's.
    has_no_ca = options.get("sslrootcert", "system") == "system"
    if has_no_ca and mode in {"verify-ca", "verify-full"}:
        options["sslrootcert"] = certifi.where()


def _pool_options(min_size: int, max_size: int) -> dict[str, Any]:
    """Return the options of psycopg_pool.ConnectionPool; times are in seconds."""
    return {
        "min_size": min_size,
        "max_size": max_size,
        # Retries back off; after this long the pool gives up until the next request.
        "reconnect_timeout": 10,
        # The pool closes one unused connection per interval: 14 in less than the 300
        # seconds after which Neon suspends a compute.
        "max_idle": 20,
        "check": resilience.check,
        "connection_class": resilience.Connection,
    }


def _is_local(host: str) -> bool:
    if "," in host:
        return all(map(_is_local, host.split(",")))
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith("/")


@cache
def _known_parameters() -> frozenset[str]:
    """Return the connection parameters of the installed libpq."""
    return frozenset(option.keyword.decode() for option in Conninfo.get_defaults())
