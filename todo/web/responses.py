"""Responses of the views that change tasks: fragments for htmx, or a redirect."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from todo import bulk, completions, lists, tasks
from todo.bulk import BulkChange
from todo.models.verbs import Status
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


def run_with_counts(request, verb):
    """Run a verb; return its row and the counts, in one round trip.

    The row is what the templates need of the task, or None. A task that repeats takes
    another round trip; then the row has the `change` that can be undone.
    """
    owner, at = owner_of(request), timezone.now()
    rows, [[counts], all_lists], repeats = completions.run(
        owner, [verb], bulk.counts(owner), lists.read_all(owner), at=at
    )
    row = task_context(rows[0], request.user.today, all_lists) if rows else None
    if repeats and row and not row["completed"]:
        row["change"] = BulkChange("complete", at)
    return row, counts


def count_text(count):
    """Return what people read for a count that stops."""
    return f"{bulk.MAX_COUNT:,}+" if count > bulk.MAX_COUNT else f"{count:,}"


def with_texts(counts):
    """Add the text of each count, such as `open_text`."""
    return counts | {f"{name}_text": count_text(n) for name, n in counts.items()}


def task_response(request, row, counts, done, undo=None, message=""):
    """Show the task in its new state, unless it left the list that the request is from.

    `row` is None if the task is gone. `done` says what was done, for screen readers,
    unless there is a message for everyone.
    """
    message = message if row else TASK_GONE
    undo = undo if row else None
    change = row and row.get("change")
    if not request.htmx:
        if message:
            messages.info(request, message)
        undo_all = change and encode_change(change)
        return redirect_back(request, undo=undo, undo_all=undo_all)
    view = current_view(request)
    context = {
        "task": row if row and is_in_view(row, view) else None,
        "view": view,
        "counts": with_texts(counts),
        "undo": undo,
        "message": message,
        "announcement": "" if message else f"{done}: {row['title']}",
    }
    if change:
        context |= {"undo_all": encode_change(change), "change_text": moved_text(row)}
    return render(request, "todo/changed.html", context)


def moved_text(row):
    """Say where the completion of a task that repeats has moved it."""
    return f"{DONE['complete']}. Next: {row['due_label']}."


def encode_change(change):
    return f"{change.verb}-{tasks.time_version(change.at)}"


def current_view(request):
    """Return the status of the list that the form was sent from."""
    view = request.POST.get("view")
    return view if view in Status else Status.ALL.value


def redirect_back(request, **parameters):
    """Redirect to the page that the form was on, with these query parameters."""
    return redirect(replace_parameters(return_url(request), **parameters))
