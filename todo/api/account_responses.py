"""The shapes of responses about accounts, for the schema."""

from rest_framework import serializers as drf

from todo.accounts.sessions import MAX_SESSIONS, MAX_USER_AGENT


class AccountResponse(drf.Serializer):
    id = drf.UUIDField()
    email = drf.EmailField(max_length=254)
    name = drf.CharField(max_length=100, allow_blank=True)
    time_zone = drf.CharField(max_length=64)
    shortcuts = drf.BooleanField()
    date_joined = drf.DateTimeField()


class SessionResponse(drf.Serializer):
    id = drf.UUIDField()
    user_agent = drf.CharField(max_length=MAX_USER_AGENT, allow_blank=True)
    signed_in_at = drf.DateTimeField(allow_null=True)
    last_used_on = drf.DateField(
        allow_null=True,
        help_text="The day of the last refresh of tokens; null for a browser.",
    )
    is_current = drf.BooleanField()


class SessionListResponse(drf.Serializer):
    results = SessionResponse(many=True, max_length=MAX_SESSIONS)


class SignedInUser(drf.Serializer):
    id = drf.UUIDField()
    display = drf.CharField(max_length=254)
    email = drf.EmailField(max_length=254)
    has_usable_password = drf.BooleanField()


class SignInMethod(drf.Serializer):
    method = drf.CharField(max_length=50)
    at = drf.FloatField(min_value=0)
    email = drf.EmailField(max_length=254, required=False)


class SignedInData(drf.Serializer):
    user = SignedInUser()
    methods = SignInMethod(many=True, max_length=10)


class Tokens(drf.Serializer):
    access_token = drf.CharField(max_length=2000)
    refresh_token = drf.CharField(max_length=2000)


class SignedInMeta(Tokens):
    is_authenticated = drf.BooleanField()


class StatusResponse(drf.Serializer):
    status = drf.IntegerField(min_value=200, max_value=200)


class SignedInResponse(StatusResponse):
    data = SignedInData()
    meta = SignedInMeta()


class RefreshResponse(StatusResponse):
    data = Tokens()
