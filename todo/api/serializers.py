"""What the API takes of accounts."""

from rest_framework import serializers

from todo.models import validate_time_zone
from todo.serializers import Serializer, Text

MAX_PASSWORD = 1000  # characters


class Password(Text):
    def __init__(self, **kwargs):
        # Blanks at the ends go, since allauth drops them.
        super().__init__(write_only=True, max_length=MAX_PASSWORD, **kwargs)


class Email(serializers.EmailField, Text):
    def __init__(self, **kwargs):
        super().__init__(max_length=254, **kwargs)


class AccountSerializer(Serializer):
    not_writable = frozenset(["id", "email", "date_joined"])

    name = Text(max_length=100, allow_blank=True, allow_null=True, default="")
    time_zone = Text(max_length=64, validators=[validate_time_zone])


class PasswordSerializer(Serializer):
    """The password of the account, asked for before it is deleted."""

    password = Password()


class EmailAddressSerializer(Serializer):
    email = Email()


class CredentialsSerializer(Serializer):
    email = Email()
    password = Password()


class RefreshSerializer(Serializer):
    refresh_token = Text(max_length=2000)


class PasswordChangeSerializer(Serializer):
    current_password = Password()
    new_password = Password()


class PasswordResetSerializer(Serializer):
    """`key` is the last part of the link in the mail."""

    key = Text(max_length=200)
    password = Password()
