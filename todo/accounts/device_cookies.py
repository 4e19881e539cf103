"""Cookies of browsers that have signed in before (OWASP "Device cookies").

Wrong passwords for an account are counted, and after a few the account is locked for
some minutes. So anybody could lock its owner out. Attempts with a device cookie are
counted apart, for this cookie alone: the owner still gets in from their own browser,
and a stolen cookie allows no more guesses than any client has.
"""

import secrets
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NAME = "device"
SALT = "todo.accounts.device_cookies"
MAX_AGE = 365 * 24 * 3600  # seconds


def set_device_cookie(response: HttpResponse, email: str) -> None:
    """Mark the browser as one that has signed in with this address."""
    response.set_signed_cookie(
        NAME,
        f"{_digest(email)}.{secrets.token_hex(16)}",
        salt=SALT,
        max_age=MAX_AGE,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_device(request: HttpRequest, email: str) -> str | None:
    """Return the id of the browser if it has signed in with this address before."""
    value = request.get_signed_cookie(NAME, "", salt=SALT, max_age=MAX_AGE)
    digest, _, device_id = value.partition(".")
    return device_id if digest == _digest(email) else None


def _digest(email: str) -> str:
    return sha256(email.lower().encode()).hexdigest()
