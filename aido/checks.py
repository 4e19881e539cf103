"""System checks of the configuration: `manage.py check`, and before a server starts."""

import socket
import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from aido.database import EXAMPLE

TAG = "aido"
MIN_SECRET_BYTES = 32  # RFC 7518, section 3.2: as long as the output of HS256's hash
SECRET_HINT = (
    "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
)


@register(TAG)
def check_database_url(app_configs, **kwargs):
    if not settings.DATABASE_ERROR:
        return []
    hint = f"Set DATABASE_URL={EXAMPLE} in the environment or in .env."
    return [Error(settings.DATABASE_ERROR, hint=hint, id="aido.E001")]


@register(TAG)
def check_secret_key(app_configs, **kwargs):
    return _secret_errors("SECRET_KEY", "aido.E002")


@register(TAG)
def check_jwt_secret(app_configs, **kwargs):
    return _secret_errors("JWT_SECRET", "aido.E003")


@register(TAG)
def check_secrets_differ(app_configs, **kwargs):
    if not _secret("SECRET_KEY") or _secret("SECRET_KEY") != _secret("JWT_SECRET"):
        return []
    message = "SECRET_KEY and JWT_SECRET are the same."
    return [Error(message, hint=SECRET_HINT, id="aido.E004")]


@register(TAG)
def check_pool_size(app_configs, **kwargs):
    if settings.DATABASE_POOL_MIN <= settings.DATABASE_POOL_MAX > 0:
        return []
    message = "DATABASE_POOL_MAX must be at least 1 and at least DATABASE_POOL_MIN."
    hint = "Leave both out for 1 and 15 connections for each process."
    return [Error(message, hint=hint, id="aido.E005")]


@register(TAG)
def check_frontend_url(app_configs, **kwargs):
    url = urlsplit(settings.FRONTEND_URL)
    if not settings.FRONTEND_URL or (
        url.scheme in {"http", "https"} and url.netloc and not url.path + url.query
    ):
        return []
    message = "FRONTEND_URL is not an origin."
    hint = "Set it like https://app.example.com, without a path or a final slash."
    return [Error(message, hint=hint, id="aido.E006")]


def refuse_misconfiguration():
    """End the process with a list of all that the checks above find, if anything."""
    errors = sorted(run_checks(tags=[TAG]), key=lambda error: error.id)
    if errors:
        lines = [f"- {error.msg} {error.hint}" for error in errors]
        sys.exit("\n".join(["aido does not start:", *lines]))


def why_not_listen(address, port):
    """Why no server can listen there, and what to do; an empty text if one can."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((address, int(port)))
    except (OSError, OverflowError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        return f"Cannot listen on {address}:{port}: {reason}. Set API_HOST or API_PORT."
    return ""


def _secret_errors(name, check_id):
    secret = _secret(name)
    if not secret:
        return [Error(f"{name} is not set.", hint=SECRET_HINT, id=check_id)]
    if len(secret.encode()) < MIN_SECRET_BYTES:
        message = f"{name} is weak: it has fewer than {MIN_SECRET_BYTES} bytes."
        return [Error(message, hint=SECRET_HINT, id=check_id)]
    return []


def _secret(name):
    try:
        return getattr(settings, name)
    except ImproperlyConfigured:  # so says Django of an empty SECRET_KEY
        return ""
