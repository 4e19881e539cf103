"""The shapes of responses about lists, for the schema."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers as drf

from todo.api.task_responses import PositionField, RowResponse
from todo.lists import MAX_LISTS
from todo.models import List
from todo.models.list import LIST_FIELDS, Color


class ListResponse(RowResponse):
    color = drf.ChoiceField(Color.choices, allow_null=True)
    position = PositionField()

    class Meta:
        model = List
        fields = LIST_FIELDS


@extend_schema_serializer(many=False)
class ListsResponse(drf.Serializer):
    results = drf.ListField(child=ListResponse(), max_length=MAX_LISTS)
