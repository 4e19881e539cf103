"""Read settings from the environment."""

import os
import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured

SWITCHES = {
    **dict.fromkeys(("1", "on", "true", "y", "yes", "ok"), True),
    **dict.fromkeys(("0", "off", "false", "n", "no"), False),
}


def text(name: str, default: str = "") -> str:
    # django-environ would replace a value that begins with $ by another variable's.
    return os.environ.get(name, "").strip() or default


def is_on(name: str, default: bool) -> bool:
    value = text(name, str(default))
    if value.lower() not in SWITCHES:
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}.")
    return SWITCHES[value.lower()]


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def is_host_name(value: str) -> bool:
    """Return whether an entry of ALLOWED_HOSTS is a host, not a pattern."""
    return bool(re.fullmatch(r"[\w-]+(\.[\w-]+)*", value, re.ASCII))


def one_of(name: str, default: str, choices: Sequence[str]) -> str:
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}.")
    return value


def whole_number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isdecimal() or len(value) > 9:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def mailer(url: str) -> dict[str, Any]:
    """Return the entry in MAILERS for a URL. Raises ImproperlyConfigured."""
    import environ  # here, because `preflight.py` does not need it

    try:
        given = environ.Env.email_url_config(url)
    except (ImproperlyConfigured, ValueError):
        example = "smtp+tls://USER:PASSWORD@HOST:587"
        raise ImproperlyConfigured(f"EMAIL_URL must be like {example}.") from None
    options = {
        "host": given["EMAIL_HOST"],
        "port": given["EMAIL_PORT"],
        "username": given["EMAIL_HOST_USER"],
        "password": given["EMAIL_HOST_PASSWORD"],
        "use_tls": given.get("EMAIL_USE_TLS", False),
        "use_ssl": given.get("EMAIL_USE_SSL", False),
        "timeout": 10,  # seconds
    }
    # The console and dummy backends have no host and take no options.
    return {
        "BACKEND": given["EMAIL_BACKEND"],
        "OPTIONS": options if options["host"] else {},
    }
