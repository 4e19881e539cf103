"""Django's error handlers, for pages, htmx requests and the API."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults
from rest_framework import exceptions

from aido.problems import Unavailable, problem

logger = logging.getLogger(__name__)

Handler = Callable[..., HttpResponse]


def _handler(page: Handler, error: exceptions.APIException) -> Handler:
    """Return a handler: problem+json for the API, text for htmx, or else the page."""

    def handler(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            return problem(error)
        response = page(request, *args, **kwargs)
        if "HX-Request" in request.headers:
            return text_response(str(error.detail), response.status_code)
        return response

    return handler


def text_response(text: str, status: int, **headers: str) -> HttpResponse:
    """Return an error that scripts show as a message, without replacing the page."""
    content_type = "text/plain; charset=utf-8"
    return HttpResponse(text, content_type, status=status, headers=headers)


def unavailable_response(request: HttpRequest, error: Unavailable) -> HttpResponse:
    """Return 503: problem+json for the API, text for htmx, or a page."""
    if request.path_info.startswith("/api/"):
        return problem(error)
    headers = {"Retry-After": str(error.wait)}
    if "HX-Request" in request.headers:
        text = f"{error.detail} What you typed is still here."
        return text_response(text, 503, **headers)
    # Rendered without the request: its user would be read from the database.
    page = render_to_string("503.html", retry_context(request))
    return HttpResponse(page, status=503, headers=headers)


def retry_context(request: HttpRequest) -> dict[str, Any]:
    """Return what the form of 503.html needs to send the request again."""
    return {
        "method": "post" if request.method == "POST" else "get",
        "path": request.get_full_path(),
        "fields": [item for item in request.POST.items() if "password" not in item[0]],
    }


def handler500(request: HttpRequest) -> HttpResponse:
    """Return 503 for an outage in a middleware, such as when it saves the session."""
    error = sys.exc_info()[1]  # Django calls this while it handles the exception
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("Database unavailable: %s", error)
        return unavailable_response(request, Unavailable())
    return server_error(request)


handler400 = _handler(defaults.bad_request, exceptions.ParseError("Bad request."))
handler403 = _handler(defaults.permission_denied, exceptions.PermissionDenied())
handler404 = _handler(
    defaults.page_not_found, exceptions.NotFound("Not found. Reload the page.")
)
server_error = _handler(
    defaults.server_error, exceptions.APIException("The server failed.", "error")
)
