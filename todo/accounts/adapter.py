"""What aido adds to the accounts of Django and allauth."""

import logging
from contextlib import contextmanager
from email.utils import make_msgid
from functools import partial
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context, ratelimit
from allauth.core.internal.httpkit import get_client_ip, is_headless_request
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.http.request import split_domain_port
from django.shortcuts import get_object_or_404

from todo.accounts import mail
from todo.accounts.device_cookies import known_device, set_device_cookie
from todo.accounts.sessions import record_sign_in
from todo.models import User
from todo.models.email import validate_reachable

logger = logging.getLogger("aido.security")


class SessionBackend(ModelBackend):
    """Use the user that was loaded with the session, without another query."""

    def get_user(self, user_id):
        user = getattr(getattr(context.request, "session", None), "user", None)
        if user and user.pk == user_id and self.user_can_authenticate(user):
            return user
        return super().get_user(user_id)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return settings.SIGNUP == "open"

    def clean_email(self, email):
        validate_reachable(email)
        return email

    def login(self, request, user):
        super().login(request, user)
        record_sign_in(request)

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        if not is_headless_request(request):
            set_device_cookie(response, user.email)
        return response

    def pre_login(self, request, user, **kwargs):
        if not user.is_active:
            log_refusal(request, "Sign-in refused: the account is deactivated")
        return super().pre_login(request, user, **kwargs)

    def pre_authenticate(self, request, **credentials):
        with log_when(ValidationError, request, "Sign-in refused: too many attempts"):
            super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request, **credentials):
        log_refusal(request, "Sign-in failed")

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Count by address, not by the host name that the client sent, and by device.

        This overrides a private method of allauth.
        """
        email = credentials.get("email", "").lower()
        device = known_device(request, email)
        return f"{email} {device}" if device else email

    def get_reset_password_from_key_url(self, key):
        url = urlsplit(super().get_reset_password_from_key_url(key))
        return absolute_url(self.request, url.path)

    def render_mail(self, template_prefix, email, context, headers=None):
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
        headers = {"Message-ID": make_msgid(domain=domain)} | (headers or {})
        message = super().render_mail(template_prefix, email, context, headers)
        return mail.WholeLinesMessage(
            message.subject,
            message.body,
            message.from_email,
            message.to,
            headers=message.extra_headers,
            alternatives=message.alternatives,
        )


def log_refusal(request, reason):
    """Log one line with the client's address, for tools that block addresses."""
    address = get_client_ip(request)
    logger.warning("%s, client %s", reason, address, extra={"client": address})


@contextmanager
def log_when(refusal, request, reason):
    """Log a refusal if the block raises this exception."""
    try:
        yield
    except refusal:
        log_refusal(request, reason)
        raise


class BackgroundMailMixin:
    """A form of allauth that looks up the account and sends its mail in a thread."""

    def clean_email(self):
        email = super().clean_email()
        # allauth remembers earlier addresses, too.
        self.users = [user for user in self.users if user.email == email.lower()]
        return email

    def save(self, request, **kwargs):
        mail.in_background(partial(super().save, request, **kwargs))
        return self.cleaned_data["email"]


def absolute_url(request, path):
    """Return the URL of a path for a mail.

    In production its host is the configured one, or at least without the port that the
    client sent.
    """
    if settings.IS_LOCAL:
        return request.build_absolute_uri(path)
    host = settings.SITE_HOST or split_domain_port(request.get_host())[0]
    if settings.HAS_TLS:
        return f"https://{host}{path}"
    # Without a proxy, browsers connect to aido itself.
    port = "" if settings.TRUSTED_PROXIES else f":{settings.API_PORT}"
    return f"http://{host}{port}{path}"


def may_retry_password(request, user):
    """Return whether a signed-in user may try their password again (rate limit)."""
    return ratelimit.consume(request, action="reauthenticate", user=user)


def may_mail(request, email):
    """Return whether mail may be sent to this address again (rate limit)."""
    return ratelimit.consume(request, action="reset_password", key=email)


def locked_user(user):
    """Return the user as they are now, locked until the commit.

    Of several requests at once that check the same password and then change it, only
    the first succeeds. Raises Http404 if the user was deleted.
    """
    return get_object_or_404(User.objects.select_for_update(), pk=user.pk)
