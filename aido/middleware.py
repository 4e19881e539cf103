"""Middleware: shortcuts past other middleware, and refusals before a view runs."""

import logging
import re

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string

from aido.error_pages import text_response
from aido.problems import OUTAGE, RETRY_AFTER, LengthRequired, problem

logger = logging.getLogger(__name__)


class Shortcut:
    """Takes requests for `paths` past all middleware that follows it."""

    def __init__(self, get_response):
        self.get_response, self.beyond = get_response, innermost(get_response)

    def __call__(self, request):
        if self.paths.match(request.path_info):
            return self.take(request)
        return self.get_response(request)

    def take(self, request):
        return self.beyond(request)


class ProbeShortcutMiddleware(Shortcut):
    """Probes come past the proxy in front, without TLS and by any name or address."""

    paths = re.compile(r"/(health|livez)\Z")


class TokenShortcutMiddleware(Shortcut):
    """A token says who asks for tasks: there is neither session nor form.

    With both, a request for one task took a fifth longer.
    """

    paths = re.compile(r"/api/v1/tasks(/|\Z)")

    def take(self, request):
        request.get_host()  # refuses a name that ALLOWED_HOSTS lacks, as for pages
        return super().take(request)


def innermost(handler):
    """What the last of the middleware calls. Django wraps each, to catch exceptions."""
    while following := getattr(handler, "__wrapped__", None):
        if not hasattr(following, "get_response"):
            break
        handler = following.get_response
    return handler


class LengthRequiredMiddleware:
    """By WSGI a body without a length is none: what was sent would be lost."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in request.META or not length.isdecimal():
            return problem(LengthRequired())
        return self.get_response(request)


class DatabaseOutageMiddleware:
    """While the database is away a page answers 503, not 500 and a traceback."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        logger.error("Database unavailable: %s", exception)
        wait = {"Retry-After": str(RETRY_AFTER)}
        if "HX-Request" in request.headers:
            return text_response(f"{OUTAGE} What you typed is still here.", 503, **wait)
        context = {
            "method": "post" if request.method == "POST" else "get",
            "path": request.get_full_path(),
            "fields": [item for item in request.POST.items() if is_kept(item[0])],
        }
        # Without the request: the page would ask the database who is looking.
        page = render_to_string("503.html", context)
        return HttpResponse(page, status=503, headers=wait)


def is_kept(name):
    """Whether a field of a form may stand in a page that offers to send it again."""
    return "password" not in name
