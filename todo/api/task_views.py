"""Tasks over HTTP. Another user's task answers 404, as if it did not exist."""

import hashlib

import orjson
from django.db import IntegrityError, transaction
from rest_framework import viewsets
from rest_framework.exceptions import ErrorDetail, NotFound
from rest_framework.response import Response
from rest_framework.views import APIView
from uuid_utils.compat import uuid7

from aido.json import JSONResponse
from aido.problems import Conflict, Missing, PreconditionFailed
from todo import tasks
from todo.api import docs
from todo.api.auth import ensure_session
from todo.api.filters import StrictFilterBackend, TaskFilter
from todo.api.pagination import KeysetPagination
from todo.api.preconditions import (
    etag,
    idempotency_key,
    matches,
    parse_etags,
)
from todo.models import Task
from todo.models.task import TASK_FIELDS
from todo.serializers import BulkSerializer, TaskSerializer

# Shared by all requests: they keep no state, and building their fields takes long.
TASK_SERIALIZER = TaskSerializer()
PARTIAL_TASK_SERIALIZER = TaskSerializer(partial=True)
BULK_SERIALIZER = BulkSerializer()


@docs.tasks
class TaskViewSet(viewsets.GenericViewSet):
    """Serializers validate input. Output is rows from the database, dumped as JSON.

    To serialize a list with a ModelSerializer would take longer than everything else.
    """

    queryset = Task.objects.none()  # for the schema
    serializer_class = TaskSerializer
    pagination_class = KeysetPagination
    filter_backends = [StrictFilterBackend]
    filterset_class = TaskFilter

    @property
    def default_response_headers(self):
        return {"Allow": ", ".join([*self.action_map, "options"]).upper()}

    def get_queryset(self):
        return tasks.owned_by(self.request.user)

    def list(self, request):
        is_filtered = not request.query_params.keys() <= self.paginator.parameters
        filtered = self.filter_queryset(self.get_queryset()) if is_filtered else None
        rows = self.paginate_queryset(filtered)
        if not rows:
            ensure_session(request.user)
        return self.get_paginated_response([tasks.serialize(row) for row in rows])

    def create(self, request):
        key = idempotency_key(request)
        digest = body_digest(request.data) if key else None
        values = self.validate(TASK_SERIALIZER)
        row = self.insert(key or uuid7(), digest=digest, **values)
        location = {"Location": f"{request.path}/{row['id']}"}
        return task_response(row, status=201, headers=location)

    def retrieve(self, request, pk):
        row = self.read(pk)
        if matches(row, parse_etags(request, "If-None-Match")):
            return Response(status=304, headers={"ETag": etag(row)})
        return task_response(row)

    def update(self, request, pk, partial=False):
        values = self.validate(PARTIAL_TASK_SERIALIZER if partial else TASK_SERIALIZER)
        return task_response(self.write(pk, tasks.change, values))

    def partial_update(self, request, pk):
        return self.update(request, pk, partial=True)

    def destroy(self, request, pk):
        self.write(pk, tasks.apply, "trash")
        return Response(status=204)

    @docs.restore
    def restore(self, request, pk):
        rows = tasks.apply(request.user, pk, "restore").rows()
        return task_response(rows[0] if rows else self.raise_not_found())

    @docs.bulk
    def bulk(self, request):
        values = self.validate(BULK_SERIALIZER)
        with transaction.atomic():
            locked = self.lock(values["ids"], values["action"])
            changed = locked.apply(values["action"])
        return Response({"changed": changed})

    def validate(self, serializer):
        return serializer.run_validation(self.request.data)

    def read(self, pk):
        rows = tasks.read(self.request.user, pk).rows()
        return rows[0] if rows else self.raise_not_found()

    def raise_not_found(self):
        ensure_session(self.request.user)
        raise NotFound("There is no such task.")

    def insert(self, pk, **values):
        """Insert a task; return its row, or that of an earlier identical request."""
        try:
            [row] = tasks.add(self.request.user, pk, **values).rows()
        except IntegrityError:
            repeated = self.get_queryset().filter(
                pk=pk, request_digest=values["digest"]
            )
            row = repeated.values(*TASK_FIELDS).first()
            if not row:
                ensure_session(self.request.user)
                message = "This Idempotency-Key was used for a different request."
                raise Conflict(message, "idempotency_key_reused") from None
        return row

    def write(self, pk, verb, *arguments):
        """Run a verb in one round trip. With `If-Match`, read the version first."""
        version = self.expected_version(pk)
        while not (
            rows := verb(self.request.user, pk, *arguments, version=version).rows()
        ):
            self.read(pk)  # raises NotFound unless the task was restored just now
            if version is not None:
                raise PreconditionFailed
        return rows[0]

    def expected_version(self, pk):
        """Return the version that `If-Match` stands for, or None without it."""
        expected = parse_etags(self.request, "If-Match")
        if expected is None:
            return None
        row = self.read(pk)
        if not matches(row, expected):
            raise PreconditionFailed
        return row["updated_at"]

    def lock(self, ids, action):
        """Lock the tasks with these ids until the commit. Raises Missing."""
        named = self.get_queryset().filter(pk__in=ids)
        # A bulk request that is sent again finds what it moved to the trash before.
        is_any = action in {"trash", "restore"}
        found = named if is_any else named.in_status("all")
        found = found.order_by("pk").select_for_update()
        found = set(found.values_list("pk", flat=True))
        missing = [index for index, pk in enumerate(ids) if pk not in found]
        if missing:
            ensure_session(self.request.user)
            error = [ErrorDetail("There is no such task.", "not_found")]
            raise Missing({"ids": {str(index): error for index in missing}})
        return named


class UnknownRouteView(APIView):
    """Answer paths that no route matches with a problem instead of Django's page."""

    authentication_classes = permission_classes = ()
    schema = None

    def initial(self, request, *args, **kwargs):
        raise NotFound("There is nothing at this address.")


def body_digest(body):
    """Hash what a client sent, before defaults: they change as aido is updated."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()


def task_response(row, **options):
    response = JSONResponse(tasks.serialize(row), **options)
    response["ETag"] = etag(row)
    response["Cache-Control"] = "private, no-cache"
    return response
