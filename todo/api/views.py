"""Tasks over HTTP. That another's task is there, nobody learns."""

import hashlib

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from psycopg.errors import ForeignKeyViolation
from rest_framework import viewsets
from rest_framework.exceptions import (
    ErrorDetail,
    NotFound,
)
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView
from uuid_utils.compat import uuid7

from aido.problems import Conflict, Missing, PreconditionFailed
from aido.resilience import harmless
from todo.api import docs, serializers
from todo.api.auth import account_gone, ensure_account
from todo.api.filters import StrictFilterBackend, TaskFilter
from todo.api.json import dump
from todo.api.pagination import KeysetPagination
from todo.api.preconditions import (
    etag,
    idempotency_key,
    is_named,
    named_versions,
)
from todo.models import FIELDS, Task


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

    def get_queryset(self):
        return Task.objects.owned_by(self.request.user)

    def list(self, request):
        tasks = self.filter_queryset(self.get_queryset())
        rows = self.paginate_queryset(tasks.values(*FIELDS))
        if not rows:
            ensure_account(request.user)
        return self.get_paginated_response([present(row) for row in rows])

    def create(self, request):
        key = idempotency_key(request)
        values = self.validated()
        digest = hashlib.sha256(dump(values)).digest() if key else None
        now = timezone.now()
        completed_at = now if values.pop("completed") else None
        times = {"created_at": now, "updated_at": now, "completed_at": completed_at}
        task = Task(id=key or uuid7(), owner_id=request.user.pk, **values, **times)
        task.request_digest = digest
        row = self.insert(task)
        location = reverse("task", [row["id"]], request=request)
        return respond(row, status=201, headers={"Location": location})

    def retrieve(self, request, pk):
        row = self.row(pk)
        if is_named(row, named_versions(request, "If-None-Match")):
            return Response(status=304, headers={"ETag": etag(row)})
        return respond(row)

    def update(self, request, pk, partial=False):
        values = self.validated(partial=partial)
        return respond(self.change(pk, values))

    def partial_update(self, request, pk):
        return self.update(request, pk, partial=True)

    def destroy(self, request, pk):
        self.change(pk, {"deleted_at": timezone.now()})
        return Response(status=204)

    @docs.restore
    def restore(self, request, pk):
        with harmless():
            self.get_queryset().filter(pk=pk).restore()
        return respond(self.row(pk))

    @docs.bulk
    def bulk(self, request):
        values = self.validated(serializers.BulkSerializer)
        with transaction.atomic():
            tasks = self.locked(values["ids"], values["action"])
            changed = getattr(tasks, values["action"])()
        return Response({"changed": changed})

    def validated(self, serializer_class=None, **options):
        serializer_class = serializer_class or self.serializer_class
        serializer = serializer_class(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def row(self, pk):
        row = self.get_queryset().kept().filter(pk=pk).values(*FIELDS).first()
        return row or self.not_found()

    def not_found(self):
        ensure_account(self.request.user)
        raise NotFound("There is no such task.")

    def insert(self, task):
        """The row of the task, or of the one that the same request made before."""
        try:
            with harmless():  # a second time the id is taken, and the row the same
                task.save(force_insert=True)
        except IntegrityError as error:
            if isinstance(error.__cause__, ForeignKeyViolation):
                raise account_gone() from None
            same = {"pk": task.pk, "request_digest": task.request_digest}
            row = self.get_queryset().filter(**same).values(*FIELDS).first()
            if not row:
                message = "This Idempotency-Key came with another request before."
                raise Conflict(message, "idempotency_key_reused") from None
            return row
        return {name: getattr(task, name) for name in FIELDS}

    def change(self, pk, values):
        """Write in one round trip; with `If-Match`, read the version first."""
        changes = stamped(values)
        now = changes["updated_at"]
        # Or as this very change has left it, if it had to be repeated.
        is_there = Q(deleted_at=None) | Q(updated_at=now)
        tasks = self.get_queryset().filter(is_there, pk=pk)
        expected = named_versions(self.request, "If-Match")
        if expected is not None or not values:
            row = self.row(pk)
            if expected is not None and not is_named(row, expected):
                raise PreconditionFailed
            if not values:
                return row
            tasks = tasks.filter(updated_at__in=[row["updated_at"], now])
        if rows := tasks.update_returning(FIELDS, **changes):
            return rows[0]
        self.row(pk)  # raises, if the task is gone
        raise PreconditionFailed

    def locked(self, ids, action):
        """The tasks of these ids, held until the commit, if all are there."""
        tasks = self.get_queryset().filter(pk__in=ids)
        found = tasks if action in {"trash", "restore"} else tasks.kept()
        found = found.order_by("pk").select_for_update()
        found = set(found.values_list("pk", flat=True))
        missing = [index for index, pk in enumerate(ids) if pk not in found]
        if missing:
            ensure_account(self.request.user)
            error = [ErrorDetail("There is no such task.", "not_found")]
            raise Missing({"ids": {str(index): error for index in missing}})
        return tasks


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
    response = Response(present(row), **options)
    response["ETag"] = etag(row)
    response["Cache-Control"] = "private, no-cache"
    return response


def stamped(values):
    """What to write for values of TaskSerializer.

    A task that was completed before keeps its time of completion.
    """
    now = timezone.now()
    changes = {**values, "updated_at": now}
    if "completed" in changes:
        completed_at = Coalesce("completed_at", now)
        changes["completed_at"] = completed_at if changes.pop("completed") else None
    return changes
