"""Lists over HTTP."""

from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from aido.json import JSONResponse
from aido.problems import Conflict
from aido.resilience import idempotent
from todo import lists
from todo.api.auth import ensure_session
from todo.api.filters import check_parameters
from todo.api.resources import ResourceViewSet
from todo.models import List
from todo.models.list import LIST_FIELDS
from todo.serializers import ListMoveSerializer, ListSerializer

MOVE_SERIALIZER = ListMoveSerializer()


class ListViewSet(ResourceViewSet):
    """Your lists of tasks."""

    verbs, noun, fields = lists, "list", LIST_FIELDS
    missing_after = "There is no other list with this id."
    input_serializer = ListSerializer()
    partial_input_serializer = ListSerializer(partial=True)
    queryset = List.objects.none()  # for the schema
    serializer_class = ListSerializer
    has_retried = False  # the last write

    def list(self, request):
        check_parameters(request.query_params, set())
        rows = lists.read_all(request.user).rows()
        if not rows:
            ensure_session(request.user)
        return JSONResponse({"results": [lists.serialize(row) for row in rows]})

    def destroy(self, request, pk):
        try:
            self.write(pk, lists.delete, timezone.now())
        except NotFound:
            # If the response to the deletion was lost, it may have succeeded.
            if not self.has_retried:
                raise
        return Response(status=204)

    def move(self, request, pk):
        after = self.validate(MOVE_SERIALIZER)["after"]
        return self.row_response(self.place(pk, lists.move, after))

    def run(self, statement):
        with idempotent() as block:
            rows = super().run(statement)
        self.has_retried = block.has_retried
        return rows

    def conflict(self):
        if self.get_queryset().count() < lists.MAX_LISTS:
            return super().conflict()
        message = f"You have {lists.MAX_LISTS} lists. Delete one of them first."
        return Conflict(message, "too_many_lists")
