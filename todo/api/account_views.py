"""Signing up and in, and passwords.

allauth does the work. Its own views accept numbers as strings and answer some invalid
input with HTML or 500, so the views here validate the input first, and turn allauth's
errors into problems.
"""

import json

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless import app_settings
from allauth.headless.account import views as allauth
from allauth.headless.account.inputs import (
    RequestPasswordResetInput,
    ResetPasswordInput,
)
from allauth.headless.constants import Client
from allauth.headless.tokens.views import RefreshTokenView as AllauthRefreshTokenView
from django.db import transaction
from django.http import JsonResponse
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response
from rest_framework.views import APIView

from aido.problems import Conflict, Unauthorized
from todo.accounts.adapter import BackgroundMailMixin, locked_user
from todo.accounts.rate_limits import seconds_left
from todo.api import serializers

RATE_LIMITED = {"too_many_login_attempts", "rate_limited"}


class AllauthView(APIView):
    """Passes a request on to a view of allauth, which applies the `rate_limits`."""

    allauth_view = None
    rate_limits = ()

    def delegate(self, request):
        """Return the content of allauth's response. Raises APIException."""
        view = self.allauth_view.as_api_view(client=Client.APP)
        try:
            response = view(request._request)
        except ImmediateHttpResponse as immediate:
            response = immediate.response
        content = json.loads(response.content)
        status, errors = response.status_code, content.get("errors", [])
        if status == 429 or RATE_LIMITED & {error["code"] for error in errors}:
            raise throttled(request, self.rate_limits)
        if status != 200:
            raise to_api_exception(status, errors)
        return content


class AllauthPostView(AllauthView):
    serializer_class = None

    def post(self, request):
        self.serializer_class().run_validation(request.data)
        return Response(self.delegate(request), headers={"Cache-Control": "no-store"})


class OpenAllauthView(AllauthPostView):
    authentication_classes = permission_classes = ()


class TokenlessAllauthView(OpenAllauthView):
    """Ignores any token in the headers: the body says everything."""

    def delegate(self, request):
        request._request.META.pop("HTTP_AUTHORIZATION", None)
        return super().delegate(request)


def throttled(request, rate_limits):
    """Return the error for a request that is over one of these rate limits."""
    email = request.data.get("email", "")
    wait = seconds_left(request._request, rate_limits, email=email, user=request.user)
    return exceptions.Throttled(wait=wait)


def to_api_exception(status, errors):
    """Convert allauth's status and list of `{message, code, param}`."""
    if errors:
        return to_validation_error(errors)
    if status == 403:
        return exceptions.PermissionDenied("Sign-up is closed.", "signup_closed")
    if status == 409:
        return Conflict("You are signed in already. Leave out the token.", "signed_in")
    message = "The session has ended, or the token is not valid. Sign in again."
    return Unauthorized(message, "token_invalid")


def to_validation_error(errors):
    details = {
        error.get("param", "non_field_errors"): [
            ErrorDetail(error["message"], error["code"])
        ]
        for error in errors
    }
    return exceptions.ValidationError(details)


class SignupView(OpenAllauthView):
    """Create an account. The response has tokens, as when signing in."""

    allauth_view = allauth.SignupView
    rate_limits = ["signup"]
    serializer_class = serializers.SignupSerializer


class LoginView(OpenAllauthView):
    """Sign in with an email address and password."""

    allauth_view = allauth.LoginView
    rate_limits = ["login", "login_failed"]
    serializer_class = serializers.CredentialsSerializer


class RefreshView(TokenlessAllauthView):
    """Exchange a refresh token for a new pair of tokens.

    Use the new refresh token from now on. The old one works for one more minute.
    """

    allauth_view = AllauthRefreshTokenView
    serializer_class = serializers.RefreshSerializer


class BackgroundResetInput(BackgroundMailMixin, RequestPasswordResetInput):
    pass


class AllauthPasswordRequestView(allauth.RequestPasswordResetView):
    input_class = BackgroundResetInput


class PasswordRequestView(TokenlessAllauthView):
    """Email a link to set a new password, if the account exists."""

    allauth_view = AllauthPasswordRequestView
    rate_limits = ["reset_password"]
    serializer_class = serializers.EmailAddressSerializer


class LockingResetInput(ResetPasswordInput):
    """Checks the key while the user is locked, so that it works only once."""

    def clean_key(self):
        super().clean_key()
        locked_user(self.user)
        return super().clean_key()  # another request may have used it up


class AllauthResetPasswordView(allauth.ResetPasswordView):
    """Answers 200 on success, where allauth answers 401: sign in now."""

    input_class = LockingResetInput

    @transaction.atomic
    def handle(self, request, *args, **kwargs):
        return super().handle(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        super().post(request, *args, **kwargs)
        return JsonResponse({})


class PasswordResetView(TokenlessAllauthView):
    """Set a new password with the key from the email. All sessions end."""

    allauth_view = AllauthResetPasswordView
    rate_limits = ["reset_password_from_key"]
    serializer_class = serializers.PasswordResetSerializer

    def post(self, request):
        super().post(request)
        return Response(status=204)


class SessionView(AllauthView):
    """End the session of the token, and with it all its tokens."""

    allauth_view = allauth.SessionView

    def delete(self, request):
        try:
            self.delegate(request)
        except Unauthorized:  # what allauth answers on success: signed out
            return Response(status=204)


class RekeyedChangePasswordView(allauth.ChangePasswordView):
    """Changing the password rotates the session key, so the client needs new tokens."""

    @transaction.atomic
    def handle(self, request, *args, **kwargs):
        request.user = locked_user(request.user)
        return super().handle(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        content = json.loads(super().post(request).content)
        tokens = app_settings.TOKEN_STRATEGY.create_access_token_payload(request)
        return JsonResponse(content | {"meta": content["meta"] | tokens})


class PasswordChangeView(AllauthPostView):
    """Change the password. Other sessions end; this one continues with new tokens."""

    allauth_view = RekeyedChangePasswordView
    rate_limits = ["change_password"]
    serializer_class = serializers.PasswordChangeSerializer
