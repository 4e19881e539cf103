"""Keyset pagination: a page starts after the last row of the page before; no OFFSET.

Every page costs the same, however deep, and no row is shown twice or skipped while
other rows are added or removed.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db.models import DateTimeField, F, Func, QuerySet, TextField, Value
from django.db.models.fields import tuple_lookups
from django.db.models.functions import Coalesce, Lower

from todo.models.status import Status
from todo.models.task import Task
from todo.models.task_expressions import DUE_DATE_OR_MAX
from todo.statements import Row

LATEST = datetime.max.replace(tzinfo=UTC)
POSITION = re.compile(r"-?[0-9]{1,20}(\.[0-9]+)?")


class SortKey(NamedTuple):
    """What a list is sorted by (ids break ties), and how to parse a cursor's value.

    `null` is the value of the expression for rows without one: they sort last.
    """

    expression: F | Func
    parse: Callable[[Any], Any]
    null: Any = None


def _parse_time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("no offset from UTC")
    return time.astimezone(UTC)


def _parse_title(text: str) -> str:
    if not isinstance(text, str) or "\0" in text:
        raise ValueError("no text that PostgreSQL can compare")
    return text


def _parse_position(text: str) -> Decimal:
    if not POSITION.fullmatch(text):
        raise ValueError("no decimal number")
    return Decimal(text)


SORT_KEYS = {
    "created_at": SortKey(F("created_at"), _parse_time),
    "updated_at": SortKey(F("updated_at"), _parse_time),
    "due_date": SortKey(DUE_DATE_OR_MAX, date.fromisoformat, date.max),
    "priority": SortKey(F("priority"), lambda number: Task.Priority(number).value),
    "position": SortKey(F("position"), _parse_position),
    "title": SortKey(Lower("title"), _parse_title),
    "completed_at": SortKey(
        Coalesce("completed_at", Value(LATEST, DateTimeField())), _parse_time, LATEST
    ),
}
ORDERINGS = [sign + name for name in SORT_KEYS for sign in ("-", "")]
LOOKUPS = {  # (ascending, inclusive)
    (True, False): tuple_lookups.TupleGreaterThan,
    (True, True): tuple_lookups.TupleGreaterThanOrEqual,
    (False, False): tuple_lookups.TupleLessThan,
    (False, True): tuple_lookups.TupleLessThanOrEqual,
}


class Cursor(NamedTuple):
    """A position in an ordered list: after the row with this value and id.

    `backwards` reads the rows before it instead; `inclusive` includes that row.
    """

    ordering: str
    value: Any
    id: Any
    backwards: bool = False
    inclusive: bool = False

    @classmethod
    def at(cls, row: Row, ordering: str, backwards: bool = False) -> "Cursor":
        name = ordering.removeprefix("-")
        value = SORT_KEYS[name].null if row[name] is None else row[name]
        return cls(ordering, value, row["id"], backwards)

    def encode(self) -> str:
        text = orjson.dumps(list(self), default=str)  # a Decimal is encoded as text
        return urlsafe_b64encode(text).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Parse an encoded cursor. Raises ValueError."""
        try:
            padded = text + "=" * (-len(text) % 4)
            ordering, value, key, *sides = orjson.loads(urlsafe_b64decode(padded))
            parse = SORT_KEYS[ordering.removeprefix("-")].parse
            backwards, inclusive = map(bool, sides)
            return cls(ordering, parse(value), UUID(key), backwards, inclusive)
        except (TypeError, LookupError, AttributeError, ArithmeticError) as error:
            raise ValueError from error

    def mirrored(self) -> "Cursor":
        """Return the cursor of the rows on the other side of this position."""
        return self._replace(backwards=not self.backwards, inclusive=not self.inclusive)


class Page(NamedTuple):
    """The rows of a page, and the cursors of the next and previous page, if any."""

    rows: list[Row]
    next: Cursor | None
    previous: Cursor | None


def page_query(
    queryset: QuerySet,
    ordering: str,
    limit: int,
    cursor: Cursor | None = None,
    status: str | None = None,
) -> QuerySet:
    """Select the rows of a page, and one more that shows whether others follow.

    Pass the status that all rows have, if they have one.
    """
    name = ordering.removeprefix("-")
    expression: Any = SORT_KEYS[name].expression
    if (name, status) == ("completed_at", Status.COMPLETED):
        expression = F("completed_at")  # is never null, and has an index
    return _sorted_from(queryset, expression, ordering, cursor)[: limit + 1]


def to_page(
    rows: list[Row], ordering: str, limit: int, cursor: Cursor | None = None
) -> Page:
    """Return the page of the rows that `page_query` selects."""
    backwards = bool(cursor and cursor.backwards)
    has_more = len(rows) > limit
    rows = rows[limit - 1 :: -1] if backwards else rows[:limit]
    if not rows:
        return _empty_page(cursor)
    has_next = backwards or has_more
    has_previous = has_more if backwards else cursor
    return Page(
        rows,
        Cursor.at(rows[-1], ordering) if has_next else None,
        Cursor.at(rows[0], ordering, backwards=True) if has_previous else None,
    )


def _empty_page(cursor: Cursor | None) -> Page:
    """Return a page without rows, with a link back to where its cursor came from."""
    back = cursor and cursor.mirrored()
    if cursor and cursor.backwards:
        return Page([], back, None)
    return Page([], None, back)


def _sorted_from(
    queryset: QuerySet, expression: Any, ordering: str, cursor: Cursor | None
) -> QuerySet:
    """Sort the queryset, starting at the cursor and in its direction."""
    backwards = bool(cursor and cursor.backwards)
    ascending = ordering.startswith("-") == backwards
    keys = (expression, F("id"))
    if cursor:
        lookup = LOOKUPS[ascending, cursor.inclusive]
        queryset = queryset.filter(lookup(tuple_lookups.Tuple(*keys), _place(cursor)))
    return queryset.order_by(*(k.asc() if ascending else k.desc() for k in keys))


def _place(cursor: Cursor) -> tuple[Any, Any]:
    """Return the values to compare with. Only PostgreSQL knows its lower case."""
    if cursor.ordering.removeprefix("-") != "title":
        return cursor.value, cursor.id
    is_text = isinstance(cursor.value, str)
    title = Value(cursor.value) if is_text else cursor.value
    return Lower(title, output_field=TextField()), cursor.id
