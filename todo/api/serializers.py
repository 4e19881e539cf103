"""Validation of input about accounts."""

from todo.api.fields import EmailAddressField, NewEmailAddressField, PasswordField
from todo.fields import StrictBooleanField, StrictCharField
from todo.models import validate_time_zone
from todo.serializers import StrictSerializer


class AccountSerializer(StrictSerializer):
    not_writable = frozenset(["id", "email", "date_joined"])

    name = StrictCharField(
        max_length=100, allow_blank=True, allow_null=True, default=""
    )
    time_zone = StrictCharField(max_length=64, validators=[validate_time_zone])
    shortcuts = StrictBooleanField(
        help_text="Whether letters are keyboard shortcuts on the pages."
    )


class PasswordSerializer(StrictSerializer):
    """The password of the account, asked for before it is deleted."""

    password = PasswordField()


class EmailAddressSerializer(StrictSerializer):
    email = NewEmailAddressField()


class EmailChangeSerializer(StrictSerializer):
    email = NewEmailAddressField()
    password = PasswordField()


class CredentialsSerializer(StrictSerializer):
    email = EmailAddressField()
    password = PasswordField()


class SignupSerializer(CredentialsSerializer):
    email = NewEmailAddressField()


class RefreshSerializer(StrictSerializer):
    refresh_token = StrictCharField(max_length=2000)


class PasswordChangeSerializer(StrictSerializer):
    current_password = PasswordField()
    new_password = PasswordField()


class PasswordResetSerializer(StrictSerializer):
    """`key` is the last part of the link in the mail."""

    key = StrictCharField(max_length=200)
    password = PasswordField()
