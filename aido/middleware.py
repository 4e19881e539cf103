"""Ways past the middleware that a request has no use for."""

import re


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
