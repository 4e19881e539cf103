"""Validation of the rows of a file."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from uuid_utils.compat import uuid7

from aido.problems import field_error
from todo import repeats
from todo.fields import (
    AwareDateTimeField,
    RepeatField,
    StrictCharField,
    StrictUUIDField,
)
from todo.models import List
from todo.models.list import Color
from todo.models.task import NEEDS_DUE_DATE, TASK_FIELDS
from todo.models.text import VISIBLE
from todo.serializers import TaskSerializer
from todo.tasks import time_version

# What a file has of each task, with what it takes to create its list again.
FILE_FIELDS = [*TASK_FIELDS, "copy_of", "list_color", "list_position"]
MAX_NAME = List._meta.get_field("name").max_length
# Clients compare positions as text, which needs integer parts of 16 digits. Others are
# moved to these bounds, which leave room for moves to the first and the last place.
MIN_POSITION, MAX_POSITION = Decimal(10**15 + 10**9), Decimal(10**16 - 10**9)
# An index has room for about 5,200 digits.
POSITION_PATTERN = r"-?[0-9]{1,18}(\.[0-9]{1,5000})?"
MAX_RULES = 1000  # the slowest take 8 s of CPU


class ListNameField(StrictCharField):
    """The name of a list. An empty one is the inbox, like null."""

    default_error_messages = {
        "invisible": "The name of a list needs at least one visible character."
    }

    def to_internal_value(self, data: Any) -> Any:
        name = super().to_internal_value(data)
        if name and not VISIBLE.search(name):
            self.fail("invisible")
        return name or None


@extend_schema_field(
    {
        "type": "string",
        "pattern": f"^{POSITION_PATTERN}$",
        "example": "1764095285123456",
    }
)
class PositionField(StrictCharField):
    """A number as text, since a double would round it."""

    default_error_messages = {
        "pattern": "Send a position as it was exported, such as 1764095285123456.5."
    }

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if not re.fullmatch(POSITION_PATTERN, text):
            self.fail("pattern")
        return _bounded(Decimal(text))


class CachedRepeatField(RepeatField):
    """Parses each rule once: that takes up to some milliseconds."""

    default_error_messages = {
        "too_many": f"More than {MAX_RULES:,} different rules. Split the file."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rules: dict[str, str] = {}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.rules:
            rule = super().to_internal_value(data)
            if len(self.rules) == MAX_RULES:
                self.fail("too_many")
            self.rules[data] = rule
        return self.rules[data]


class ImportedTaskSerializer(TaskSerializer):
    """A task of an exported file. Only the title is required."""

    not_writable = frozenset()

    id = StrictUUIDField(default=uuid7)
    list = ListNameField(  # type: ignore[assignment]  # the API has its id
        max_length=MAX_NAME, allow_blank=True, allow_null=True, default=None
    )
    list_color = serializers.ChoiceField(
        Color.choices,
        allow_blank=True,
        allow_null=True,
        default="",
        error_messages={"invalid_choice": f"Send one of {', '.join(Color.values)}."},
    )
    list_position = PositionField(allow_null=True, default=None)
    position = PositionField(allow_null=True, default=None)
    repeat = CachedRepeatField(
        max_length=repeats.MAX_LENGTH, allow_null=True, default=None
    )
    copy_of = StrictUUIDField(allow_null=True, default=None)
    completed_at = AwareDateTimeField(allow_null=True, default=None)
    deleted_at = AwareDateTimeField(allow_null=True, default=None)
    created_at = AwareDateTimeField(default=timezone.now)
    updated_at = AwareDateTimeField(default=timezone.now)

    class Meta(TaskSerializer.Meta):
        fields = [*FILE_FIELDS, "completed"]

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        values = super().validate(values)
        _require_due_date(values)
        if values.pop("completed") and not values["completed_at"]:
            values["completed_at"] = values["updated_at"]
        # A time in the future would hide later changes from clients that synchronize.
        values["updated_at"] = min(values["updated_at"], timezone.now())
        values["position"] = values["position"] or _position_at(values["created_at"])
        return values


def _require_due_date(values: dict[str, Any]) -> None:
    for name, message in NEEDS_DUE_DATE.items():
        if values[name] and not values["due_date"]:
            raise field_error(name, message)


def _position_at(created_at: datetime) -> Decimal:
    """Return the position of a new task."""
    return _bounded(Decimal(time_version(created_at)))


def _bounded(position: Decimal) -> Decimal:
    return min(max(position, MIN_POSITION), MAX_POSITION)
