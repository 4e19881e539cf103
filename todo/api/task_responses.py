"""The shapes of responses about tasks and lists, for the schema."""

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers as drf

from todo.fields import MAX_TEXT, LabelField, StrictTimeField
from todo.lists import MAX_LISTS
from todo.models import List
from todo.models.list import LIST_FIELDS, Color
from todo.models.task import MAX_LABELS, TASK_FIELDS, Task
from todo.serializers import MAX_BULK

KINDS = ["date", "time", "repeat", "priority", "label", "list"]
MAX_POSITION = 20_000  # characters; a move adds up to one


@extend_schema_field(
    {
        "type": "string",
        "pattern": r"^[0-9]{16}(\.[0-9]+)?$",
        "maxLength": MAX_POSITION,
    }
)
class PositionField(drf.CharField):
    """A number as text. Its integer part has 16 digits, so that it sorts as text."""


class RowResponse(drf.ModelSerializer):
    def build_standard_field(self, field_name, model_field):
        """Make every field required, and leave out what only matters for input."""
        field_class, options = super().build_standard_field(field_name, model_field)
        kept = {"allow_blank", "allow_null", "choices", "max_length"}
        return field_class, {key: options[key] for key in kept & options.keys()}


class TaskResponse(RowResponse):
    list = drf.UUIDField(allow_null=True)
    labels = drf.ListField(child=LabelField(), max_length=MAX_LABELS)
    due_time = StrictTimeField(allow_null=True)
    position = PositionField()
    completed = drf.BooleanField()

    class Meta:
        model = Task
        fields = [*TASK_FIELDS, "completed"]


class ListResponse(RowResponse):
    color = drf.ChoiceField(Color.choices, allow_null=True)
    position = PositionField()

    class Meta:
        model = List
        fields = LIST_FIELDS


@extend_schema_serializer(many=False)
class ListsResponse(drf.Serializer):
    results = drf.ListField(child=ListResponse(), max_length=MAX_LISTS)


class BulkResponse(drf.Serializer):
    changed = drf.IntegerField(min_value=0, max_value=MAX_BULK)


class Understood(drf.Serializer):
    """What a part of the text was taken for."""

    kind = drf.ChoiceField(KINDS)
    text = drf.CharField(max_length=MAX_TEXT)


class QuickResponse(TaskResponse):
    understood = Understood(many=True)

    class Meta(TaskResponse.Meta):
        fields = [*TaskResponse.Meta.fields, "understood"]


class ChangesResponse(drf.Serializer):
    results = TaskResponse(many=True)
    since = drf.CharField(max_length=500)


class ImportResponse(drf.Serializer):
    created = drf.IntegerField(min_value=0)
    skipped = drf.IntegerField(min_value=0)
