"""Django's error handlers, for pages, htmx requests and the API."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions

from aido.problems import problem

Handler = Callable[..., HttpResponse]


def _handler(page: Handler, error: exceptions.APIException) -> Handler:
    """Return a handler: problem+json for the API, text for htmx, or else the page."""

    def handler(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path.startswith("/api/"):
            return problem(error)
        response = page(request, *args, **kwargs)
        if "HX-Request" in request.headers:
            return text_response(str(error.detail), response.status_code)
        return response

    return handler


def text_response(text: str, status: int, **headers: str) -> HttpResponse:
    """Return an error that app.js shows as a message, without replacing the page."""
    content_type = "text/plain; charset=utf-8"
    return HttpResponse(text, content_type, status=status, headers=headers)


handler400 = _handler(defaults.bad_request, exceptions.ParseError("Bad request."))
handler403 = _handler(defaults.permission_denied, exceptions.PermissionDenied())
handler404 = _handler(
    defaults.page_not_found, exceptions.NotFound("Not found. Reload the page.")
)
handler500 = _handler(
    defaults.server_error, exceptions.APIException("The server failed.", "error")
)
