"""Validation of input. Types are strict: a number is not accepted as a string."""

import re
from datetime import date, time
from itertools import islice
from typing import Any

from django.db import models
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from todo import repeats
from todo.models.list import LIST_FIELDS, WRITABLE_LIST_FIELDS, Color, List
from todo.models.task import LABEL, MAX_LABELS, TASK_FIELDS, WRITABLE_TASK_FIELDS, Task
from todo.models.text import INVISIBLE, validate_visible
from todo.models.verbs import VERBS

MAX_BULK = 100  # tasks
MAX_UNKNOWN = 10  # unknown keys that an error lists
UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
TIME_PATTERN = "([01][0-9]|2[0-3]):[0-5][0-9]"
MAX_TITLE = Task._meta.get_field("title").max_length
MAX_NAME = List._meta.get_field("name").max_length


def visible_schema(max_length):
    # Many validators take characters beyond U+FFFF for two.
    invisible = re.split("[\U00010000-\U0010ffff]", INVISIBLE)[0]
    pattern = f"^[^\\u0000]*[^{invisible}][^\\u0000]*$"
    length = {"minLength": 1, "maxLength": max_length}
    return {"type": "string", "pattern": pattern, **length}


class StrictCharField(serializers.CharField):
    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(visible_schema(MAX_TITLE))
class TitleField(StrictCharField):
    """At least one visible character. Surrounding blanks are removed."""

    def __init__(self, **kwargs):
        super().__init__(validators=[validate_visible], **kwargs)


@extend_schema_field(visible_schema(MAX_NAME))
class NameField(TitleField):
    """The name of a list, as visible as a title."""


class StrictBooleanField(serializers.BooleanField):
    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictDateField(serializers.DateField):
    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", data):
            self.fail("invalid", format="YYYY-MM-DD")
        try:
            return date.fromisoformat(data)
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DD")


class StrictUUIDField(serializers.UUIDField):
    default_error_messages = {"invalid": "Send a UUID, with its hyphens."}

    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(UUID_PATTERN, data):
            self.fail("invalid")
        return super().to_internal_value(data)


class BoundedListField(serializers.ListField):
    def to_internal_value(self, data):
        # Before each item is validated, which a long list would make slow.
        if isinstance(data, list) and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class UUIDListField(BoundedListField):
    child = StrictUUIDField()


class StrictIntegerChoiceField(serializers.ChoiceField):
    default_error_messages = {"invalid_choice": "Send 0, 1, 2 or 3."}

    def to_internal_value(self, data):
        if type(data) is not int:
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": f"^{TIME_PATTERN}$", "maxLength": 5})
class StrictTimeField(serializers.TimeField):
    """A time of day such as 17:00, in JSON without seconds."""

    def to_internal_value(self, data):
        if not isinstance(data, str) or not re.fullmatch(TIME_PATTERN, data):
            self.fail("invalid", format="HH:MM")
        return time.fromisoformat(data)


@extend_schema_field({"type": "string", "pattern": rf"^{LABEL}$", "maxLength": 50})
class LabelField(StrictCharField):
    """A word of a task, such as `home`."""

    def __init__(self, **kwargs):
        super().__init__(max_length=50, trim_whitespace=False, **kwargs)

    def run_validation(self, data=serializers.empty):
        label = super().run_validation(data)
        if not re.fullmatch(LABEL, label):
            message = "A label has no blanks and no commas."
            raise serializers.ValidationError(message, "invalid")
        return label


class LabelsField(BoundedListField):
    """Labels differ in more than their case: the first spelling of each is kept."""

    child = LabelField()

    def to_internal_value(self, data):
        labels: dict[str, str] = {}
        for label in super().to_internal_value(data):
            labels.setdefault(label.lower(), label)
        return list(labels.values())


@extend_schema_field({"type": "string", "maxLength": 200, "pattern": "^[^\\u0000]+$"})
class RepeatField(StrictCharField):
    """A recurrence rule, see `todo.repeats`."""

    def to_internal_value(self, data):
        text = super().to_internal_value(data)
        try:
            return repeats.parse(text)
        except repeats.InvalidRule as error:
            raise serializers.ValidationError(str(error), "invalid") from None


class AwareDateTimeField(serializers.DateTimeField):
    """A time with an offset from UTC. Without one it would be ambiguous."""

    default_error_messages = {"naive": "Add the offset from UTC, such as Z or +01:00."}

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        return super().to_internal_value(data)

    def enforce_timezone(self, value):
        if timezone.is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)


class StrictSerializer(serializers.Serializer):
    """Rejects unknown keys, so that a typo is not ignored.

    `null` is accepted where a field allows it, and means its default.
    """

    not_writable: frozenset[str] = frozenset()

    def run_validation(self, data: Any = serializers.empty) -> dict[str, Any]:
        if data is None:
            error = serializers.ErrorDetail("No data provided", "null")
            raise serializers.ValidationError({"non_field_errors": [error]})
        return super().run_validation(data)

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            errors = {
                key: [self._unknown_error(key)] for key in islice(unknown, MAX_UNKNOWN)
            }
            raise serializers.ValidationError(errors)
        return super().to_internal_value(data)

    def validate(self, values):
        return {
            name: self.fields[name].default if value is None else value
            for name, value in values.items()
        }

    def _unknown_error(self, key):
        if key in self.not_writable:
            return serializers.ErrorDetail("This field cannot be written.", "read_only")
        return serializers.ErrorDetail("This field is not known.", "unknown_field")


class TaskSerializer(StrictSerializer, serializers.ModelSerializer):
    """What a client may write: the fields follow from the model."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.CharField: StrictCharField,
        models.TextField: StrictCharField,
        models.DateField: StrictDateField,
    }
    serializer_choice_field = StrictIntegerChoiceField
    not_writable = frozenset(TASK_FIELDS) - frozenset(WRITABLE_TASK_FIELDS)

    title = TitleField(max_length=MAX_TITLE)
    list = StrictUUIDField(allow_null=True, default=None)
    labels = LabelsField(max_length=MAX_LABELS, allow_null=True, default=[])
    due_time = StrictTimeField(allow_null=True, default=None)
    repeat = RepeatField(max_length=200, allow_null=True, default=None)
    repeat_after_completion = StrictBooleanField(allow_null=True, default=False)
    completed = StrictBooleanField(allow_null=True, default=False)

    class Meta:
        model = Task
        fields = [*WRITABLE_TASK_FIELDS, "completed"]
        extra_kwargs = {"description": {"trim_whitespace": False}}

    def build_standard_field(self, field_name, model_field):
        field_class, options = super().build_standard_field(field_name, model_field)
        if options.pop("required", True) is False:
            options |= {"allow_null": True, "default": model_field.get_default()}
        return field_class, options


class ListSerializer(StrictSerializer):
    """What a client may write."""

    not_writable = frozenset(LIST_FIELDS) - frozenset(WRITABLE_LIST_FIELDS)

    name = NameField(max_length=MAX_NAME)
    color = serializers.ChoiceField(
        Color.choices,
        allow_null=True,
        default=None,
        error_messages={"invalid_choice": f"Send {', '.join(Color)}, or null."},
    )

    def validate(self, values):
        values = super().validate(values)
        if "color" in values:
            values["color"] = values["color"] or ""
        return values


class ListMoveSerializer(StrictSerializer):
    """Without `after`, the first place is meant."""

    after = StrictUUIDField(allow_null=True, default=None)


class TaskMoveSerializer(StrictSerializer):
    """Without `after`, the first place is meant; without `list`, the same list."""

    after = StrictUUIDField(allow_null=True, default=None)
    list = StrictUUIDField(allow_null=True, required=False)

    def validate(self, values):
        return values


class BulkSerializer(StrictSerializer):
    """Some actions need more values; they are not allowed for the others."""

    # For each action the fields that it requires and those that it allows.
    VALUES = {
        **{verb: ([], []) for verb in VERBS},
        "move": (["list"], []),
        "label": (["labels"], []),
        "unlabel": (["labels"], []),
        "schedule": (["due_date"], ["due_time"]),
    }

    action = serializers.ChoiceField(
        [*VALUES],
        error_messages={"invalid_choice": f"Send one of {', '.join(VALUES)}."},
    )
    ids = UUIDListField(min_length=1, max_length=MAX_BULK)
    labels = LabelsField(min_length=1, max_length=MAX_LABELS, required=False)
    list = StrictUUIDField(allow_null=True, required=False)
    due_date = StrictDateField(allow_null=True, required=False)
    due_time = StrictTimeField(allow_null=True, required=False)

    def validate(self, values):
        action = values["action"]
        required, allowed = self.VALUES[action]
        given = values.keys() - {"action", "ids"}
        missing = serializers.ErrorDetail(f"The action {action} needs it.", "required")
        other = serializers.ErrorDetail(f"Not for the action {action}.", "invalid")
        errors = {name: [missing] for name in required if name not in given}
        errors |= {name: [other] for name in given.difference(required, allowed)}
        if errors:
            raise serializers.ValidationError(errors)
        return values
