"""Adding tasks: one, or one for each line of a text. Words in it set other values."""

import re
from uuid import uuid5

from django.db import IntegrityError
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from uuid_utils.compat import uuid7

from todo import quick, tasks
from todo.constraints import constraint_error
from todo.fields import MAX_TEXT, MAX_TITLE
from todo.models.task import MAX_LABELS
from todo.statements import run_together
from todo.web import side, undo
from todo.web.access import sign_in_required
from todo.web.addresses import post_only
from todo.web.chips import chips
from todo.web.responses import (
    list_response,
    not_saved,
    owner_of,
    run_with_side,
    task_response,
    tasks_response,
)
from todo.web.rows import summary, task_context, uuid_or_none
from todo.web.side import Side
from todo.web.task_forms import NewTaskForm
from todo.web.task_list import current_list
from todo.web.writes import is_grouped

MAX_LINES = 100
BULLET = re.compile(r"(?:[-*+•–]|[0-9]{1,3}[.)])\s+(?:\[[ xX]?\]\s+)?|\[[ xX]?\]\s+")
KEY_REUSED = (
    "This form was sent before, for another task. Send it again to add this one."
)
MAX_PLAIN = 20  # parts of a text that are not to be understood


class Refused(Exception):
    """Why a text cannot be added, and the status of the response."""


@post_only
@sign_in_required
def task_add(request):
    key = uuid_or_none(request.POST.get("key", "")) or uuid7()
    try:
        values, understood = read_values(request, request.POST.get("title", ""))
        row, sides = insert(request, key, values)
    except Refused as error:
        return not_saved(request, *error.args)
    is_hidden = not is_listed(request, row)
    message = "Added." if is_hidden or not request.htmx else ""
    if understood or is_hidden:
        message = f"Added{place_text(row, is_hidden)}."
    link = list_of(row) if is_hidden or not request.htmx else ""
    change = undo.added([row])
    if needs_heading(request, row, sides.counts):
        return list_response(request, [], "", change, 1, message)
    return task_response(request, key, row, sides, "Added", change, message, link)


def read_values(request, text, lists=None):
    """Return the values of a task from its text, and those of the view it is added in.

    Raises Refused.
    """
    form = NewTaskForm({**request.POST.dict(), "title": text})
    if not form.is_valid():
        [error, *_] = next(iter(form.errors.values()))
        raise Refused(error, 422)
    values, understood = quick.read_text(
        owner_of(request),
        form.cleaned_data["title"],
        request.user.time_zone,
        lists,
        request.POST.getlist("plain")[:MAX_PLAIN],
    )
    if (length := len(values["title"])) > MAX_TITLE:
        raise Refused(
            f"A title has at most {MAX_TITLE} characters. This one has {length}.", 422
        )
    return with_view(values, form.cleaned_data), understood


def with_view(values, view):
    """Add the values of the view, unless the words say otherwise."""
    defaults = {name: view[name] for name in ("due_date", "list") if view[name]}
    values = defaults | {name: value for name, value in values.items() if value}
    labels = values.get("labels", [])
    label = view["label"]
    if label and label.lower() not in [each.lower() for each in labels]:
        values["labels"] = [*labels, label][-MAX_LABELS:]
    return values


def insert(request, key, values):
    """Add a task; return its row and the side bar. Raises Refused."""
    owner = owner_of(request)
    try:
        return run_with_side(request, tasks.add(owner, key, **values))
    except IntegrityError as error:
        if refused := constraint_error(error):
            raise Refused(refused[2], 409) from None
    # The same form was sent twice.
    row, sides = run_with_side(request, tasks.read(owner, key))
    if not row or row["title"] != values["title"]:
        raise Refused(KEY_REUSED, 409)
    return row, sides


def is_listed(request, row):
    return current_list(request).scope.includes(row)


def needs_heading(request, row, counts):
    """Return whether the row cannot simply be put at the end of the list."""
    if not is_grouped(request, row):
        return False
    has_today = counts["today"] > counts["overdue"] + 1  # and not this task alone
    is_last = current_list(request).kind == "today" and has_today
    return not is_last or row["due_date"] < request.user.today


def place_text(row, is_hidden):
    """Say what the words of a new task set and, if it is out of sight, where it is."""
    parts = [summary(row)]
    if is_hidden and not row["in_list"]:
        parts.append("in the inbox")
    return "".join(f", {part}" for part in parts if part)


def list_of(row):
    """Return the address of the list that has the task."""
    if row["list"]:
        return reverse("list_list", args=[row["list"]])
    return reverse("list_inbox")


@post_only
@sign_in_required
def task_paste(request):
    """Add a task for each line. `key` may be repeated, for one line after the other."""
    lines = read_lines(request.POST.get("text", ""))
    try:
        if not 0 < len(lines) <= MAX_LINES:
            raise Refused(f"Paste from 1 to {MAX_LINES} lines.", 422)
        added = insert_all(request, keys_of(request, len(lines)), lines)
    except Refused as error:
        return not_saved(request, *error.args)
    rows, sides = added
    number = f"{len(rows)} task{'' if len(rows) == 1 else 's'}"
    change, text = undo.added(rows), f"Added {number}."
    return tasks_response(request, rows, sides, "", change, len(rows), text)


def read_lines(text):
    """Return the lines that have text, without the bullets of a list."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in (BULLET.sub("", line, 1) for line in lines) if line]


def keys_of(request, number):
    """Return the ids of the tasks; those that were not sent follow from the first."""
    sent = [uuid_or_none(key) for key in request.POST.getlist("key")[:number]]
    keys = [key for key in sent if key] or [uuid7()]
    return [*keys, *(uuid5(keys[0], f"{n}") for n in range(len(keys), number))]


def insert_all(request, keys, lines):
    """Add the tasks that do not exist; return all rows, and the side bar."""
    owner, today = owner_of(request), request.user.today
    lists = quick.read_all(owner).rows() if any("@" in line for line in lines) else []
    values = [read_line(request, *line, lists) for line in enumerate(lines, 1)]
    new = dict(zip(keys, values, strict=True))
    existing = tasks.read_many(owner, keys)
    reads = [existing, *side.reads(owner, today)]
    try:
        adds = [tasks.add(owner, key, **new[key]) for key in keys]
        [*_, rows, counts, lists, labels] = run_together(*adds, *reads)
    except IntegrityError as error:
        if refused := constraint_error(error):
            raise Refused(refused[2], 409) from None
        rows = existing.rows()
        found = {row["id"] for row in rows}
        if not found or any(row["title"] != new[row["id"]]["title"] for row in rows):
            raise Refused(KEY_REUSED, 409) from None
        adds = [tasks.add(owner, key, **new[key]) for key in keys if key not in found]
        [*_, rows, counts, lists, labels] = run_together(*adds, *reads)
    by_id = {row["id"]: row for row in rows}
    sides = Side.of([counts, lists, labels])
    return [task_context(by_id[key], today, sides.lists) for key in keys], sides


def read_line(request, number, line, lists):
    try:
        return read_values(request, line, lists)[0]
    except Refused as error:
        text, status = error.args
        raise Refused(f"Line {number}: {text}", status) from None


@require_safe
@sign_in_required
def task_understand(request):
    """Show what the parts of a text would be taken for, as chips."""
    parts = []
    if (title := request.GET.get("title", "").strip()) and "\0" not in title:
        plain = request.GET.getlist("plain")[:MAX_PLAIN]
        title = title[:MAX_TEXT]
        task = quick.read_text(
            owner_of(request), title, request.user.time_zone, plain=plain
        )
        parts = chips(task, request.user.today)
    return render(request, "todo/chips.html", {"chips": parts})
