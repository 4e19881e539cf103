"""What logs and metrics say of a request: its route, client and user."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def route_of(request: HttpRequest) -> str | None:
    """Return the pattern of the URL, or None if there is none, as for static files."""
    match = request.resolver_match
    return f"/{match.route}" if match else None


def client_address(request: HttpRequest) -> str | None:
    """Return the address that the outermost trusted proxy saw, as rate limits do."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    count = settings.TRUSTED_PROXIES
    if not count or len(forwarded) < count:
        return request.META.get("REMOTE_ADDR")
    return forwarded[-count].strip() or request.META.get("REMOTE_ADDR")


def user_id(request: HttpRequest) -> str | None:
    """Return the id of the user, if the request has loaded it already."""
    user = vars(request).get("user")
    if isinstance(user, SimpleLazyObject):
        user = vars(request).get("_cached_user")
    return str(user.pk) if user and user.pk else None
