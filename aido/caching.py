"""Middleware that keeps private responses out of caches."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class PrivateCacheMiddleware:
    """Forbid browsers and proxies to store a response, unless its view decides.

    A browser that stored a page would show it again with the Back button, outdated, or
    to the next person after signing out. What has an ETag may be stored, and is
    revalidated each time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            rule = "no-cache" if "ETag" in response else "no-store"
            response["Cache-Control"] = f"private, {rule}"
        return response
