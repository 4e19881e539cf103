"""The list, and what can be done with all tasks that it shows.

Each view takes two round trips: one loads the session with its user, the other reads
or writes tasks and counts them.
"""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from todo import bulk
from todo.bulk import BulkChange
from todo.web import drafts
from todo.web.access import is_signed_in, sign_in_required, sign_in_response
from todo.web.addresses import post_only, without_undo
from todo.web.lists import (
    TaskList,
    current_list,
    decode_change,
    list_context,
    list_response,
)
from todo.web.responses import owner_of

NO_CHANGE = "Nothing was changed."


@require_safe
@gzip_page
def task_list(request, view):
    if not is_signed_in(request):
        if view == "all" and not request.htmx:
            return render(request, "todo/welcome.html")
        return sign_in_response(request)
    shown = TaskList.at(without_undo(request.get_full_path()))
    change = decode_change(request.GET.get("undo_all", ""))
    context = list_context(request, shown, change=change)
    context |= {"draft": drafts.take(request)}
    return render(request, "todo/list.html", context)


@post_only
@sign_in_required
def complete_all(request):
    """Complete the open tasks of the list, or reopen the completed ones.

    `since` is the change that completed tasks last: then only what was completed since.
    """
    if request.POST.get("completed"):
        return change_all(request, "complete")
    last = decode_change(request.POST.get("since", ""))
    return change_all(request, "reopen", last.at if last else None)


@post_only
@sign_in_required
def clear_completed(request):
    return change_all(request, "trash")


def change_all(request, verb, since=None):
    """Apply a verb to the tasks of the list, and offer to undo it."""
    shown = current_list(request)
    statuses = {shown.status, "completed"} if verb == "trash" else {shown.status}
    change = BulkChange(verb, timezone.now())
    scope = {"text": shown.query, "since": since}
    owner = owner_of(request)
    writes = [bulk.apply_to_all(owner, verb, *statuses, at=change.at, **scope)]
    if verb == "complete":
        writes.append(bulk.repeating(owner, *statuses, text=shown.query))
    return list_response(request, writes, NO_CHANGE, change)


@post_only
@sign_in_required
def undo_all(request):
    change = decode_change(request.POST.get("undo", ""))
    if not change:
        raise Http404
    return list_response(request, bulk.undo(owner_of(request), change), "Undone.")
