"""What can be done with tasks. The API and the pages share these verbs.

Each function returns a `Statement`, which runs alone or with others in one round trip.
The ORM compiles most of them once per process. All are idempotent: running one twice
has the same effect as running it once. All find nothing if the owner's session has
ended or their account is deactivated.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import (
    Cast,
    Coalesce,
    Concat,
    Left,
    StrIndex,
    Substr,
)
from django.db.models.lookups import IsNull
from django.utils import timezone

from todo import statements
from todo.keyset import Cursor, page_query
from todo.models import Session, User
from todo.models.status import IS_KEPT
from todo.models.task import TASK_FIELDS, WRITABLE_TASK_FIELDS, Task
from todo.models.text import fold, fold_task
from todo.models.verbs import VERBS, next_version
from todo.statements import Parameter, Row, Statement

ACTIVE_SESSION = Session.objects.active(Parameter("owner"), Parameter("session"))
OWNED_TASKS = Task.objects.filter(Exists(ACTIVE_SESSION), owner_id=Parameter("owner"))
INSERTED_FIELDS = [  # of each new task, besides those that do not have their default
    *("id", "position", "folded", "request_digest"),
    *("completed_at", "created_at", "updated_at"),
]
# Which tasks a verb finds, if not those that are kept. A retried `trash` finds its own.
FOUND_BY = {"restore": Q(), "trash": IS_KEPT | Q(deleted_at=Parameter("now"))}
DEFAULTS = {
    field.name: field.to_python(field.get_default())
    for field in Task._meta.concrete_fields
    if field.name in WRITABLE_TASK_FIELDS
}
NEW_TASK = {name: DEFAULTS[name] for name in ("description", "priority")}  # not in SQL
TEXT_FIELDS = {"title", "description"}  # of which `folded` is made
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


# What `serialize` changes, for statements that return many rows.
SERIALIZED = (
    ("completed", "{completed_at} is not None"),
    ("due_time", "{due_time} and {due_time}.isoformat('minutes')"),
)


class Owner(NamedTuple):
    """The user whose tasks are meant, and the session in which they ask."""

    pk: UUID
    session_key: str | None


def owned_by(owner: Owner) -> QuerySet[Task]:
    """Return the owner's tasks, or none if their session has ended."""
    active = Session.objects.active(owner.pk, owner.session_key)
    return Task.objects.filter(Exists(active), owner_id=owner.pk)


def serialize(row: Row) -> Row:
    """Change a row of TASK_FIELDS to what every client gets."""
    row["completed"] = row["completed_at"] is not None
    if row["due_time"]:
        row["due_time"] = row["due_time"].isoformat("minutes")
    return row


def version(row: Row) -> int:
    """Return the time of the row's last change, in microseconds since 1970."""
    return time_version(row["updated_at"])


def time_version(time: datetime) -> int:
    return (time - EPOCH) // MICROSECOND


def version_time(version: int) -> datetime:
    """Return the `updated_at` of a version."""
    return EPOCH + version * MICROSECOND


def read(owner: Owner, pk: UUID) -> Statement:
    """Read a task that is not in the trash."""
    return bind(_read(), owner, pk=pk)


def read_many(owner: Owner, pks: Collection[UUID]) -> Statement:
    """Read tasks, also those in the trash."""
    found = OWNED_TASKS.filter(pk__in=list(pks)).order_by()
    return bind(statements.select(found, TASK_FIELDS), owner)


def page(
    owner: Owner, status: str, ordering: str, limit: int, cursor: Cursor | None = None
) -> Statement:
    """Read a page of the owner's tasks in this status, see `todo.keyset`."""
    if not cursor:
        return bind(_page(status, ordering, limit), owner)
    sides = (cursor.backwards, cursor.inclusive)
    page = _page(status, ordering, limit, *sides)
    return bind(page, owner, value=cursor.value, id=cursor.id)


def add(
    owner: Owner,
    pk: UUID,
    *,
    completed: bool = False,
    digest: bytes | None = None,
    **values: Any,
) -> Statement:
    """Insert a task. Running it raises IntegrityError if its id exists.

    Also if the owner's session has ended: then `owner_id` would be null.
    """
    now = timezone.now()
    values = NEW_TASK | {
        name: value for name, value in values.items() if value != DEFAULTS[name]
    }
    return bind(
        _add(frozenset(values)),
        owner,
        id=pk,
        request_digest=digest,
        folded=fold_task(values["title"], values["description"]),
        position=time_version(now),
        completed_at=now if completed else None,
        created_at=now,
        updated_at=now,
        **values,
    )


def change(
    owner: Owner, pk: UUID, values: dict[str, Any], version: datetime | None = None
) -> Statement:
    """Write these values to a task that is not in the trash.

    With `version`, only if that is the task's `updated_at`. `completed` may be among
    the values: true completes the task, false reopens it.
    """
    columns = {name: value for name, value in values.items() if name != "completed"}
    if "due_date" in columns and not columns["due_date"]:
        columns = {"due_time": None, "repeat": None} | columns  # they need a date
    verb = verb_of(values)
    if not columns:
        return apply(owner, pk, verb, version) if verb else read(owner, pk)
    statement = _change(frozenset(columns), verb, version is not None)
    place = {"pk": pk, "now": time_after(version), "version": version}
    return bind(statement, owner, **place, **columns, **_folded(columns))


def apply(
    owner: Owner,
    pk: UUID,
    verb: str,
    version: datetime | None = None,
    key: UUID | None = None,
) -> Statement:
    """Apply one of VERBS to a task; only `restore` finds those in the trash.

    A task that the verb does not apply to is returned unchanged. With `version`, only
    if that is the task's `updated_at`. Pass the row to `todo.completions.follow_up`,
    which also takes the Idempotency-Key.
    """
    statement = _apply(verb, version is not None, key is not None)
    now = time_after(version)
    return bind(statement, owner, pk=pk, now=now, version=version, key=key)


def time_after(version: datetime | None) -> datetime:
    """Return the current time, but later than `version`: clocks differ."""
    now = timezone.now()
    return max(now, version + MICROSECOND) if version else now


def bind(statement: Statement, owner: Owner, **values: Any) -> Statement:
    return statement.bind(owner=owner.pk, session=owner.session_key, **values)


def verb_of(values: dict[str, Any]) -> str | None:
    """Return the verb that `completed` among the values stands for."""
    if "completed" not in values:
        return None
    return "complete" if values["completed"] else "reopen"


@cache
def _read() -> Statement:
    task = OWNED_TASKS.filter(IS_KEPT, pk=Parameter("pk")).order_by()
    return statements.select(task, TASK_FIELDS)


@lru_cache(1000)  # the limit is any number from 1 to 200
def _page(status: str, ordering: str, limit: int, *sides: bool) -> Statement:
    cursor = Cursor(ordering, Parameter("value"), Parameter("id"), *sides)
    tasks = OWNED_TASKS.in_status(status)
    rows = page_query(tasks, ordering, limit, cursor if sides else None, status)
    return statements.select(rows, TASK_FIELDS)


@cache
def _add(names: Collection[str]) -> Statement:
    owner = Subquery(ACTIVE_SESSION.values("user_id"))
    values = {name: Parameter(name) for name in [*INSERTED_FIELDS, *sorted(names)]}
    return statements.insert(Task, owner=owner, **values).returning(Task, TASK_FIELDS)


@cache
def _change(names: Collection[str], verb: str | None, has_version: bool) -> Statement:
    now = Parameter("now")
    values: dict[str, Any] = {name: Parameter(name) for name in names}
    values |= _refold(names)
    values |= VERBS[verb].changes(now) if verb else {}
    if verb == "complete" and "repeat" in names:  # the new rule counts, not the old one
        is_plain = IsNull(Cast(Parameter("repeat"), CharField()), True)
        completed_at = Coalesce("completed_at", now)
        values["completed_at"] = Case(
            When(is_plain, then=completed_at), default="completed_at"
        )
    values["updated_at"] = now if has_version else next_version(now)
    task = one_task(IS_KEPT, has_version)
    update = statements.update(task, **values).returning(Task, TASK_FIELDS)
    return _with_state(update, verb)


def _folded(values: dict[str, Any]) -> dict[str, str]:
    """Fold the texts among the values, as parameters of the expressions below."""
    texts = TEXT_FIELDS & values.keys()
    return {f"folded_{name}": fold(values[name]) for name in texts}


def _refold(names: Collection[str]) -> dict[str, Any]:
    """Replace the folded title, the folded description (after \n), or both.

    Rows that were never folded stay so, see TaskQuerySet.matching.
    """
    text = TextField()
    line_break = StrIndex("folded", Value("\n"))
    title: Any = Left("folded", line_break - 1, output_field=text)
    description: Any = Substr("folded", line_break + 1, output_field=text)
    if not TEXT_FIELDS & set(names):
        return {}
    if "title" in names:
        title = Parameter("folded_title", text)
    if "description" in names:
        description = Parameter("folded_description", text)
    folded = Concat(title, Value("\n", text), description)
    return {"folded": Case(When(folded="", then=Value("", text)), default=folded)}


@cache
def _apply(verb: str, has_version: bool, has_key: bool) -> Statement:
    now = Parameter("now")
    applies_to, changes = VERBS[verb]
    updated_at = Case(
        When(applies_to, now if has_version else next_version(now)),
        default=F("updated_at"),
    )
    task = one_task(FOUND_BY.get(verb, IS_KEPT), has_version)
    update = statements.update(task, **changes(now), updated_at=updated_at)
    return _with_state(update.returning(Task, TASK_FIELDS), verb, has_key)


def _with_state(
    update: Statement, verb: str | None, has_key: bool = False
) -> Statement:
    """Return also what `todo.completions` needs of a task that repeats, or of its copy.

    No time zone means that the task was completed with this key before.
    """
    if verb == "complete":
        user = User.objects.filter(pk=Parameter("owner")).order_by()
        if has_key:
            key, task = Parameter("key"), Parameter("pk")
            copies = Task.objects.filter(IS_KEPT, completion_key=key, copy_of=task)
            user = user.filter(~Exists(copies))
        select = statements.select(user, ["time_zone"])
        return update.also_returning("time_zone", select)
    if verb == "reopen":
        return update.also_returning("copy_of", statements.raw("copy_of"))
    return update


def one_task(condition: Q, has_version: bool) -> QuerySet[Task]:
    task = OWNED_TASKS.filter(condition, pk=Parameter("pk"))
    if has_version:  # which `now` is, if the statement runs again after it succeeded
        task = task.filter(updated_at__in=[Parameter("version"), Parameter("now")])
    return task
