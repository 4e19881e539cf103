"""Validation of input: which fields it has, and how they depend on each other."""

from functools import cached_property
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from rest_framework import serializers

from todo import repeats
from todo.fields import (
    MAX_NAME,
    MAX_TITLE,
    LabelsField,
    NameField,
    QuickTextField,
    RepeatField,
    StrictBooleanField,
    StrictCharField,
    StrictDateField,
    StrictIntegerChoiceField,
    StrictTimeField,
    StrictUUIDField,
    TitleField,
    UUIDListField,
)
from todo.labels import MAX_LABELS
from todo.models.list import LIST_FIELDS, WRITABLE_LIST_FIELDS, Color
from todo.models.task import TASK_FIELDS, WRITABLE_TASK_FIELDS, Task
from todo.models.verbs import VERBS

MAX_BULK = 100  # tasks
MAX_UNKNOWN = 10  # unknown keys that an error lists


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
        """Validate the fields that were sent; the others have their defaults.

        DRF would go through all fields, which took 20 µs of a request.
        """
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        if unknown := data.keys() - self.fields.keys():
            errors = {
                key: [self._unknown_error(key)] for key in islice(unknown, MAX_UNKNOWN)
            }
            raise serializers.ValidationError(errors)
        values, errors = {} if self.partial else self._make_defaults(), {}
        for name, field in self._fields_in(data):
            try:
                value = field.run_validation(data.get(name, serializers.empty))
            except serializers.ValidationError as error:
                errors[name] = error.detail
            except DjangoValidationError as error:
                errors[name] = serializers.get_error_detail(error)
            else:
                values[name] = self._defaults.get(name) if value is None else value
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def _fields_in(self, data):
        """Return the fields to validate: those that were sent, or have to be."""
        return [
            (name, field)
            for name, field, is_required in self._inputs
            if is_required or name in data
        ]

    def _make_defaults(self):
        return {
            name: default() if callable(default) else default
            for name, default in self._defaults.items()
        }

    @cached_property
    def _inputs(self):
        """Return names, fields, and whether they have to be sent."""
        return [
            (name, field, field.required and not self.partial)
            for name, field in self.fields.items()
        ]

    @cached_property
    def _defaults(self):
        return {
            name: field.default
            for name, field in self.fields.items()
            if field.default is not serializers.empty
        }

    def run_validators(self, value):
        if self.validators:
            super().run_validators(value)

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
    repeat = RepeatField(max_length=repeats.MAX_LENGTH, allow_null=True, default=None)
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


class QuickSerializer(StrictSerializer):
    text = QuickTextField()


class TaskMoveSerializer(StrictSerializer):
    """Without `after`, the first place is meant; without `list`, the same list."""

    after = StrictUUIDField(allow_null=True, default=None)
    list = StrictUUIDField(allow_null=True, required=False)


class BulkSerializer(StrictSerializer):
    """Some actions need more values; they are not allowed for the others."""

    # For each action the fields that it requires and those that it allows.
    VALUES = {
        **{verb: ([], []) for verb in VERBS},
        "move": ([], ["list", "after"]),
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
    after = StrictUUIDField(allow_null=True, required=False)
    due_date = StrictDateField(allow_null=True, required=False)
    due_time = StrictTimeField(allow_null=True, required=False)

    def validate(self, values):
        action = values["action"]
        required, allowed = self.VALUES[action]
        given = values.keys() - {"action", "ids"}
        if action == "move" and "after" not in given:
            required = ["list"]
        missing = serializers.ErrorDetail(f"The action {action} needs it.", "required")
        other = serializers.ErrorDetail(f"Not for the action {action}.", "invalid")
        errors = {name: [missing] for name in required if name not in given}
        errors |= {name: [other] for name in given.difference(required, allowed)}
        if errors:
            raise serializers.ValidationError(errors)
        return values
