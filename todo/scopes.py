"""Which of a user's tasks a view lists."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import DateField, DateTimeField, TextField, UUIDField, Value

from todo import statements
from todo.keyset import Cursor, page_query
from todo.models.status import Status
from todo.models.task import TASK_FIELDS, TaskQuerySet
from todo.models.task_expressions import INBOX
from todo.models.text import fold, fold_task
from todo.statements import Parameter, Row, Statement
from todo.tasks import OWNED_TASKS, Owner, bind

SCOPE_PARAMETERS = {
    "today": Parameter("today", DateField()),
    "midnight": Parameter("midnight", DateTimeField()),
    "list_id": Parameter("list_id", UUIDField()),
    "label": Parameter("label", TextField()),
}


class Scope(NamedTuple):
    """The tasks of a kind of view that have this status and match a search.

    The kinds are the values of Status, and inbox, today, upcoming, list and label. Each
    field but the first two may be a Parameter. `midnight` is when today began.
    """

    kind: str
    status: str
    today: Any = date.max
    midnight: Any = datetime.max
    list_id: Any = INBOX
    label: Any = ""  # in lower case
    text: str = ""

    def select(self, tasks: TaskQuerySet) -> TaskQuerySet:
        """Return those of the tasks that are in this scope."""
        tasks = tasks.in_status(self.status)
        if self.kind in {"inbox", "list"}:
            tasks = tasks.in_list(self.list_id)
        elif self.kind == "label":
            is_text = isinstance(self.label, str)
            tasks = tasks.with_label(Value(self.label) if is_text else self.label)
        elif self.kind == "upcoming":
            tasks = tasks.upcoming(self.today)
        elif self.kind == "today" and self.status == Status.COMPLETED:
            tasks = tasks.filter(completed_at__gte=self.midnight)
        elif self.kind == "today":
            tasks = tasks.due_until(self.today)
        return tasks.matching(self.text) if self.text else tasks

    def page(
        self, owner: Owner, ordering: str, limit: int, cursor: Cursor | None = None
    ) -> Statement:
        """Read a page of the scope, see `todo.keyset`."""
        sides = (cursor.backwards, cursor.inclusive) if cursor else ()
        text = self.text and " ".join(self.text.split())
        build = _page.__wrapped__ if text else _page
        statement = build(self.kind, self.status, text, ordering, limit, *sides)
        place = {"value": cursor.value, "id": cursor.id} if cursor else {}
        return bind(statement, owner, **self._asdict(), **place)

    def includes(self, row: Row) -> bool:
        """Return whether the scope has this task, which is a row of TASK_FIELDS."""
        is_in_view = _has_status(row, self.status) and self._has_place(row)
        return is_in_view and self._has_text(row)

    def _has_place(self, row: Row) -> bool:
        if self.kind in {"inbox", "list"}:
            return (row["list"] or INBOX) == self.list_id
        if self.kind == "label":
            return self.label in [label.lower() for label in row["labels"]]
        if self.kind == "upcoming":
            return bool(row["due_date"]) and row["due_date"] > self.today
        if self.kind == "today" and self.status == Status.COMPLETED:
            return row["completed_at"] >= self.midnight
        return self.kind != "today" or bool(
            row["due_date"] and row["due_date"] <= self.today
        )

    def _has_text(self, row: Row) -> bool:
        folded = fold_task(row["title"], row["description"]) if self.text else ""
        return all(fold(word) in folded for word in self.text.split())


def _has_status(row: Row, status: str) -> bool:
    if row["deleted_at"] or status == Status.TRASH:
        return bool(row["deleted_at"]) and status == Status.TRASH
    is_completed = bool(row["completed_at"])
    return status == Status.ALL or is_completed == (status == Status.COMPLETED)


@lru_cache(1000)
def _page(
    kind: str, status: str, text: str, ordering: str, limit: int, *sides: bool
) -> Statement:
    cursor = Cursor(ordering, Parameter("value"), Parameter("id"), *sides)
    found = scope_of_parameters(kind, status, text).select(OWNED_TASKS)
    rows = page_query(found, ordering, limit, cursor if sides else None, status)
    return statements.select(rows, TASK_FIELDS)


def scope_of_parameters(kind: str, status: str, text: str = "") -> Scope:
    return Scope(kind, status, **SCOPE_PARAMETERS, text=text)
