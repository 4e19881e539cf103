"""The shapes of responses about tasks, for the schema."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as drf

from todo.fields import MAX_TEXT, LabelField, StrictTimeField
from todo.labels import MAX_LABELS
from todo.models.task import TASK_FIELDS, Task
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
