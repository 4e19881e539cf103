"""Making, changing, ordering and deleting lists."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from uuid_utils.compat import uuid7

from aido.error_pages import text_response
from todo import lists
from todo.constraints import constraint_error
from todo.counts import BulkChange
from todo.statements import run_together
from todo.web import drafts, undo
from todo.web.access import sign_in_required
from todo.web.addresses import post_only, replace_parameters, return_url
from todo.web.asking import ask_before
from todo.web.list_form import ListForm
from todo.web.responses import owner_of, refused_response, side_response
from todo.web.rows import uuid_or_none

EDIT_LIST = "Edit the list"
LIST_GONE = "This list is gone."
TOO_MANY = f"There can be at most {lists.MAX_LISTS} lists."
KEY_REUSED = "This form was sent before. Send it again to add another list."

show_and_send = require_http_methods(["GET", "HEAD", "POST"])


@show_and_send
@sign_in_required
def list_new(request):
    if request.method != "POST":
        form = ListForm(initial={"key": uuid7()} | drafts.take(request))
        return list_page(request, form, "New list")
    form = ListForm(request.POST)
    if form.is_valid():
        key = form.cleaned_data["key"] or uuid7()
        if row := insert(request, form, key):
            return saved_response(request, row, "Added")
    return invalid_response(request, form, "New list")


def insert(request, form, key):
    """Add the list, unless the form was sent before; return its row.

    Returns None and adds an error to the form if it cannot be added.
    """
    owner = owner_of(request)
    try:
        [row] = lists.add(owner, key, **form.values).rows()
    except IntegrityError as error:
        rows = lists.read(owner, key).rows()
        if rows and {name: rows[0][name] for name in form.values} == form.values:
            return rows[0]
        add_error(form, error, KEY_REUSED if rows else TOO_MANY)
        return None
    return row


def add_error(form, error, other):
    """Add the error of a field that the database refused, or another text."""
    field, _, message = constraint_error(error) or (None, None, other)
    form.add_error(field, message)


@show_and_send
@sign_in_required
def list_edit(request, pk):
    if request.method != "POST":
        row = read_or_404(request, pk)
        form = ListForm(initial=row | drafts.take(request))
        return list_page(request, form, EDIT_LIST)
    form = ListForm(request.POST)
    if form.is_valid():
        try:
            rows = lists.change(owner_of(request), pk, form.values).rows()
        except IntegrityError as error:
            add_error(form, error, str(error))
        else:
            if not rows:
                raise Http404(LIST_GONE)
            return saved_response(request, rows[0], "Saved")
    return invalid_response(request, form, EDIT_LIST)


def read_or_404(request, pk):
    rows = lists.read(owner_of(request), pk).rows()
    if not rows:
        raise Http404(LIST_GONE)
    return rows[0]


def list_page(request, form, title, status=200):
    context = {"form": form, "title": title, "next": return_url(request)}
    return render(request, "todo/list_form.html", context, status=status)


def invalid_response(request, form, title):
    if request.htmx:
        return refused_response(request, form, 422)
    return list_page(request, form, title)


def saved_response(request, row, done):
    url = reverse("list_list", args=[row["id"]])
    if request.htmx:
        return side_response(request, f"{done}: {row['name']}", link=url)
    return redirect(url)


def question(request, pk):
    row = read_or_404(request, pk)
    return {
        "question": f"Delete the list {row['name']}?",
        "text": "Its tasks are moved to the trash. They can be restored from there"
        " into the inbox; the list cannot.",
        "button": "Delete the list",
        "back": reverse("list_list", args=[pk]),
    }


@sign_in_required
@ask_before(question)
def list_delete(request, pk):
    """Delete a list. Undo restores its tasks, in the inbox."""
    change = BulkChange("trash", timezone.now())
    owner = owner_of(request)
    run_together(lists.delete(owner, pk, change.at))
    if request.htmx:
        return side_response(request, "The list was deleted.", change)
    messages.success(request, "The list was deleted.")
    token = undo.encode(change)
    return redirect(replace_parameters(reverse("list_inbox"), undo=token))


@post_only
@sign_in_required
def list_move(request, pk):
    """Place a list after another one, or first."""
    after = request.POST.get("after", "")
    place = uuid_or_none(after) if after else None
    if after and not place:
        return text_response(LIST_GONE, 422)
    if not lists.move(owner_of(request), pk, place).rows():
        return refused_response(request, LIST_GONE, 409)
    return side_response(request, "")
