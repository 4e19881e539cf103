"""Acts on one task or on several that are chosen, in a list.

Each view takes two round trips: one loads the session with its user, the other reads
or writes tasks and counts them. A task that repeats takes one more, and so does a list
whose positions have become long. Values and labels of several tasks are read first.
"""

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from todo import bulk, completions, order, tasks
from todo.constraints import constraint_error
from todo.counts import BulkChange
from todo.models import Task
from todo.models.status import Status
from todo.models.verbs import VERBS
from todo.statements import run_together
from todo.web import side
from todo.web.access import sign_in_required
from todo.web.addresses import post_only
from todo.web.responses import (
    NO_CHANGE,
    list_response,
    owner_of,
    refused_response,
    run_with_side,
    task_response,
    tasks_response,
)
from todo.web.rows import page_context, task_context, uuid_or_none
from todo.web.side import Side
from todo.web.undo import DONE, MAX_TASKS
from todo.web.value_form import LabelForm, PlaceForm, ValueForm
from todo.web.writes import (
    former_values,
    is_grouped,
    is_regrouped,
    run_write,
    write_response,
)

ORDER_CHANGED = "The list was changed in another window. Reload the page."
NOTHING_CHOSEN = f"Choose from 1 to {MAX_TASKS} tasks."
NO_ACTION = "There is no such action."


@post_only
@sign_in_required
def task_apply(request, pk, verb):
    """Apply a verb. `key` makes it idempotent to complete a task that repeats."""
    if verb not in VERBS:
        raise Http404
    key, owner = uuid_or_none(request.POST.get("key", "")), owner_of(request)
    row, sides = run_with_side(request, tasks.apply(owner, pk, verb, key=key), key)
    if not row and verb == "trash":  # perhaps the answer to the first request was lost
        row = trashed_row(request, owner, pk)
    change = row and change_of(row, verb)
    if row and row.get("change") and is_grouped(request, row):
        return list_response(request, [], DONE[verb], change)
    return task_response(request, pk, row, sides, DONE[verb], change)


def trashed_row(request, owner, pk):
    rows = tasks.read_many(owner, [pk]).rows()
    return task_context(rows[0], request.user.today) if rows else None


def change_of(row, verb):
    """Return what can be undone after a verb was applied to a task."""
    time = {"complete": "completed_at", "trash": "deleted_at"}.get(verb, "updated_at")
    return row.get("change") or (row[time] and BulkChange(verb, row[time]))


@post_only
@sign_in_required
def task_set(request, pk):
    """Write any of a task's values that need no form: the last one to write wins."""
    form = ValueForm(request.POST)
    if not form.is_valid():
        return refused_response(request, form, 422)
    change = tasks.change(owner_of(request), pk, form.values)
    try:
        write = run_write(request, pk, change)
    except IntegrityError as error:
        return refused_response(request, constraint_text(error), 422)
    return write_response(request, pk, write, "Saved")


@post_only
@sign_in_required
def task_move(request, pk):
    """Place a task after another one, or first; `list` names another list."""
    after, to_list = request.POST.get("after", ""), order.SAME_LIST
    if "list" in request.POST:
        to_list = uuid_or_none(request.POST["list"])
    place = after and uuid_or_none(after)
    if after and not place:
        return refused_response(request, ORDER_CHANGED, 422)
    move = order.move(owner_of(request), pk, place or None, to_list)
    try:
        write = run_write(request, pk, move)
    except IntegrityError as error:
        return refused_response(request, constraint_text(error), 422)
    if write.old and not write.new:
        return refused_response(request, ORDER_CHANGED, 409)
    return write_response(request, pk, write, "Moved")


def constraint_text(error):
    """Return what a violated constraint means. Raises the error if it is not known."""
    if violation := constraint_error(error):
        return violation[2]
    raise error


@post_only
@sign_in_required
def task_bulk(request):
    """Apply an action to the tasks with these ids; those that are gone are left out."""
    ids = [pk for text in request.POST.getlist("ids") if (pk := uuid_or_none(text))]
    if not 0 < len(ids) <= MAX_TASKS:
        return refused_response(request, NOTHING_CHOSEN, 422)
    action = request.POST.get("action")
    if action in VERBS:
        return apply_to_chosen(request, ids, action)
    form = BULK_FORMS[action](request.POST) if action in BULK_FORMS else None
    if not form or not form.is_valid() or not form.values:
        return refused_response(request, form or NO_ACTION, 422)
    return set_chosen(request, ids, action, form.values)


BULK_FORMS = {
    **{"set": ValueForm, "move": PlaceForm},
    **{"label": LabelForm, "unlabel": LabelForm},
}


def apply_to_chosen(request, ids, verb):
    owner, change = owner_of(request), BulkChange(verb, timezone.now())
    found, today = tasks.OWNED_TASKS.filter(pk__in=ids), request.user.today
    writes = [bulk.apply_to_all(owner, verb, found, change.at)]
    if verb == "complete":
        writes.append(bulk.repeating(owner, found))
    if verb == "reopen":
        writes.append(bulk.copies(owner, found))
    reads = [tasks.read_many(owner, ids), *side.reads(owner, today, change)]
    _, [rows, *rest], _ = completions.run(owner, writes, *reads, at=change.at)
    return chosen_response(request, ids, rows, Side.of(rest), DONE[verb], change)


def set_chosen(request, ids, action, values):
    owner, today = owner_of(request), request.user.today
    chosen = tasks.owned_by(owner).in_status(Status.ALL).filter(pk__in=ids)
    try:
        with transaction.atomic():
            list(chosen.order_by("pk").select_for_update().values("pk"))
            old = tasks.read_many(owner, ids).rows()
            place = {"ids": ids} if "after" in values else {}
            bulk.apply(owner, chosen, action, **values, **place)
    except Task.DoesNotExist:
        return refused_response(request, ORDER_CHANGED, 409)
    except IntegrityError as error:
        return refused_response(request, constraint_text(error), 422)
    reads = [tasks.read_many(owner, ids), *side.reads(owner, today)]
    [rows, *rest] = run_together(*reads)
    return chosen_response(request, ids, rows, Side.of(rest), "Changed", old=old)


def chosen_response(request, ids, rows, sides, done, change=None, old=()):
    """Show the tasks that were chosen; `old` are their rows before they changed."""
    today = request.user.today
    contexts = {row["id"]: row for row in page_context(rows, today, sides.lists)}
    shown = [contexts.get(pk, {"id": pk}) for pk in ids]
    number = sides.counts["changed"] if change else 0
    old = page_context(old, today)
    if old:
        change = former_values(old, contexts.values())
        number = len(change)
    if any(is_regrouped(request, row, contexts[row["id"]]) for row in old):
        return list_response(request, [], f"{done}.", change, number)
    return tasks_response(request, shown, sides, NO_CHANGE, change, number)
