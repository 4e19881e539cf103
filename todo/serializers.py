"""What is taken of tasks, by the API and from files. Types are strict: no number is
taken for a text."""

import re
from datetime import date
from itertools import islice

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from uuid_utils.compat import uuid7

from todo.models import Task

MAX_BULK = 100
MAX_UNKNOWN = 10  # keys that are told
UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class Text(serializers.CharField):
    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$",
    }
)
class Title(Text):
    """More than blanks; those around it are dropped."""


class Flag(serializers.BooleanField):
    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Day(serializers.DateField):
    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", data):
            self.fail("invalid", format="YYYY-MM-DD")
        try:
            return date.fromisoformat(data)
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DD")


class Key(serializers.UUIDField):
    default_error_messages = {"invalid": "Send a UUID, with its hyphens."}

    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(UUID_PATTERN, data):
            self.fail("invalid")
        return super().to_internal_value(data)


class Keys(serializers.ListField):
    child = Key()

    def to_internal_value(self, data):
        if isinstance(data, list) and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)  # before each is read
        return super().to_internal_value(data)


class Level(serializers.ChoiceField):
    default_error_messages = {"invalid_choice": "Send 0, 1, 2 or 3."}

    def to_internal_value(self, data):
        if type(data) is not int:
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Serializer(serializers.Serializer):
    """Refuses keys that it does not know, so that a typing error is not lost.

    `null` clears, where it is allowed: the default takes its place.
    """

    not_writable = frozenset()

    def run_validation(self, data=serializers.empty):
        if data is None:
            error = serializers.ErrorDetail("No data provided", "null")
            raise serializers.ValidationError({"non_field_errors": [error]})
        return super().run_validation(data)

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            errors = {key: [self._refusal(key)] for key in islice(unknown, MAX_UNKNOWN)}
            raise serializers.ValidationError(errors)
        return super().to_internal_value(data)

    def validate(self, values):
        return {
            name: self.fields[name].default if value is None else value
            for name, value in values.items()
        }

    def _refusal(self, key):
        if key in self.not_writable:
            return serializers.ErrorDetail("This field cannot be written.", "read_only")
        return serializers.ErrorDetail("This field is not known.", "unknown_field")


class TaskSerializer(Serializer):
    """What a client may write of a task."""

    not_writable = frozenset(
        ["id", "completed_at", "deleted_at", "created_at", "updated_at"]
    )

    title = Title(max_length=200)
    description = Text(
        max_length=10_000,
        allow_blank=True,
        allow_null=True,
        trim_whitespace=False,
        default="",
    )
    priority = Level(Task.Priority.choices, allow_null=True, default=0)
    due_date = Day(allow_null=True, default=None)
    completed = Flag(allow_null=True, default=False)


class Moment(serializers.DateTimeField):
    """A time with its offset from UTC; without one nobody knows when it was."""

    default_error_messages = {"naive": "Add the offset from UTC, such as Z or +01:00."}

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        return super().to_internal_value(data)

    def enforce_timezone(self, value):
        if timezone.is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)


class ImportedTaskSerializer(TaskSerializer):
    """A task as an export has it; all but the title may be left out."""

    not_writable = frozenset()

    id = Key(default=uuid7)
    completed_at = Moment(allow_null=True, default=None)
    deleted_at = Moment(allow_null=True, default=None)
    created_at = Moment(default=timezone.now)
    updated_at = Moment(default=timezone.now)

    def validate(self, values):
        values = super().validate(values)
        if values.pop("completed") and not values["completed_at"]:
            values["completed_at"] = values["updated_at"]
        return values


class BulkSerializer(Serializer):
    action = serializers.ChoiceField(
        ["complete", "reopen", "trash", "restore"],
        error_messages={"invalid_choice": "Send complete, reopen, trash or restore."},
    )
    ids = Keys(min_length=1, max_length=MAX_BULK)
