"""Deleting tasks permanently."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from todo import tasks, trash
from todo.statements import run_together
from todo.web import side
from todo.web.access import sign_in_required
from todo.web.asking import ask_before
from todo.web.responses import list_response, owner_of, task_response
from todo.web.side import Side

DELETED = "Deleted permanently."


def question_about_task(request, pk):
    rows = [row for row in tasks.read_many(owner_of(request), [pk]).rows()]
    if not rows or not rows[0]["deleted_at"]:
        raise Http404("This task is gone.")
    return {
        "question": "Delete this task permanently?",
        "text": rows[0]["title"],
        "button": "Delete permanently",
        "back": reverse("list_trash"),
    }


@sign_in_required
@ask_before(question_about_task)
def task_delete(request, pk):
    """Delete a task that is in the trash."""
    owner, today = owner_of(request), request.user.today
    delete = trash.delete(owner, pk)
    [[row], *results] = run_together(delete, *side.reads(owner, today))
    message = DELETED if row["number"] else "This task is gone."
    if request.htmx:
        sides = Side.of(results)
        return task_response(request, pk, None, sides, "", message=message)
    messages.success(request, message)
    return redirect("list_trash")


def question_about_trash(request):
    return {
        "question": "Empty the trash?",
        "text": "All tasks in it are deleted permanently.",
        "button": "Empty the trash",
        "back": reverse("list_trash"),
    }


@sign_in_required
@ask_before(question_about_trash)
def trash_empty(request):
    number = trash.empty(owner_of(request))
    message = f"{number:,} task{'' if number == 1 else 's'} deleted permanently."
    if request.htmx:
        return list_response(request, [], message)
    messages.success(request, message)
    return redirect("list_trash")
