"""What one does with tasks. The API and the pages both come here: one rule, two doors.

Each verb is a `Statement`: it runs alone, or with others in one round trip. The ORM
writes each once per process, since for one task it takes longer to build and compile a
query than all else takes together. To run any of them twice does no harm.
"""

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache

from django.db.models import BooleanField, Case, Count, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from todo import statements
from todo.keyset import Cursor, page_query
from todo.models.task import COMPLETED, FIELDS, OPEN, TRASHED, Task
from todo.statements import Parameter

OWN = Task.objects.filter(owner_id=Parameter("owner"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COLUMNS = [field.attname for field in Task._meta.concrete_fields]


def version(row):
    """Of a row: its last change, in microseconds."""
    return (row["updated_at"] - EPOCH) // MICROSECOND


def moment(version):
    """The `updated_at` that a version stands for."""
    return EPOCH + version * MICROSECOND


def read(owner, pk):
    """The task, if it is not in the trash."""
    return _reading().bind(owner=owner, pk=pk)


def page(owner, status, ordering, limit, cursor=None):
    """A page of the owner's tasks of this status."""
    if not cursor:
        return _paging(status, ordering, limit).bind(owner=owner)
    paging = _paging(status, ordering, limit, cursor.backwards, cursor.inclusive)
    return paging.bind(owner=owner, value=cursor.value, id=cursor.id)


def counts(owner):
    """How many there are of each status."""
    return _counting().bind(owner=owner)


def add(owner, pk, *, completed=False, digest=None, **values):
    """A new task. IntegrityError, if there is one of that id already."""
    now = timezone.now()
    times = {"created_at": now, "updated_at": now}
    times["completed_at"] = now if completed else None
    task = Task(id=pk, owner_id=owner, request_digest=digest, **times, **values)
    return _adding().bind(**{name: getattr(task, name) for name in COLUMNS})


def change(owner, pk, values, version=None):
    """Write what `values` name, if the task is there, and at that version if given.

    `completed` is a name too: what was completed before keeps its time of completion.
    """
    place = {"owner": owner, "pk": pk, "now": timezone.now(), "version": version}
    return _changing(frozenset(values), version is not None).bind(**place, **values)


def trash(owner, pk, version=None):
    return change(owner, pk, {"deleted_at": timezone.now()}, version)


def restore(owner, pk):
    """Out of the trash; what is not in it stays as it is."""
    return _restoring().bind(owner=owner, pk=pk, now=timezone.now())


def do_with_all(owner, verb, status):
    """One verb of TaskQuerySet with all the owner's tasks of a status."""
    tasks, values = OWN.in_status(status).changed_by(verb)
    return statements.update(tasks, **values).bind(owner=owner)


@cache
def _reading():
    kept = OWN.kept().filter(pk=Parameter("pk")).order_by()
    return statements.select(kept, FIELDS)


@lru_cache(1000)  # a limit may be any of 200
def _paging(status, ordering, limit, *sides):
    place = (Parameter("value"), Parameter("id"))
    cursor = Cursor(ordering, *place, *sides) if sides else None
    rows = page_query(OWN.in_status(status), ordering, limit, cursor)
    return statements.select(rows, FIELDS)


@cache
def _counting():
    statuses = {"open": OPEN, "completed": COMPLETED, "trashed": TRASHED}
    counts = {name: Count("pk", filter=q) for name, q in statuses.items()}
    every = OWN.order_by().values(one=Value(1)).annotate(**counts)
    return statements.select(every, list(counts))


@cache
def _adding():
    task = Task(**{name: Parameter(name) for name in COLUMNS})
    return statements.insert(task).returning(FIELDS)


@cache
def _changing(names, has_version):
    now = Parameter("now")
    changes = {name: Parameter(name) for name in names - {"completed"}}
    if "completed" in names:
        is_completed = When(
            Parameter("completed", BooleanField()), Coalesce("completed_at", now)
        )
        changes["completed_at"] = Case(is_completed)
    # Or as this very change has left it, if it had to be repeated.
    tasks = OWN.filter(Q(deleted_at=None) | Q(updated_at=now), pk=Parameter("pk"))
    if has_version:
        tasks = tasks.filter(updated_at__in=[Parameter("version"), now])
    return statements.update(tasks, **changes, updated_at=now).returning(FIELDS)


@cache
def _restoring():
    updated_at = Case(When(TRASHED, Parameter("now")), default=F("updated_at"))
    task = OWN.filter(pk=Parameter("pk"))
    update = statements.update(task, deleted_at=None, updated_at=updated_at)
    return update.returning(FIELDS)
