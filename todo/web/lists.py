"""The list on a page. Its address says which tasks it shows, and in which order."""

from typing import NamedTuple

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import render
from django.urls import reverse
from uuid_utils.compat import uuid7

from aido.error_pages import text_response
from todo import bulk, completions, lists, statements, tasks
from todo.bulk import BulkChange
from todo.keyset import Cursor, page_query, to_page
from todo.models.task import TASK_FIELDS
from todo.models.verbs import UNDO, Status
from todo.web.addresses import page_url, replace_parameters
from todo.web.responses import (
    DONE,
    count_text,
    encode_change,
    owner_of,
    redirect_back,
    with_texts,
)
from todo.web.rows import task_context, uuid_or_none

PAGE_SIZE = 50  # tasks
MAX_QUERY = 200  # characters
MAX_VERSION = 16  # digits
ORDERS = {
    "created_at": "Oldest first",
    "-created_at": "Newest first",
    "due_date": "By due date",
    "-priority": "By priority",
}


class TaskList(NamedTuple):
    """A list of tasks in a status that match a search, from a cursor on."""

    url: str
    status: str
    query: str
    ordering: str
    cursor: Cursor | None

    @classmethod
    def at(cls, url):
        """Return the list with this address."""
        path, _, query_string = url.partition("?")
        paths = {reverse(f"list_{status}"): status.value for status in Status}
        if path not in paths:
            url = path = reverse("list_all")
        parameters = QueryDict(query_string)
        ordering = parameters.get("sort")
        ordering = ordering if ordering in ORDERS else "created_at"
        query = parameters.get("q", "").replace("\0", "").strip()[:MAX_QUERY]
        cursor = decode_cursor(parameters.get("cursor"), ordering)
        return cls(url, paths[path], query, ordering, cursor)

    @property
    def place(self):
        return self.ordering, PAGE_SIZE, self.cursor

    def page(self, owner):
        """Return the statement that reads the rows of a page."""
        if not self.query:
            return tasks.page(owner, self.status, *self.place)
        found = tasks.owned_by(owner).in_status(self.status).matching(self.query)
        return statements.select(page_query(found, *self.place), TASK_FIELDS)


def current_list(request):
    """Return the list that the request is from."""
    return TaskList.at(page_url(request))


def decode_cursor(text, ordering):
    """Return the cursor, or None if it is not one of this ordering."""
    try:
        cursor = Cursor.decode(text or "")
    except ValueError:
        return None
    return cursor if cursor.ordering == ordering else None


def list_context(request, shown, *writes, change=None):
    """Run the writes, and read what the list shows after them, in one round trip.

    Tasks that repeat take another one. `change` is a `BulkChange` that the page offers
    to undo.
    """
    owner = owner_of(request)
    reads = [
        bulk.counts(owner, change),
        shown.page(owner),
        lists.read_all(owner),
    ]
    _, [[counts], rows, all_lists], _ = completions.run(
        owner, writes, *reads, at=change and change.at
    )
    page, today = to_page(rows, *shown.place), request.user.today
    more = page.next and page.next.encode()
    return {
        "page_url": shown.url,
        "path": shown.url.partition("?")[0],
        "view": shown.status,
        "title": Status(shown.status).label,
        "statuses": Status,
        "sort": shown.ordering,
        "sorts": ORDERS,
        "query": shown.query,
        "counts": with_texts(counts),
        "tasks": [task_context(row, today, all_lists) for row in page.rows],
        "all_completed": is_all_completed(shown, page, counts),
        "more": more,
        "more_url": replace_parameters(shown.url, cursor=more),
        "key": uuid7(),
        "undo": uuid_or_none(request.GET.get("undo", "")),
    } | change_context(change, counts)


def list_response(request, writes, message, change=None):
    """Run the writes, and show the list after them, with `message` or a way to undo."""
    shown = current_list(request)
    if request.htmx:
        context = list_context(request, shown, *writes, change=change)
        context["message"] = message
        return render(request, "todo/relisted.html", context)
    completions.run(owner_of(request), writes, at=change and change.at)
    if not change:
        messages.success(request, message)
    return redirect_back(request, undo_all=change and encode_change(change))


def not_saved(request, text, status):
    """Show an error, without script in the list that the form with a new task is on."""
    if request.htmx:
        return text_response(text, status)
    messages.error(request, text)
    context = list_context(request, current_list(request)) | {"draft": request.POST}
    return render(request, "todo/list.html", context, status=status)


def is_all_completed(shown, page, counts):
    """Return whether the list has tasks and, as far as is known, no open ones."""
    if shown.status == "completed" or not page.rows:
        return bool(page.rows)
    is_whole = not page.next and not page.previous
    has_open = any(row["completed_at"] is None for row in page.rows)
    return not counts["open"] or (is_whole and not has_open)


def change_context(change, counts):
    """Return what the templates need to offer to undo a change."""
    changed = counts.get("changed")
    if not changed:
        return {}
    number = count_text(changed)
    text = f"{DONE[change.verb]}: {number} task{'' if changed == 1 else 's'}."
    return {"undo_all": encode_change(change), "change": change, "change_text": text}


def decode_change(text):
    """Return the change that `encode_change` encoded, or None if it is not valid."""
    verb, _, version = text.partition("-")
    if verb in UNDO and version.isdecimal() and len(version) <= MAX_VERSION:
        return BulkChange(verb, tasks.version_time(int(version)))
    return None
