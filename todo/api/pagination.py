"""Pages of a list by what stood last on the one before, not by counting from the top.

The deepest page costs what the first costs, and no row is seen twice or left out when
others come and go in between.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from typing import NamedTuple

import orjson
from django.core.exceptions import ValidationError as InvalidValue
from django.db import models
from django.db.models import F
from django.db.models.fields import tuple_lookups
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from todo.models import DUE

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
ORDERS = {  # what a list is ordered by; ids part what is equal
    "created_at": (F("created_at"), models.DateTimeField()),
    "due_date": (DUE, models.DateField()),
    "priority": (F("priority"), models.SmallIntegerField()),
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
            _, field = ORDERS[ordering.removeprefix("-")]
            value, key = field.to_python(value), models.UUIDField().to_python(key)
            backwards, inclusive = map(bool, sides)
        except (
            *(ValueError, TypeError, LookupError, AttributeError),
            *(ArithmeticError, InvalidValue),
        ) as error:
            raise ValueError from error
        if value is None or key is None or _is_naive(value):
            raise ValueError
        return cls(ordering, value, key, backwards, inclusive)

    def mirrored(self):
        return self._replace(backwards=not self.backwards, inclusive=not self.inclusive)


class KeysetPagination(BasePagination):
    """`limit`, `ordering` and `cursor` -> `{results, next, previous}`."""

    parameters = {"limit", "ordering", "cursor"}

    def paginate_queryset(self, queryset, request, view=None):
        self.request = request
        limit = self._limit()
        self.ordering = self._ordering()
        self.cursor = self._cursor()
        self.backwards = bool(self.cursor) and self.cursor.backwards
        rows = list(self._placed(queryset)[: limit + 1])
        self.has_more = len(rows) > limit
        self.rows = rows[limit - 1 :: -1] if self.backwards else rows[:limit]
        return self.rows

    def get_paginated_response(self, data):
        following, preceding = (
            cursor and self._url(cursor) for cursor in self._neighbours()
        )
        return Response({"results": data, "next": following, "previous": preceding})

    def get_schema_operation_parameters(self, view):
        return [
            _parameter("limit", "How many tasks on a page.", LIMIT_SCHEMA, 20),
            _parameter("ordering", ORDERING_HELP, ORDERING_SCHEMA, "due_date"),
            _parameter("cursor", CURSOR_HELP, {"type": "string", "maxLength": 500}),
        ]

    def get_paginated_response_schema(self, schema):
        link = {
            "type": ["string", "null"],
            "format": "uri",
            "maxLength": 2000,
            "example": "https://todo.example.com/api/v1/tasks?cursor=WyItY3JlYXRlZF9hdCIs",
        }
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }

    def _placed(self, queryset):
        """The queryset in order, from the cursor on, in the cursor's direction."""
        expression, _ = ORDERS[self.ordering.removeprefix("-")]
        ascending = self.ordering.startswith("-") == self.backwards
        if self.cursor:
            lookup = LOOKUPS[ascending, self.cursor.inclusive]
            place = (self.cursor.value, self.cursor.id)
            queryset = queryset.filter(
                lookup(tuple_lookups.Tuple(expression, F("id")), place)
            )
        keys = (expression, F("id"))
        return queryset.order_by(
            *(key.asc() if ascending else key.desc() for key in keys)
        )

    def _neighbours(self):
        """The cursors of the pages after and before this one, if there are such."""
        if not self.rows:
            other = self.cursor and self.cursor.mirrored()
            return (other, None) if self.backwards else (None, other)
        after = self.backwards or self.has_more
        before = self.has_more if self.backwards else self.cursor
        last, first = self.rows[-1], self.rows[0]
        return (
            Cursor.at(last, self.ordering) if after else None,
            Cursor.at(first, self.ordering, backwards=True) if before else None,
        )

    def _url(self, cursor):
        url = self.request.build_absolute_uri()
        return replace_query_param(url, "cursor", cursor.encode())

    def _limit(self):
        text = self.request.query_params.get("limit", str(DEFAULT_LIMIT))
        if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MAX_LIMIT:
            return int(text)
        _refuse("limit", f"Send a whole number from 1 to {MAX_LIMIT}.")

    def _ordering(self):
        ordering = self.request.query_params.get("ordering", ORDERINGS[0])
        if ordering not in ORDERINGS:
            _refuse("ordering", f"Send one of {', '.join(ORDERINGS)}.")
        return ordering

    def _cursor(self):
        text = self.request.query_params.get("cursor")
        if text is None:
            return None
        try:
            cursor = Cursor.decode(text)
        except ValueError:
            _refuse("cursor", "Take it from `next` or `previous` of an answer.")
        if cursor.ordering != self.ordering:
            _refuse("cursor", f"It belongs to the ordering {cursor.ordering}.")
        return cursor


def _is_naive(value):
    return isinstance(value, datetime) and value.tzinfo is None


LIMIT_SCHEMA = {
    "type": "integer",
    "minimum": 1,
    "maximum": MAX_LIMIT,
    "default": DEFAULT_LIMIT,
}
ORDERING_SCHEMA = {"type": "string", "enum": ORDERINGS, "default": ORDERINGS[0]}
ORDERING_HELP = "`-` turns it round. Tasks without a due date stand after all others."
CURSOR_HELP = "From `next` or `previous` of an answer, which are whole URLs."


def _parameter(name, description, schema, example=None):
    parameter = {"in": "query", "name": name, "description": description}
    if example is not None:
        parameter["example"] = example
    return parameter | {"schema": schema}


def _refuse(name, message):
    raise ValidationError({name: [ErrorDetail(message, "invalid")]})
