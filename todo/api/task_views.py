"""Tasks over HTTP. That another's task is there, nobody learns."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import ForeignKeyViolation
from rest_framework import viewsets
from rest_framework.exceptions import (
    ErrorDetail,
    NotFound,
)
from rest_framework.response import Response
from rest_framework.views import APIView
from uuid_utils.compat import uuid7

from aido.json import JSONResponse, dump
from aido.problems import Conflict, Missing, PreconditionFailed
from todo import serializers, tasks
from todo.api import docs
from todo.api.auth import account_gone, ensure_account
from todo.api.filters import StrictFilterBackend, TaskFilter
from todo.api.pagination import KeysetPagination
from todo.api.preconditions import (
    etag,
    idempotency_key,
    is_named,
    named_versions,
)
from todo.models.task import FIELDS, Task

# One for all requests: they keep nothing of what they judge, and take long to make.
TASK = serializers.TaskSerializer()
CHANGE = serializers.TaskSerializer(partial=True)


@docs.tasks
class TaskViewSet(viewsets.GenericViewSet):
    """Rows go from the database to JSON as they are; serializers judge what comes in.

    A ModelSerializer for the answer would take longer than all the rest of a list.
    """

    queryset = Task.objects.none()  # for the schema
    serializer_class = serializers.TaskSerializer
    pagination_class = KeysetPagination
    filter_backends = [StrictFilterBackend]
    filterset_class = TaskFilter

    @property
    def default_response_headers(self):
        return {"Allow": ", ".join([*self.action_map, "options"]).upper()}

    def get_queryset(self):
        return Task.objects.owned_by(self.request.user)

    def list(self, request):
        is_filtered = not request.query_params.keys() <= self.paginator.parameters
        found = self.filter_queryset(self.get_queryset()) if is_filtered else None
        rows = self.paginate_queryset(found)
        if not rows:
            ensure_account(request.user)
        return self.get_paginated_response([present(row) for row in rows])

    def create(self, request):
        key = idempotency_key(request)
        values = self.validated(TASK)
        digest = hashlib.sha256(dump(values)).digest() if key else None
        row = self.added(key or uuid7(), values, digest)
        location = {"Location": f"{request.path}/{row['id']}"}
        return respond(row, status=201, headers=location)

    def retrieve(self, request, pk):
        row = self.row(pk)
        if is_named(row, named_versions(request, "If-None-Match")):
            return Response(status=304, headers={"ETag": etag(row)})
        return respond(row)

    def update(self, request, pk, partial=False):
        values = self.validated(CHANGE if partial else TASK)
        return respond(self.change(pk, values))

    def partial_update(self, request, pk):
        return self.update(request, pk, partial=True)

    def destroy(self, request, pk):
        self.change(pk, {"deleted_at": timezone.now()})
        return Response(status=204)

    @docs.restore
    def restore(self, request, pk):
        rows = tasks.restore(request.user.pk, pk).rows()
        return respond(rows[0] if rows else self.not_found())

    @docs.bulk
    def bulk(self, request):
        values = self.validated(serializers.BulkSerializer())
        with transaction.atomic():
            found = self.locked(values["ids"], values["action"])
            changed = getattr(found, values["action"])()
        return Response({"changed": changed})

    def validated(self, serializer):
        return serializer.run_validation(self.request.data)

    def row(self, pk):
        rows = tasks.read(self.request.user.pk, pk).rows()
        return rows[0] if rows else self.not_found()

    def not_found(self):
        ensure_account(self.request.user)
        raise NotFound("There is no such task.")

    def added(self, pk, values, digest):
        """The row of the task, or of the one that the same request made before."""
        add = tasks.add(self.request.user.pk, pk, digest=digest, **values)
        try:
            [row] = add.rows()
        except IntegrityError as error:
            if isinstance(error.__cause__, ForeignKeyViolation):
                raise account_gone() from None
            same = self.get_queryset().filter(pk=pk, request_digest=digest)
            row = same.values(*FIELDS).first()
            if not row:
                message = "This Idempotency-Key came with another request before."
                raise Conflict(message, "idempotency_key_reused") from None
        return row

    def change(self, pk, values):
        """Write in one round trip; with `If-Match`, read the version first."""
        row = None
        expected = named_versions(self.request, "If-Match")
        if expected is not None or not values:
            row = self.row(pk)
            if expected is not None and not is_named(row, expected):
                raise PreconditionFailed
            if not values:
                return row
        version = row and row["updated_at"]
        if rows := tasks.change(self.request.user.pk, pk, values, version).rows():
            return rows[0]
        self.row(pk)  # raises, if the task is gone
        raise PreconditionFailed

    def locked(self, ids, action):
        """The tasks of these ids, held until the commit, if all are there."""
        named = self.get_queryset().filter(pk__in=ids)
        found = named if action in {"trash", "restore"} else named.kept()
        found = found.order_by("pk").select_for_update()
        found = set(found.values_list("pk", flat=True))
        missing = [index for index, pk in enumerate(ids) if pk not in found]
        if missing:
            ensure_account(self.request.user)
            error = [ErrorDetail("There is no such task.", "not_found")]
            raise Missing({"ids": {str(index): error for index in missing}})
        return named


class UnknownRouteView(APIView):
    """What no other route takes: a problem, instead of Django's page."""

    authentication_classes = permission_classes = ()
    schema = None

    def initial(self, request, *args, **kwargs):
        raise NotFound("There is nothing at this address.")


def present(row):
    """A row of FIELDS as the API shows it."""
    row["completed"] = row["completed_at"] is not None
    return row


def respond(row, **options):
    response = JSONResponse(present(row), **options)
    response["ETag"] = etag(row)
    response["Cache-Control"] = "private, no-cache"
    return response
