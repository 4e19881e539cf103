"""The shapes of responses about tasks, for the schema."""

from rest_framework import serializers as drf

from todo.models.task import TASK_FIELDS, Task
from todo.serializers import MAX_BULK, StrictTimeField

MAX_POSITION = 20_000  # characters; a move adds up to one


class TaskResponse(drf.ModelSerializer):
    list = drf.UUIDField(allow_null=True)
    due_time = StrictTimeField(allow_null=True)
    position = drf.CharField(max_length=MAX_POSITION)
    completed = drf.BooleanField()

    class Meta:
        model = Task
        fields = [*TASK_FIELDS, "completed"]

    def build_standard_field(self, field_name, model_field):
        """Make every field required, and leave out what only matters for input."""
        field_class, options = super().build_standard_field(field_name, model_field)
        kept = {"allow_blank", "allow_null", "choices", "max_length"}
        return field_class, {key: options[key] for key in kept & options.keys()}


class BulkResponse(drf.Serializer):
    changed = drf.IntegerField(min_value=0, max_value=MAX_BULK)


class ChangesResponse(drf.Serializer):
    results = TaskResponse(many=True)
    since = drf.CharField(max_length=500)


class ImportResponse(drf.Serializer):
    created = drf.IntegerField(min_value=0)
    skipped = drf.IntegerField(min_value=0)
