"""The list on a page. Its address says which tasks it shows, and in which order."""

from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from todo.keyset import Cursor
from todo.models.status import Status
from todo.models.task_expressions import INBOX
from todo.scopes import Scope
from todo.web.addresses import find_route, page_url, replace_parameters

PAGE_SIZE = 50  # tasks
PRINT_SIZE = 1_000  # tasks
MAX_QUERY = 200  # characters
ORDERS = {
    "position": "By hand",
    "created_at": "Oldest first",
    "-created_at": "Newest first",
    "due_date": "By due date",
    "-priority": "By priority",
    "title": "By title",
}
DEFAULT_ORDERS = {"inbox": "position", "list": "position", "today": "due_date"}
FILTERS = [Status.ALL, Status.OPEN, Status.COMPLETED]
FOLDED_KINDS = {"inbox", "today", "list", "label"}  # have `?status=completed`
KINDS = [*Status.values, "inbox", "today", "upcoming", "list", "label"]


class TaskList(NamedTuple):
    """A list of tasks in a scope, sorted, from a cursor on."""

    url: str
    scope: Scope
    ordering: str
    cursor: Cursor | None
    is_printed: bool

    @classmethod
    def at(cls, url, request):
        """Return the list with this address, or that of all tasks."""
        path, _, query_string = url.partition("?")
        kind, place = kind_and_place(path)
        if not kind:
            kind, url = "all", reverse("list_all")
        parameters = QueryDict(query_string)
        status = status_of(kind, parameters.get("status"))
        ordering = ordering_of(kind, status, parameters.get("sort"), request)
        cursor = decode_cursor(parameters.get("cursor"), ordering)
        scope = make_scope(request.user, kind, status, parameters.get("q", ""), **place)
        return cls(url, scope, ordering, cursor, "print" in parameters)

    @property
    def kind(self):
        return self.scope.kind

    @property
    def status(self):
        return self.scope.status

    @property
    def path(self):
        return self.url.partition("?")[0]

    @property
    def sorts(self):
        """The orders that can be chosen, by name."""
        return sorts_of(self.kind, self.status)

    @property
    def grouped_by(self):
        """The field that the tasks are grouped by, or None."""
        if self.status == Status.COMPLETED:
            return "completed_at"
        is_grouped = self.kind == "upcoming" or (
            self.kind == "today" and self.ordering == "due_date"
        )
        return "due_date" if is_grouped else None

    @property
    def place(self):
        return self.ordering, PRINT_SIZE if self.is_printed else PAGE_SIZE, self.cursor

    def page(self, owner):
        """Return the statement that reads the rows of a page."""
        return self.scope.page(owner, *self.place)

    def link(self, **parameters):
        """Return the address of the list from its start, with other parameters."""
        cleared = {"cursor": None, "print": None}
        return replace_parameters(self.url, **cleared | parameters)


def current_list(request):
    """Return the list that the request is from."""
    return TaskList.at(page_url(request), request)


def kind_and_place(path):
    """Return the kind of the view with this path and its other arguments, or None."""
    if not (match := find_route(path)):
        return None, {}
    place = dict(match.kwargs)
    kind = place.pop("kind", None)
    return kind, place if kind else {}


def status_of(kind, parameter):
    if kind in Status:
        return kind
    is_folded = kind in FOLDED_KINDS and parameter == Status.COMPLETED
    return Status.COMPLETED.value if is_folded else Status.OPEN.value


def sorts_of(kind, status):
    if status == Status.COMPLETED or kind == "upcoming":
        return {}
    if DEFAULT_ORDERS.get(kind) == "position":
        return ORDERS
    return {name: label for name, label in ORDERS.items() if name != "position"}


def ordering_of(kind, status, parameter, request):
    """Return the order of the parameter, or the one that the browser remembers."""
    sorts = sorts_of(kind, status)
    if not sorts:
        return "due_date" if kind == "upcoming" else "-completed_at"
    wishes = [parameter, request.COOKIES.get(order_cookie(kind))]
    default = DEFAULT_ORDERS.get(kind, "created_at")
    return next((wish for wish in wishes if wish in sorts), default)


def order_cookie(kind):
    return f"order-{kind}"


def make_scope(user, kind, status, query, list_id=INBOX, label=None):
    today = user.today
    return Scope(
        kind,
        status,
        today,
        datetime.combine(today, time(), ZoneInfo(user.time_zone)),
        list_id,
        (label or "").lower(),
        query.replace("\0", "").strip()[:MAX_QUERY],
    )


def decode_cursor(text, ordering):
    """Return the cursor, or None if it is not one of this ordering."""
    try:
        cursor = Cursor.decode(text or "")
    except ValueError:
        return None
    return cursor if cursor.ordering == ordering else None
