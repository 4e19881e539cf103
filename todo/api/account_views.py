"""Sign-up, sign-in, passwords: allauth does it, and is spoken to as the API speaks.

allauth's own views take a number for a text, and answer some wrong input with a page or
with 500. So a view here judges the input, and tells allauth's errors as problems.
"""

import json
from smtplib import SMTPException

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless import app_settings
from allauth.headless.account import views as allauth
from allauth.headless.constants import Client
from allauth.headless.tokens.views import RefreshTokenView as AllauthRefreshTokenView
from django.http import JsonResponse
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response
from rest_framework.views import APIView

from aido.problems import Conflict, Unauthorized, Unavailable
from aido.resilience import idempotent
from todo.accounts import may_try_password
from todo.api import docs, serializers
from todo.api.auth import account_gone
from todo.models import User

RATE_LIMITED = {"too_many_login_attempts", "rate_limited"}
RATE_WINDOW = 300  # seconds: allauth's longest
ACCOUNT_FIELDS = ("id", "email", "name", "time_zone", "date_joined")


class AllauthView(APIView):
    """Hands a request on to a view of allauth."""

    allauth_view = None

    def delegate(self, request):
        """allauth's answer as it is, or an exception with what it says."""
        view = self.allauth_view.as_api_view(client=Client.APP)
        try:
            response = view(request._request)
        except ImmediateHttpResponse as immediate:
            response = immediate.response
        except (SMTPException, OSError) as error:
            raise MailUnavailable from error
        content = json.loads(response.content)
        if response.status_code != 200:
            raise translated(response.status_code, content.get("errors", []))
        return content


class AllauthPostView(AllauthView):
    serializer_class = None

    def post(self, request):
        self.serializer_class(data=request.data).is_valid(raise_exception=True)
        return Response(self.delegate(request), headers={"Cache-Control": "no-store"})


class OpenAllauthView(AllauthPostView):
    authentication_classes = permission_classes = ()


class MailUnavailable(Unavailable):
    default_code = "mail_unavailable"
    default_detail = "No mail can be sent now. Try again later."


def translated(status, errors):
    """An APIException with allauth's status and list of `{message, code, param}`."""
    codes = {error["code"] for error in errors}
    if status == 429 or codes & RATE_LIMITED:
        return exceptions.Throttled(wait=RATE_WINDOW)
    if errors:
        return exceptions.ValidationError(
            {
                error.get("param", "non_field_errors"): [
                    ErrorDetail(error["message"], error["code"])
                ]
                for error in errors
            }
        )
    if status == 403:
        return exceptions.PermissionDenied("Sign-up is closed.", "signup_closed")
    if status == 409:
        return Conflict("You are signed in. Leave out the token.", "signed_in")
    message = "The session has ended, or the token is not valid. Sign in again."
    return Unauthorized(message, "token_invalid")


@docs.signup
class SignupView(OpenAllauthView):
    """Make an account. The answer has tokens, as that of a sign-in."""

    allauth_view = allauth.SignupView
    serializer_class = serializers.CredentialsSerializer


@docs.login
class LoginView(OpenAllauthView):
    """Sign in with email address and password."""

    allauth_view = allauth.LoginView
    serializer_class = serializers.CredentialsSerializer


@docs.refresh
class RefreshView(OpenAllauthView):
    """Exchange a refresh token for a new pair of tokens.

    Use the new refresh token from then on: the old one works for a minute more.
    """

    allauth_view = AllauthRefreshTokenView
    serializer_class = serializers.RefreshSerializer


@docs.password_request
class PasswordRequestView(OpenAllauthView):
    """Send a mail with a link to set a new password, if there is such an account."""

    allauth_view = allauth.RequestPasswordResetView
    serializer_class = serializers.EmailAddressSerializer


@docs.password_reset
class PasswordResetView(OpenAllauthView):
    """Set a new password with the key from the mail. Every session ends."""

    allauth_view = allauth.ResetPasswordView
    serializer_class = serializers.PasswordResetSerializer

    def post(self, request):
        try:
            return super().post(request)
        except Unauthorized:  # so says allauth: now sign in
            return Response(status=204)


@docs.session
class SessionView(AllauthView):
    """End the session of the token. The access token works on until it expires."""

    allauth_view = allauth.SessionView

    def delete(self, request):
        try:
            self.delegate(request)
        except Unauthorized:  # so says allauth: signed out
            return Response(status=204)


class RekeyedChangePasswordView(allauth.ChangePasswordView):
    """With the password its session gets a new key, and so its client new tokens."""

    def post(self, request, *args, **kwargs):
        content = json.loads(super().post(request).content)
        tokens = app_settings.TOKEN_STRATEGY.create_access_token_payload(request)
        return JsonResponse(content | {"meta": content["meta"] | tokens})


@docs.password_change
class PasswordChangeView(AllauthPostView):
    """Change the password. Other sessions end; this one goes on with new tokens."""

    allauth_view = RekeyedChangePasswordView
    serializer_class = serializers.PasswordChangeSerializer


@docs.account
class AccountView(APIView):
    """One's own account."""

    def get(self, request):
        return Response(self.account())

    def patch(self, request):
        serializer = serializers.AccountSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        if changes := serializer.validated_data:
            with idempotent():
                self.accounts().update(**changes)
        return Response(self.account())

    def delete(self, request):
        serializer = serializers.PasswordSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = self.accounts().first()
        if not user:
            raise account_gone()
        if not may_try_password(request._request, user):
            raise exceptions.Throttled(wait=RATE_WINDOW)
        if not user.check_password(serializer.validated_data["password"]):
            error = ErrorDetail("This is not your password.", "password_mismatch")
            raise exceptions.ValidationError({"password": [error]})
        user.delete()
        return Response(status=204)

    def accounts(self):
        return User.objects.filter(pk=self.request.user.pk, is_active=True)

    def account(self):
        account = self.accounts().values(*ACCOUNT_FIELDS).first()
        if not account:
            raise account_gone()
        return account
