"""System checks of the configuration: `manage.py check`, and before a server starts."""

import ipaddress
import logging
import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from aido.database import EXAMPLE

logger = logging.getLogger(__name__)

TAG = "aido"
MIN_SECRET_BYTES = 32  # RFC 7518, section 3.2: the output size of HS256's hash
SECRET_HINT = (
    "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
)
# An entry of ALLOWED_HOSTS: all hosts, a host, a domain with all hosts in it, or IPv6.
HOST = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]", re.ASCII | re.I)
PRIVATE_DOMAINS = (".local", ".lan", ".home.arpa", ".internal", ".localhost")


@register(TAG)
def check_database_url(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.DATABASE_ERROR:
        return []
    variable = settings.DATABASE_ERROR.split()[0]
    hint = f"Set {variable}={EXAMPLE} in the environment or in .env."
    return [Error(settings.DATABASE_ERROR, hint=hint, id="aido.E001")]


@register(TAG)
def check_secret_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return _check_secret("SECRET_KEY", "aido.E002")


@register(TAG)
def check_jwt_secret(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return _check_secret("JWT_SECRET", "aido.E003")


@register(TAG)
def check_secrets_differ(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not _secret("SECRET_KEY") or _secret("SECRET_KEY") != _secret("JWT_SECRET"):
        return []
    message = "SECRET_KEY and JWT_SECRET are the same."
    return [Error(message, hint=SECRET_HINT, id="aido.E004")]


@register(TAG)
def check_fallbacks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{name} has a weak secret: it is shorter than {MIN_SECRET_BYTES} bytes.",
            hint="List the earlier secrets, separated by commas.",
            id="aido.E010",
        )
        for name in ("SECRET_KEY_FALLBACKS", "JWT_SECRET_FALLBACKS")
        if any(map(is_weak, _secrets(name)))
    ]


@register(TAG)
def check_pool_size(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.DATABASE_POOL_MIN <= settings.DATABASE_POOL_MAX > 0:
        return []
    message = "DATABASE_POOL_MAX must be at least 1 and at least DATABASE_POOL_MIN."
    hint = "The defaults are 1 and 15 connections per process."
    return [Error(message, hint=hint, id="aido.E005")]


@register(TAG)
def check_frontend_url(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.FRONTEND_URL or is_origin(settings.FRONTEND_URL):
        return []
    message = "FRONTEND_URL is not an origin."
    hint = "Example: https://app.example.com, without a path or a trailing slash."
    return [Error(message, hint=hint, id="aido.E006")]


@register(TAG)
def check_static_files(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn only: aido works without them."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if settings.IS_LOCAL or manifest.exists():
        return []
    message = "The static files are not collected, so browsers cannot cache them."
    hint = "Run `python manage.py collectstatic --noinput`."
    return [Warning(message, hint=hint, id="aido.W007")]


@register(TAG)
def check_allowed_hosts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"ALLOWED_HOSTS has the entry {entry}, which is not a host name.",
            hint=_host_hint(entry),
            id="aido.E007",
        )
        for entry in settings.ALLOWED_HOSTS
        if not HOST.fullmatch(entry)
    ]


@register(TAG)
def check_script_name(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if re.fullmatch(r"(/[\w.~-]+)*", settings.SCRIPT_NAME, re.ASCII):
        return []
    hint = "Example: SCRIPT_NAME=/todo"
    return [Error("SCRIPT_NAME is not a path.", hint=hint, id="aido.E008")]


@register(TAG)
def check_plain_http(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    public = [host for host in settings.ALLOWED_HOSTS if not is_private(host)]
    if not settings.PLAIN_HTTP or not public:
        return []
    message = f"PLAIN_HTTP is on, but ALLOWED_HOSTS has {', '.join(public)}."
    hint = (
        "Without TLS, aido serves only a private network: private IP addresses, and"
        f" names without a dot or that end in {', '.join(PRIVATE_DOMAINS)}."
    )
    return [Error(message, hint=hint, id="aido.E009")]


def is_origin(text: str) -> bool:
    url = urlsplit(text)
    is_site = url.scheme in {"http", "https"} and bool(url.netloc)
    return is_site and not url.path + url.query


def is_private(host: str) -> bool:
    """Return whether a host of ALLOWED_HOSTS exists only in a private network."""
    host = host.lower().strip("[]")
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host != "*" and ("." not in host or host.endswith(PRIVATE_DOMAINS))


def _host_hint(entry: str) -> str:
    """Return how to write a host that has a scheme, a port, quotes or a wildcard."""
    host = re.sub(r"^\[?[\"']+|[\"']+\]?$", "", entry)
    host = re.sub(r"^[a-z]+://", "", host, flags=re.I).split("/")[0]
    host = re.sub(r"^\*\.", ".", host)
    if host.count(":") > 1 and not host.startswith("["):
        host = f"[{host}]"
    host = re.sub(r":\d*$", "", host)
    if HOST.fullmatch(host):
        return f"Write it as {host}."
    return "Example: ALLOWED_HOSTS=todo.example.com,192.0.2.7,[::1]"


def refuse_misconfiguration() -> None:
    """Exit with a list of all errors that the checks above find; log warnings."""
    messages = sorted(run_checks(tags=[TAG]), key=lambda message: str(message.id))
    errors = [message for message in messages if message.is_serious()]
    log_warnings(messages)
    if errors:
        lines = [f"- {error.msg} {error.hint}" for error in errors]
        sys.exit("\n".join(["aido does not start:", *lines]))


def log_warnings(messages: list[CheckMessage]) -> None:
    """Log warnings in the first worker: all workers have the same to say."""
    if os.environ.get("AIDO_WORKER", "0") != "0":
        return
    for message in messages:
        if not message.is_serious():
            logger.warning("%s %s", message.msg, message.hint)


def _check_secret(name: str, check_id: str) -> list[CheckMessage]:
    secret = _secret(name)
    if not secret:
        return [Error(f"{name} is not set.", hint=SECRET_HINT, id=check_id)]
    if is_weak(secret):
        message = f"{name} is weak: it is shorter than {MIN_SECRET_BYTES} bytes."
        return [Error(message, hint=SECRET_HINT, id=check_id)]
    return []


def is_weak(secret: str) -> bool:
    return len(secret.encode()) < MIN_SECRET_BYTES


def _secrets(name: str) -> list[str]:
    return list(getattr(settings, name))


def _secret(name: str) -> str:
    try:
        return str(getattr(settings, name))
    except ImproperlyConfigured:  # Django raises it for an empty SECRET_KEY
        return ""
