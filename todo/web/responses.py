"""Responses of the views that change tasks: fragments for htmx, or a redirect."""

from django.contrib import messages
from django.shortcuts import redirect, render

from todo import bulk, tasks
from todo.models.verbs import Status
from todo.statements import run_together
from todo.web.addresses import replace_parameters, return_url
from todo.web.rows import is_in_view, task_context

TASK_GONE = "This task is gone."
DONE = {
    "complete": "Completed",
    "reopen": "Active again",
    "trash": "Moved to the trash",
    "restore": "Restored",
}


def owner_of(request):
    return tasks.Owner(request.user.pk, request.session.session_key)


def run_with_counts(request, statement):
    """Run a statement; return its row (or None) and the counts, in one round trip."""
    rows, [counts] = run_together(statement, bulk.counts(owner_of(request)))
    return rows[0] if rows else None, counts


def task_response(request, row, counts, done, undo=None):
    """Show the task in its new state, unless it left the list that the request is from.

    `row` is None if the task is gone. `done` says what was done, for screen readers.
    """
    if not request.htmx:
        if not row:
            messages.error(request, TASK_GONE)
        return redirect_back(request, undo=undo if row else None)
    view = current_view(request)
    row = row and task_context(row, request.user.today)
    context = {
        "task": row if row and is_in_view(row, view) else None,
        "view": view,
        "counts": counts,
        "undo": undo if row else None,
        "announcement": f"{done}: {row['title']}" if row else TASK_GONE,
    }
    return render(request, "todo/changed.html", context)


def current_view(request):
    """Return the status of the list that the form was sent from."""
    view = request.POST.get("view")
    return view if view in Status else Status.ALL.value


def redirect_back(request, **parameters):
    """Redirect to the page that the form was on, with these query parameters."""
    return redirect(replace_parameters(return_url(request), **parameters))
