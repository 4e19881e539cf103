"""The list, and what can be done with all tasks that it shows.

Each view takes two round trips: one loads the session with its user, the other reads
or writes tasks and counts them.
"""

from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from todo import bulk
from todo.counts import BulkChange
from todo.models.status import Status
from todo.tasks import OWNED_TASKS
from todo.web import drafts, undo
from todo.web.access import is_signed_in, sign_in_required, sign_in_response
from todo.web.act_views import constraint_text
from todo.web.addresses import post_only, without_undo
from todo.web.list_context import list_context
from todo.web.responses import (
    NO_CHANGE,
    list_response,
    owner_of,
    refused_response,
    remember,
)
from todo.web.task_list import TaskList, current_list, order_cookie

CANNOT_UNDO = "This cannot be undone any more: edit the task instead."


@require_safe
@gzip_page
def task_list(request, kind, **place):
    if not is_signed_in(request):
        if kind == "all" and not request.htmx:
            return render(request, "todo/welcome.html")
        return sign_in_response(request)
    shown = TaskList.at(without_undo(request.get_full_path()), request)
    context = list_context(request, shown, **offered_undo(request))
    if context.get("view_list", shown) is None:
        raise Http404("There is no such list.")
    if context["counts"].get("changed") == 1:
        del context["change"]  # is of one task, not of "mark all"
    context |= {"draft": drafts.take(request)}
    template = "todo/print.html" if shown.is_printed else "todo/list.html"
    response = render(request, template, context)
    if request.GET.get("sort") in shown.sorts:
        remember(response, order_cookie(kind), shown.ordering)
    return response


def offered_undo(request):
    change = undo.of_address(request)
    count, text = isinstance(change, list) and len(change), undo.text_of(request)
    return {"change": change, "count": count, "text": text}


@post_only
@sign_in_required
def complete_all(request):
    """Complete the open tasks of the list, or reopen the completed ones.

    `since` is the change that completed tasks last: then only what was completed since.
    """
    found = current_list(request).scope.select(OWNED_TASKS)
    if request.POST.get("completed"):
        return change_all(request, "complete", found)
    last = undo.decode(request.POST.get("since", ""))
    if isinstance(last, BulkChange):
        found = found.filter(completed_at__gte=last.at)
    return change_all(request, "reopen", found)


@post_only
@sign_in_required
def clear_completed(request):
    scope = current_list(request).scope
    found = scope.select(OWNED_TASKS).in_status(Status.COMPLETED)
    return change_all(request, "trash", found)


def change_all(request, verb, found):
    """Apply a verb to tasks of the list, and offer to undo it."""
    change, owner = BulkChange(verb, timezone.now()), owner_of(request)
    writes = [bulk.apply_to_all(owner, verb, found, change.at)]
    if verb == "complete":
        writes.append(bulk.repeating(owner, found))
    return list_response(request, writes, NO_CHANGE, change)


@post_only
@sign_in_required
def overdue_to_today(request):
    """Set the due date of all overdue tasks to today."""
    rows = bulk.move_overdue(owner_of(request), request.user.today).rows()
    change = [(row["id"], {"due_date": row["due_date"]}) for row in rows]
    return list_response(request, [], "Nothing is overdue.", change, len(change))


@post_only
@sign_in_required
def undo_all(request):
    change = undo.decode(request.POST.get("undo", ""))
    if not change:
        raise Http404
    writes = undo.statements_of(owner_of(request), change)
    try:
        return list_response(request, writes, "Undone.")
    except IntegrityError as error:
        text = f"{constraint_text(error)} {CANNOT_UNDO}"
        return refused_response(request, text, 422)
