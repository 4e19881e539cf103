"""Editing one task, in the list or on a page of its own.

Each view takes two round trips: one loads the session with its user, the other reads
or writes tasks. To tick a box takes three, because it reads before it writes.
"""

from datetime import time

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.vary import vary_on_headers

from aido.error_pages import text_response
from todo import checklists, lists, tasks
from todo.constraints import constraint_error
from todo.statements import run_together
from todo.web import drafts, markdown
from todo.web.access import sign_in_required
from todo.web.act_views import task_apply
from todo.web.addresses import post_only, replace_parameters, return_url
from todo.web.responses import TASK_GONE, error_text, owner_of
from todo.web.rows import task_context
from todo.web.task_forms import TaskForm, TickForm, TitleForm
from todo.web.task_list import kind_and_place
from todo.web.writes import run_write, write_response

CONFLICT = (
    "This task was changed in another window. Its title is now “%s”."
    " Save again to replace it with yours."
)
LINE_CHANGED = (
    "This checklist was changed in another window. Here it is as it is now:"
    " tick again what is still to be ticked."
)
MAX_TICKS = 5  # attempts, while other requests change the same task


@vary_on_headers("HX-Request")
@sign_in_required
def task_edit(request, pk):
    """The form with all fields: on a page of its own, or inside its row.

    Without script, a box of the checklist is ticked by a button of this form.
    """
    if request.method != "POST":
        row, all_lists = read_or_404(request, pk)
        return edit_form(request, row, all_lists, new_form(row, drafts.take(request)))
    form = TaskForm(request.POST, auto_id=f"edit-{pk}-%s")
    row, all_lists = None, []
    if form.is_valid():
        write = save_or_add_error(request, pk, form)
        if write and write.new and "tick" in request.POST:
            return redirect_to_form(request, pk)
        if write and write.new:
            return write_response(request, pk, write, "Saved")
        if write and write.old:
            row, all_lists = write.old, write.sides.lists
            add_conflict(form, row)
    if not row:
        row, all_lists = read(request, pk)
    if not row:
        return gone_response(request, pk, form)
    return edit_form(request, row, all_lists, form)


def redirect_to_form(request, pk):
    """Show the form again after a box was ticked."""
    messages.success(request, "Saved.")
    page = reverse("task_edit", args=[pk])
    return redirect(replace_parameters(page, next=return_url(request)))


def add_conflict(form, row):
    """Say that the task was changed; saving the form again replaces that."""
    form.add_error(None, CONFLICT % row["title"])
    form.data = form.data.copy()
    form.data["version"] = row["version"]


def new_form(row, draft=None):
    draft = draft or {}
    if "repeat" in draft:  # a browser does not send a box that is not checked
        draft = {"repeat_after_completion": False} | draft
    return TaskForm(initial=row | draft, auto_id=f"edit-{row['id']}-%s")


@post_only
@sign_in_required
def task_rename(request, pk):
    """The edit box in the list. An empty title moves the task to the trash."""
    if not request.POST.get("title", "").strip():
        return task_apply(request, pk, "trash")
    form = TitleForm(request.POST)
    if not form.is_valid():
        return text_response(error_text(form), 422)
    write = save_task(request, pk, form)
    if write.new:
        return write_response(request, pk, write, "Saved")
    if not write.old:
        return text_response(TASK_GONE, 404)
    text, version = CONFLICT % write.old["title"], write.old["version"]
    return text_response(text, 409, version=version)


def save_or_add_error(request, pk, form):
    """Save the task, or add an error if the database refuses a value of the form."""
    try:
        return save_task(request, pk, form)
    except IntegrityError as error:
        refused = constraint_error(error)
        if not refused:
            raise
        field, _, message = refused
        form.add_error(field, message)
        return None


def save_task(request, pk, form):
    """Write the form's values, if the task still has the version of the form.

    A task of another version that has these values already counts as written: the form
    was sent again.
    """
    version = tasks.version_time(form.cleaned_data["version"])
    change = tasks.change(owner_of(request), pk, form.values, version)
    write = run_write(request, pk, change)
    if not write.new and write.old and has_values(write.old, form.values):
        write = write._replace(new=write.old)
    return write


def has_values(row, values):
    return all(row[name] == comparable(value) for name, value in values.items())


def comparable(value):
    return value.isoformat("minutes") if isinstance(value, time) else value


@post_only
@sign_in_required
def task_tick(request, pk):
    """Tick a box of the description's checklist, or clear it."""
    form = TickForm(request.POST)
    if not form.is_valid():
        return text_response(error_text(form), 422)
    for _ in range(MAX_TICKS):
        row, all_lists = read_or_404(request, pk)
        try:
            text = checklists.tick(row["description"], **form.cleaned_data)
        except checklists.LineChanged:
            break
        version = tasks.version_time(row["version"])
        change = tasks.change(owner_of(request), pk, {"description": text}, version)
        if rows := change.rows():
            row = task_context(rows[0], request.user.today, all_lists)
            return tick_response(request, row, all_lists)
    return tick_response(request, row, all_lists, LINE_CHANGED, 409)


def tick_response(request, row, all_lists, message="", status=200):
    form = new_form(row)
    row["html"] = description_html(request, row)
    for name in ("description", "version"):
        form.fields[name].widget.attrs["hx-swap-oob"] = "true"
    done = f"{row['items_done']} of {row['item_count']} done"
    context = {"task": row, "form": form, "message": message, "done": done}
    context |= {"in_list": is_on_list(request), "next": return_url(request)}
    return render(request, "todo/ticked.html", context, status=status)


def is_on_list(request):
    """Return whether the page that the request is from is a list."""
    url = request.htmx.current_url_abs_path or ""
    kind, _ = kind_and_place(url.partition("?")[0])
    return bool(kind)


def read_or_404(request, pk):
    """Return the task and its owner's lists."""
    row, all_lists = read(request, pk)
    if not row:
        raise Http404(TASK_GONE)
    return row, all_lists


def read(request, pk):
    """Return the task, or None if it is gone, and its owner's lists."""
    owner = owner_of(request)
    rows, all_lists = run_together(tasks.read(owner, pk), lists.read_all(owner))
    row = task_context(rows[0], request.user.today, all_lists) if rows else None
    return row, all_lists


def gone_response(request, pk, form):
    """Show what was typed into the form of a task that is gone."""
    if request.htmx:
        return text_response(TASK_GONE, 404)
    form.add_error(None, TASK_GONE)
    row = {"id": pk, "title": form.data.get("title", ""), "repeat": None}
    row["description"] = ""
    return edit_form(request, row, [], form, status=404)


def description_html(request, row):
    """Return the description with a form for each item of its checklists."""
    context = {"task": row, "next": return_url(request)}

    def item_html(item, html):
        item_context = context | {"item": item, "html": html}
        return render_to_string("todo/item.html", item_context, request)

    return markdown.render(row["description"], item_html)


def edit_form(request, row, all_lists, form, status=200):
    form.offer(row, all_lists)
    row["html"] = description_html(request, row)
    template = "todo/edit_form.html" if request.htmx else "todo/edit.html"
    context = {"task": row, "form": form, "next": return_url(request)}
    response = render(request, template, context, status=status)
    if request.htmx and request.method == "POST":
        response["HX-Retarget"] = f"#task-{row['id']} > .more-of-it"
        response["HX-Reswap"] = "innerHTML"
    return response
