"""The shapes of the answers, for the schema: these serializers write nothing."""

from rest_framework import serializers as drf

from todo.models import Task
from todo.serializers import MAX_BULK


class TaskAnswer(drf.Serializer):
    id = drf.UUIDField()
    title = drf.CharField(max_length=200)
    description = drf.CharField(max_length=10_000, allow_blank=True)
    priority = drf.ChoiceField(Task.Priority.choices)
    due_date = drf.DateField(allow_null=True)
    completed = drf.BooleanField()
    completed_at = drf.DateTimeField(allow_null=True)
    deleted_at = drf.DateTimeField(allow_null=True)
    created_at = drf.DateTimeField()
    updated_at = drf.DateTimeField()


class BulkAnswer(drf.Serializer):
    changed = drf.IntegerField(min_value=0, max_value=MAX_BULK)


class ImportAnswer(drf.Serializer):
    created = drf.IntegerField(min_value=0)
    skipped = drf.IntegerField(min_value=0)


class AccountAnswer(drf.Serializer):
    id = drf.UUIDField()
    email = drf.EmailField(max_length=254)
    name = drf.CharField(max_length=100, allow_blank=True)
    time_zone = drf.CharField(max_length=64)
    date_joined = drf.DateTimeField()


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


class Done(drf.Serializer):
    status = drf.IntegerField(min_value=200, max_value=200)


class SignedIn(Done):
    data = SignedInData()
    meta = SignedInMeta()


class Refreshed(Done):
    data = Tokens()
