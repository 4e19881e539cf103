"""Django's error handlers, for pages, htmx requests and the API."""

from django.http import HttpResponse
from django.views import defaults
from rest_framework import exceptions

from aido.problems import problem


def _handler(page, error):
    """A handler of Django's: a problem under /api/, a text for htmx, else a page."""

    def handler(request, *args, **kwargs):
        if request.path.startswith("/api/"):
            return problem(error)
        response = page(request, *args, **kwargs)
        if "HX-Request" in request.headers:
            return text_response(str(error.detail), response.status_code)
        return response

    return handler


def text_response(text, status, **headers):
    """A text that app.js shows, while what was typed stays where it is."""
    content_type = "text/plain; charset=utf-8"
    return HttpResponse(text, content_type, status=status, headers=headers)


handler400 = _handler(defaults.bad_request, exceptions.ParseError("Bad request."))
handler403 = _handler(defaults.permission_denied, exceptions.PermissionDenied())
handler404 = _handler(
    defaults.page_not_found, exceptions.NotFound("This is gone. Reload the page.")
)
handler500 = _handler(
    defaults.server_error, exceptions.APIException("The server failed.", "error")
)
