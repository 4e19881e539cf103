"""DATABASE_URL -> the entry in DATABASES: TLS, the pool, pooled or direct, embedded.

As ENGINE, `aido.database` is Django's own PostgreSQL backend plus `base.py`.
"""

import ipaddress
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

import certifi
import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from psycopg.pq import Conninfo

from aido import embedded, neon, resilience

EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=require"
SCHEMES = {"postgres", "postgresql"}
SSLMODES = {*neon.WEAK_SSLMODES, "require", "verify-ca", "verify-full"}

# Startup options that PgBouncer takes too. TimeZone saves Django a round trip for each
# connection; the rest notices within about a minute a server that vanished silently.
OPTIONS = {
    "application_name": "aido",
    "connect_timeout": 10,  # seconds; Neon wakes a sleeping compute in about one
    "keepalives_idle": 30,  # seconds
    "keepalives_interval": 10,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds
}
TIME_ZONE = "-c TimeZone=UTC"


def entry(
    url: str,
    variable: str = "DATABASE_URL",
    pool: tuple[int, int] | None = None,
    pooler: bool = False,
) -> dict:
    """The DATABASES entry for a URL.

    `pool` is the least and the most connections that this process keeps open; without
    it there is one for each thread. `pooler` says that a PgBouncer stands in between,
    which is known of Neon's hosts anyway. Raises ImproperlyConfigured, with `variable`
    and never a password in its text.
    """
    try:
        parsed = _parse(url)
        parsed["OPTIONS"] = _options(parsed["HOST"], parsed.get("OPTIONS", {}))
    except ValueError as problem:
        raise ImproperlyConfigured(f"{variable} {problem}") from None
    if pool:
        parsed["OPTIONS"]["pool"] = _pool(*pool)
    return parsed | {
        "ENGINE": "aido.database",
        # Such a cursor outlives its transaction, its pooled connection may not.
        "DISABLE_SERVER_SIDE_CURSORS": pooler or neon.is_pooled(parsed["HOST"]),
    }


def embedded_entry(home: Path, pool: tuple[int, int] | None = None) -> dict:
    """The entry for the embedded PostgreSQL in `home`; connecting starts it."""
    server = embedded.Server(home)
    url = f"postgresql://aido@{quote(str(server.sockets), safe='')}/aido"
    return entry(url, pool=pool) | {"EMBEDDED": server}


def _parse(url: str) -> dict:
    # The spelling of SQLAlchemy, which people paste, names the same driver.
    url = url.strip().replace("postgresql+psycopg://", "postgresql://", 1)
    scheme, separator, rest = url.partition("://")
    if not separator or not re.fullmatch(r"[\w+.-]+", scheme):
        raise ValueError(f"is not a URL. A good one: {EXAMPLE}")
    if scheme not in SCHEMES:
        raise ValueError(f"names {scheme}://, but aido needs PostgreSQL: {EXAMPLE}")
    _refuse_unquoted(rest)
    try:
        parsed = dj_database_url.parse(url)
    except ValueError:
        raise ValueError(
            "is not a valid URL: a special character in the password must be"
            f" percent-encoded, the port a number. A good one: {EXAMPLE}"
        ) from None
    for key, name in (("HOST", "a host"), ("NAME", "a database name")):
        if not parsed[key]:
            raise ValueError(f"lacks {name}. A good one: {EXAMPLE}")
    return parsed


def _refuse_unquoted(rest: str) -> None:
    """An @ / ? or # in the password cuts the URL short; an @ left over tells."""
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if rest.count("@") > 1 or ("@" in rest and "@" not in authority):
        raise ValueError(
            "has an unquoted special character in its password: write @ as %40,"
            " / as %2F, : as %3A, ? as %3F and # as %23."
        )
    if "#" in rest:
        raise ValueError("has a # in it: write it as %23.")
    if "%00" in rest:
        raise ValueError("has a NUL character, %00, in it.")


def _options(host: str, given: dict) -> dict:
    """What the URL asks for over aido's own, and TLS where a network is crossed."""
    for name, value in given.items():
        if name in {"host", "port", "user", "password", "dbname"}:
            raise ValueError(f"has a parameter {name}: write it before the ?.")
        if name not in _keywords():
            raise ValueError(f"has a parameter that PostgreSQL does not know: {name}.")
        if isinstance(value, list):
            raise ValueError(f"gives {name} more than once.")
    options = OPTIONS | given
    options["options"] = f"{given.get('options', '')} {TIME_ZONE}".lstrip()
    if "sslmode" not in options and not _is_local(given.get("hostaddr", host)):
        options["sslmode"] = "require"
    _check_tls(host, options)
    return options


def _check_tls(host: str, options: dict) -> None:
    mode = options.get("sslmode")
    if mode is not None and mode not in SSLMODES:
        raise ValueError(f"has sslmode={mode}; use require or verify-full.")
    if neon.is_neon(host) and mode in neon.WEAK_SSLMODES:
        raise ValueError(
            f"has sslmode={mode}, but Neon takes TLS only: use require or verify-full."
        )
    # psycopg's wheels look for the system's CA file where Debian does not keep it.
    has_no_ca = options.get("sslrootcert", "system") == "system"
    if has_no_ca and mode in {"verify-ca", "verify-full"}:
        options["sslrootcert"] = certifi.where()


def _pool(least: int, most: int) -> dict:
    """Options of psycopg_pool.ConnectionPool, times in seconds."""
    return {
        "min_size": least,
        "max_size": most,
        "timeout": 10,
        # The tries come ever more seldom; after this long, a request begins anew.
        "reconnect_timeout": 10,
        # Each time, one unused connection goes: 14 before the 300 are over, after which
        # Neon suspends a compute.
        "max_idle": 20,
        "check": resilience.check,
        "connection_class": resilience.Connection,
    }


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith("/")


@cache
def _keywords() -> frozenset[str]:
    """The connection parameters of the libpq in use."""
    return frozenset(option.keyword.decode() for option in Conninfo.get_defaults())
