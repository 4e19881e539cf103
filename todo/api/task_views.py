"""Tasks over HTTP."""

from functools import partial

from django.db import IntegrityError, transaction
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView
from uuid_utils.compat import uuid7

from aido.problems import Conflict, Missing
from todo import bulk, completions, lists, order, quick, repeats, tasks
from todo.api.auth import ensure_session, session_error
from todo.api.filters import INBOX, StrictFilterBackend, TaskFilter
from todo.api.pagination import KeysetPagination
from todo.api.preconditions import idempotency_key
from todo.api.resources import ResourceViewSet, body_digest
from todo.fields import MAX_TITLE
from todo.models import Task
from todo.models.task import TASK_FIELDS
from todo.serializers import (
    BulkSerializer,
    QuickSerializer,
    TaskMoveSerializer,
    TaskSerializer,
)
from todo.statements import run_together

BULK_SERIALIZER = BulkSerializer()
QUICK_SERIALIZER = QuickSerializer()
MOVE_SERIALIZER = TaskMoveSerializer()


class TaskViewSet(ResourceViewSet):
    """Your tasks."""

    verbs, noun, fields = tasks, "task", TASK_FIELDS
    missing_after = "There is no such task in the list."
    input_serializer = TaskSerializer()
    partial_input_serializer = TaskSerializer(partial=True)
    queryset = Task.objects.none()  # for the schema
    serializer_class = TaskSerializer
    pagination_class = KeysetPagination
    filter_backends = [StrictFilterBackend]
    filterset_class = TaskFilter

    def list(self, request):
        is_filtered = not request.query_params.keys() <= self.paginator.parameters
        filtered = self.filter_queryset(self.get_queryset()) if is_filtered else None
        rows = self.paginate_queryset(filtered)
        if not rows:
            ensure_session(request.user)
            ensure_list(request.user, request.query_params.get("list", INBOX))
        return self.get_paginated_response(rows)

    def destroy(self, request, pk):
        self.write(pk, tasks.apply, "trash")
        return Response(status=204)

    def quick(self, request):
        key = idempotency_key(request)
        digest = body_digest(request.data) if key else None
        text = self.validate(QUICK_SERIALIZER)["text"]
        [users, owned_lists] = run_together(*quick.settings_of(request.user))
        if not users:
            raise session_error(request.user)
        task = quick.read_text(request.user, text, users[0]["time_zone"], owned_lists)
        if len(task.values["title"]) > MAX_TITLE:
            message = f"The title has more than {MAX_TITLE} characters."
            raise ValidationError({"text": [ErrorDetail(message, "max_length")]})
        row = self.insert(key or uuid7(), digest=digest, **task.values)
        understood = [{"kind": kind, "text": part} for kind, part in task.understood]
        location = f"{request.path.removesuffix('/quick')}/{row['id']}"
        return self.row_response(
            row | {"understood": understood}, status=201, headers={"Location": location}
        )

    def insert(self, pk, **values):
        """Refuse a rule that has ended, which a task that exists may have."""
        rule, due = values.get("repeat"), values.get("due_date")
        if rule and due and not repeats.advance(rule, due, due):
            error = ErrorDetail("The rule has no date after the due date.", "invalid")
            raise ValidationError({"repeat": [error]})
        return super().insert(pk, **values)

    def write(self, pk, verb, *arguments):
        written = super().write(pk, verb, *arguments)
        is_copy = bool(written.get("copy_of") and written["completed_at"])
        row = self.finish(written)
        if is_copy and verb is tasks.change:
            return self.write_again(row, *arguments)
        return row

    def write_again(self, row, values):
        """Write what was written to a copy to the task that reopening it returned."""
        others = {name: value for name, value in values.items() if name != "completed"}
        if not others:
            return row
        rows = self.run(tasks.change(self.request.user, row["id"], others))
        return rows[0] if rows else self.raise_not_found()

    def finish(self, row, key=None, tries=completions.TRIES):
        """Return the row after a second round trip, if the task repeats.

        If another request changes the task before, it takes several tries.
        """
        while follow_up := completions.follow_up(self.request.user, row, key):
            if not tries:
                is_guarded = "If-Match" in self.request.headers
                raise self.precondition_failed() if is_guarded else Conflict()
            rows, tries = run_together(*follow_up)[-1], tries - 1
            row = rows[0] if rows else self.raise_not_found()
        return row

    def complete(self, request, pk):
        key = idempotency_key(request)
        complete = partial(tasks.apply, verb="complete", key=key)
        tries = 1 if "If-Match" in request.headers else completions.TRIES
        return self.row_response(self.finish(super().write(pk, complete), key, tries))

    def reopen(self, request, pk):
        return self.row_response(self.write(pk, tasks.apply, "reopen"))

    def move(self, request, pk):
        values = self.validate(MOVE_SERIALIZER)
        after, to_list = values["after"], values.get("list", order.SAME_LIST)
        row = self.place(pk, order.move, after, to_list)
        follow_up = order.follow_up(request.user, row)
        [*_, [row]] = run_together(*follow_up) if follow_up else [[row]]
        return self.row_response(row)

    def restore(self, request, pk):
        rows = tasks.apply(request.user, pk, "restore").rows()
        return self.row_response(rows[0] if rows else self.raise_not_found())

    def bulk(self, request):
        values = self.validate(BULK_SERIALIZER)
        action = values.pop("action")
        ids = values["ids"] if "after" in values else values.pop("ids")
        try:
            with transaction.atomic():
                locked = self.lock(ids, action)
                changed = bulk.apply(request.user, locked, action, **values)
        except Task.DoesNotExist:
            self.raise_missing_after()
        except IntegrityError as error:
            self.raise_constraint_error(error)
            raise
        return Response({"changed": changed})

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


def ensure_list(user, pk):
    """Raise Missing if nothing was found because there is no such list."""
    if pk != INBOX and not lists.owned_by(user).filter(pk=pk).exists():
        raise Missing({"list": [ErrorDetail("There is no such list.", "not_found")]})


class UnknownRouteView(APIView):
    """Answer paths that no route matches with a problem instead of Django's page."""

    authentication_classes = permission_classes = ()
    schema = None

    def initial(self, request, *args, **kwargs):
        raise NotFound("There is nothing at this address.")
