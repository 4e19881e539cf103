"""The middleware of pages, which requests for tasks and health pass by.

A token, or nothing, says who asks there. Sessions, forms and what else a page needs
took a third of the time of such a request.
"""

import django_htmx.middleware
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.middleware import clickjacking, common, csp, csrf

STATELESS = ("/api/v1/tasks", "/health", "/livez")


class PagesOnly:
    def __init__(self, get_response):
        super().__init__(get_response)
        inner = getattr(get_response, "__wrapped__", None)  # Django wraps each
        self.beyond = inner.beyond if isinstance(inner, PagesOnly) else get_response

    def __call__(self, request):
        if request.path_info.startswith(STATELESS):
            request.get_host()  # refuses one that ALLOWED_HOSTS lacks, as pages do
            return self.beyond(request)
        return super().__call__(request)


class ContentSecurityPolicyMiddleware(PagesOnly, csp.ContentSecurityPolicyMiddleware):
    pass


class SessionMiddleware(PagesOnly, sessions.SessionMiddleware):
    pass


class CommonMiddleware(PagesOnly, common.CommonMiddleware):
    pass


class CsrfViewMiddleware(PagesOnly, csrf.CsrfViewMiddleware):
    pass


class AuthenticationMiddleware(PagesOnly, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(PagesOnly, messages.MessageMiddleware):
    pass


class XFrameOptionsMiddleware(PagesOnly, clickjacking.XFrameOptionsMiddleware):
    pass


class HtmxMiddleware(PagesOnly, django_htmx.middleware.HtmxMiddleware):
    pass
