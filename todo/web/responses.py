"""Responses of the views that change tasks: fragments for scripts, or a redirect."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html

from aido.error_pages import text_response
from todo import completions, tasks
from todo.counts import BulkChange
from todo.statements import run_together
from todo.web import side, undo
from todo.web.addresses import replace_parameters, return_url
from todo.web.list_context import left_context, list_context
from todo.web.rows import task_context
from todo.web.side import Side
from todo.web.task_list import current_list
from todo.web.undo import address_token

TASK_GONE = "This task is gone."
NO_CHANGE = "Nothing was changed."
YEAR = 365 * 24 * 3600  # seconds


def owner_of(request):
    return tasks.Owner(request.user.pk, request.session.session_key)


def run_with_side(request, verb, key=None):
    """Run a verb; return its row and the side bar, in one round trip.

    The row is what the templates need of the task, or None. A task that repeats takes
    another round trip; then the row has the `change` that can be undone.
    """
    owner, at, today = owner_of(request), timezone.now(), request.user.today
    rows, results, repeats = completions.run(
        owner, [verb], *side.reads(owner, today), at=at, key=key
    )
    sides = Side.of(results)
    row = task_context(rows[0], today, sides.lists) if rows else None
    if repeats and row and not row["completed"]:
        row["change"] = BulkChange("complete", at)
    return row, sides


def task_response(request, pk, row, sides, done, change=None, message="", link=""):
    """Show the task in its new state, or that it left the list of the request.

    `row` is None if the task is gone. `done` says what was done, for screen readers,
    unless there is a message for everyone. `change` is what can be undone.
    """
    toast = {"message": message or ("" if row else TASK_GONE), "link": link}
    if row and change:
        toast |= undo.toast(change, 1, message or change_text(row, done))
    if not request.htmx:
        return redirect_with_toast(request, toast)
    shown = current_list(request)
    context = {
        "task": row if row and shown.scope.includes(row) else None,
        "gone": pk,
        "kind": shown.kind,
        "page_url": shown.url,
        "announcement": "" if toast["message"] else f"{done}: {row['title']}",
    }
    context |= sides.context | left_context(shown, sides) | toast
    return render(request, "todo/changed.html", context)


def change_text(row, done):
    """Say what was done with a task, or where its completion has moved it."""
    if row.get("change"):
        return f"{done}. Next: {row['due_label']}."
    return format_html("{}: <bdi>{}</bdi>", done, row["title"])


def tasks_response(request, rows, sides, message, change=None, number=0, text=""):
    """Show tasks in their new state, each unless it left the list of the request.

    A row of a task that is gone has only its id. `number` is how many tasks the change
    that can be undone has changed; `message` is shown if that is none, or else `text`.
    """
    toast = undo.toast(change, number, text) or {"message": message}
    if not request.htmx:
        return redirect_with_toast(request, toast)
    shown = current_list(request)
    context = {
        "rows": [
            row | {"is_shown": "title" in row and shown.scope.includes(row)}
            for row in rows
        ],
        "kind": shown.kind,
        "page_url": shown.url,
    }
    context |= sides.context | left_context(shown, sides) | toast
    return render(request, "todo/changed.html", context)


def side_response(request, message, change=None, link=""):
    """Show the side bar after an act on a list, or return to the page."""
    if not request.htmx:
        return redirect_with_toast(request, {"message": message, "link": link})
    shown = current_list(request)
    reads = side.reads(owner_of(request), request.user.today, change)
    sides = Side.of(run_together(*reads))
    toast = undo.toast(change, sides.counts.get("changed")) or {"message": message}
    toast["link"] = link
    context = {"kind": shown.kind, "page_url": shown.url}
    context |= sides.context | left_context(shown, sides) | toast
    return render(request, "todo/changed.html", context)


def list_response(request, writes, message, change=None, count=None, text=""):
    """Run the writes, and show the list after them, with `message` or a way to undo.

    A BulkChange counts the tasks that it changed; for other changes pass the number.
    The toast with the way to undo says `text`, or what was done.
    """
    if request.htmx:
        shown, undoable = current_list(request), {"change": change, "count": count}
        context = list_context(request, shown, *writes, **undoable, text=text)
        context.setdefault("message", message)
        return render(request, "todo/relisted.html", context)
    if writes:
        completions.run(owner_of(request), writes, at=getattr(change, "at", None))
    if not change:
        messages.success(request, message)
    return redirect_back(request, undo=change and undo.encode(change))


def redirect_with_toast(request, toast):
    """Redirect back; the page shows the message, in the toast if it can be undone."""
    token, link = toast.get("undo"), toast.get("link")
    if toast["message"]:
        show = format_html(' <a href="{}">Show</a>', link) if link else ""
        text = format_html("{}{}", toast["message"], show)
        messages.info(request, text, extra_tags=undo.TAG if token else "")
    return redirect_back(request, undo=token)


def redirect_back(request, undo=None, **parameters):
    """Redirect to the page that the form was on, with these query parameters."""
    token = address_token(request, undo)
    return redirect(replace_parameters(return_url(request), undo=token, **parameters))


def refused_response(request, reason, status):
    """Say why an act was refused; the reason is a text or a form with errors."""
    text = reason if isinstance(reason, str) else error_text(reason)
    if request.htmx:
        return text_response(text, status)
    messages.error(request, text)
    return redirect_back(request)


def error_text(form):
    return " ".join(error for errors in form.errors.values() for error in errors)


def not_saved(request, text, status):
    """Show an error, without script in the list that the form with a new task is on."""
    if request.htmx:
        return text_response(text, status)
    messages.error(request, text)
    context = list_context(request, current_list(request)) | {"draft": request.POST}
    return render(request, "todo/list.html", context, status=status)


def remember(response, name, choice):
    """Keep what was chosen in a cookie for a year."""
    path = settings.SESSION_COOKIE_PATH
    response.set_cookie(name, choice, max_age=YEAR, path=path, samesite="Lax")
