"""The account of the user who is signed in: profile, address, deletion."""

from django.db.models import Exists
from rest_framework.response import Response
from rest_framework.views import APIView

from aido.problems import field_error
from aido.resilience import idempotent
from todo.accounts.adapter import may_mail, may_retry_password
from todo.accounts.email_change import send_link
from todo.api import serializers
from todo.api.account_views import throttled
from todo.api.auth import session_error
from todo.models import Session, User

ACCOUNT_FIELDS = ("id", "email", "name", "time_zone", "shortcuts", "date_joined")


class OwnAccountView(APIView):
    def own_account(self):
        user = self.request.user
        active = Session.objects.active(user.pk, user.session_key)
        return User.objects.filter(Exists(active), pk=user.pk)

    def check_password(self, password):
        """Return the user if this is their password. Raises APIException."""
        user = self.own_account().first()
        if not user:
            raise session_error(self.request.user)
        if not may_retry_password(self.request._request, user):
            raise throttled(self.request, ["reauthenticate"])
        if not user.check_password(password):
            message = "This is not your password."
            raise field_error("password", message, "password_mismatch")
        return user


class AccountView(OwnAccountView):
    """Your account."""

    def get(self, request):
        return Response(self.read_account())

    def patch(self, request):
        serializer = serializers.AccountSerializer(partial=True)
        if changes := serializer.run_validation(request.data):
            with idempotent():
                self.own_account().update(**changes)
        return Response(self.read_account())

    def delete(self, request):
        values = serializers.PasswordSerializer().run_validation(request.data)
        self.check_password(values["password"]).delete()
        return Response(status=204)

    def read_account(self):
        account = self.own_account().values(*ACCOUNT_FIELDS).first()
        if not account:
            raise session_error(self.request.user)
        return account


class EmailView(OwnAccountView):
    """Change the email address.

    The response is the same if another account has the address.
    """

    serializer_class = serializers.EmailChangeSerializer

    def post(self, request):
        values = self.serializer_class().run_validation(request.data)
        email = User.objects.normalize_email(values["email"])
        user = self.check_password(values["password"])
        if email == user.email:
            message = "This is your address already."
            raise field_error("email", message, "same_as_current")
        if not may_mail(request._request, email):
            raise throttled(request, ["reset_password"])
        send_link(request._request, user, email)
        return Response(status=202)
