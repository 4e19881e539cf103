"""Pages of tasks by what stood last on the one before, not by counting from the top.

The deepest page costs what the first costs, and no row is seen twice or left out when
others come and go in between.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db.models import F
from django.db.models.fields import tuple_lookups

from todo.models.task import DUE, Task

ORDERS = {  # what a list is ordered by; ids part what is equal
    "created_at": (F("created_at"), lambda text: as_utc(datetime.fromisoformat(text))),
    "due_date": (DUE, date.fromisoformat),
    "priority": (F("priority"), lambda number: Task.Priority(number).value),
}
ORDERINGS = [sign + name for name in ORDERS for sign in ("-", "")]
LOOKUPS = {  # by whether it is greater, and whether equal too
    (True, False): tuple_lookups.TupleGreaterThan,
    (True, True): tuple_lookups.TupleGreaterThanOrEqual,
    (False, False): tuple_lookups.TupleLessThan,
    (False, True): tuple_lookups.TupleLessThanOrEqual,
}


class Cursor(NamedTuple):
    """A place in a list: next to the row of this value and id, or with it."""

    ordering: str
    value: object
    id: object
    backwards: bool = False
    inclusive: bool = False

    @classmethod
    def at(cls, row, ordering, **options):
        value = row[ordering.removeprefix("-")]
        return cls(ordering, date.max if value is None else value, row["id"], **options)

    def encode(self):
        return urlsafe_b64encode(orjson.dumps(list(self))).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text):
        """Raises ValueError for what no page has answered."""
        try:
            padded = text + "=" * (-len(text) % 4)
            ordering, value, key, *sides = orjson.loads(urlsafe_b64decode(padded))
            _, parse = ORDERS[ordering.removeprefix("-")]
            value, key = parse(value), UUID(key)
            backwards, inclusive = map(bool, sides)
        except (TypeError, LookupError, AttributeError, ArithmeticError) as error:
            raise ValueError from error
        return cls(ordering, value, key, backwards, inclusive)

    def mirrored(self):
        return self._replace(backwards=not self.backwards, inclusive=not self.inclusive)


class Page(NamedTuple):
    """Rows, and the cursors of the pages after and before, if there are such."""

    rows: list
    next: Cursor | None
    previous: Cursor | None


def page_query(queryset, ordering, limit, cursor=None):
    """The rows of a page, and one more, which tells whether another page follows."""
    return _placed(queryset, ordering, cursor)[: limit + 1]


def as_page(rows, ordering, limit, cursor=None):
    """The page of the rows that `page_query` finds."""
    backwards = bool(cursor) and cursor.backwards
    has_more = len(rows) > limit
    rows = rows[limit - 1 :: -1] if backwards else rows[:limit]
    if not rows:
        other = cursor and cursor.mirrored()
        return Page(rows, *((other, None) if backwards else (None, other)))
    has_next = backwards or has_more
    has_previous = has_more if backwards else cursor
    return Page(
        rows,
        Cursor.at(rows[-1], ordering) if has_next else None,
        Cursor.at(rows[0], ordering, backwards=True) if has_previous else None,
    )


def _placed(queryset, ordering, cursor):
    """The queryset in order, from the cursor on, in the cursor's direction."""
    expression, _ = ORDERS[ordering.removeprefix("-")]
    backwards = bool(cursor) and cursor.backwards
    ascending = ordering.startswith("-") == backwards
    keys = (expression, F("id"))
    if cursor:
        lookup = LOOKUPS[ascending, cursor.inclusive]
        place = (cursor.value, cursor.id)
        queryset = queryset.filter(lookup(tuple_lookups.Tuple(*keys), place))
    return queryset.order_by(*(k.asc() if ascending else k.desc() for k in keys))


def as_utc(moment):
    if moment.tzinfo is None:
        raise ValueError("no offset from UTC")
    return moment.astimezone(UTC)
