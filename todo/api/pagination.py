"""How a list is asked for a page of it; `todo.keyset` finds the page."""

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.utils.urls import replace_query_param

from aido.json import JSONResponse
from todo import statements, tasks
from todo.keyset import ORDERINGS, Cursor, as_page, page_query
from todo.models.task import FIELDS

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


class KeysetPagination(BasePagination):
    """`limit`, `ordering` and `cursor` -> `{results, next, previous}`."""

    parameters = {"limit", "ordering", "cursor"}

    def paginate_queryset(self, queryset, request, view=None):
        """The rows of a page of the queryset; of all that is open, if that is None."""
        self.request = request
        ordering, limit = self._ordering(), self._limit()
        cursor = self._cursor(ordering)
        if queryset is not None:
            rows = page_query(queryset, ordering, limit, cursor)
            statement = statements.select(rows, FIELDS)
        else:
            place = (ordering, limit, cursor)
            statement = tasks.page(request.user.pk, "open", *place)
        self.page = as_page(statement.rows(), ordering, limit, cursor)
        return self.page.rows

    def get_paginated_response(self, data):
        links = {"next": self.page.next, "previous": self.page.previous}
        links = {name: cursor and self._url(cursor) for name, cursor in links.items()}
        return JSONResponse({"results": data, **links})

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

    def _url(self, cursor):
        url = self.request.build_absolute_uri()
        return replace_query_param(url, "cursor", cursor.encode())

    def _limit(self):
        text = self.request.query_params.get("limit", str(DEFAULT_LIMIT))
        if (
            len(text) < 4
            and text.isascii()
            and text.isdecimal()
            and 1 <= int(text) <= MAX_LIMIT
        ):
            return int(text)
        _refuse("limit", f"Send a whole number from 1 to {MAX_LIMIT}.")

    def _ordering(self):
        ordering = self.request.query_params.get("ordering", ORDERINGS[0])
        if ordering not in ORDERINGS:
            _refuse("ordering", f"Send one of {', '.join(ORDERINGS)}.")
        return ordering

    def _cursor(self, ordering):
        text = self.request.query_params.get("cursor")
        if text is None:
            return None
        try:
            cursor = Cursor.decode(text)
        except ValueError:
            _refuse("cursor", "Take it from `next` or `previous` of an answer.")
        if cursor.ordering != ordering:
            _refuse("cursor", f"It belongs to the ordering {cursor.ordering}.")
        return cursor


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
