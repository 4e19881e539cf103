"""What can be done with one task, in the list or on a page of its own.

Each view answers with a page, or with fragments for htmx, and takes two round trips:
one loads the session with its user, the other reads or writes tasks and counts them.
"""

from django.db import IntegrityError
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from uuid_utils.compat import uuid7

from aido.error_pages import text_response
from todo import tasks
from todo.models.verbs import VERBS
from todo.web import drafts
from todo.web.access import sign_in_required
from todo.web.addresses import post_only, return_url
from todo.web.context_processors import THEMES
from todo.web.forms import NewTaskForm, TaskForm, TitleForm
from todo.web.lists import list_response, not_saved
from todo.web.responses import (
    DONE,
    owner_of,
    redirect_back,
    run_with_counts,
    task_response,
)
from todo.web.rows import task_context, uuid_or_none

CONFLICT = (
    "This task was changed in another window. Its title is now “%s”."
    " Save again to replace it with yours."
)
KEY_REUSED = (
    "This form was sent before, for another task. Send it again to add this one."
)


@post_only
@sign_in_required
def task_add(request):
    form = NewTaskForm(request.POST)
    if not form.is_valid():
        return not_saved(request, form.errors["title"][0], 422)
    owner, values = owner_of(request), form.cleaned_data
    key = uuid_or_none(request.POST.get("key", "")) or uuid7()
    try:
        row, counts = run_with_counts(request, tasks.add(owner, key, **values))
    except IntegrityError:  # the same form was sent twice
        row, counts = run_with_counts(request, tasks.read(owner, key))
        if not row or row["title"] != values["title"]:
            return not_saved(request, KEY_REUSED, 409)
    return task_response(request, row, counts, "Added")


@post_only
@sign_in_required
def task_apply(request, pk, verb):
    if verb not in VERBS:
        raise Http404
    apply = tasks.apply(owner_of(request), pk, verb)
    if request.htmx.target == "tasks":  # the list no longer has a place for the row
        return list_response(request, apply, f"{DONE[verb]}.")
    result = run_with_counts(request, apply)
    undo = pk if verb == "trash" else None
    return task_response(request, *result, DONE[verb], undo)


@vary_on_headers("HX-Request")
@sign_in_required
def task_edit(request, pk):
    """The form with all fields: on a page of its own, or inside its row."""
    if request.method != "POST":
        row = read_or_404(request, pk)
        initial = row | drafts.take(request)
        return edit_form(
            request, row, TaskForm(initial=initial, auto_id=f"edit-{pk}-%s")
        )
    form = TaskForm(request.POST, auto_id=f"edit-{pk}-%s")
    if not form.is_valid():
        return edit_form(request, read_or_404(request, pk), form)
    row, counts = save_task(request, pk, form)
    if row:
        return task_response(request, row, counts, "Saved")
    row = read_or_404(request, pk)
    form.add_error(None, CONFLICT % row["title"])
    form.data = form.data.copy()
    form.data["version"] = row["version"]
    return edit_form(request, row, form)


@post_only
@sign_in_required
def task_rename(request, pk):
    """The edit box in the list. An empty title moves the task to the trash."""
    if not request.POST.get("title", "").strip():
        return task_apply(request, pk, "trash")
    form = TitleForm(request.POST)
    if not form.is_valid():
        return text_response(form.errors.as_text(), 422)
    row, counts = save_task(request, pk, form)
    if row:
        return task_response(request, row, counts, "Saved")
    row = read_or_404(request, pk)
    return text_response(CONFLICT % row["title"], 409, version=row["version"])


def save_task(request, pk, form):
    """Write the form's values; return the row (None if its version differs), counts."""
    values = {name: form.cleaned_data[name] for name in form.Meta.fields}
    version = tasks.version_time(form.cleaned_data["version"])
    change = tasks.change(owner_of(request), pk, values, version)
    return run_with_counts(request, change)


def read_or_404(request, pk):
    if rows := tasks.read(owner_of(request), pk).rows():
        return task_context(rows[0], request.user.today)
    raise Http404("This task is gone.")


def edit_form(request, row, form):
    template = "todo/edit_form.html" if request.htmx else "todo/edit.html"
    context = {"task": row, "form": form, "next": return_url(request)}
    response = render(request, template, context)
    if request.htmx and request.method == "POST":
        response["HX-Retarget"] = f"#more-{row['id']}"
        response["HX-Reswap"] = "innerHTML"
    return response


@post_only
def set_theme(request):
    response = redirect_back(request)
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        year = 365 * 24 * 3600
        response.set_cookie("theme", chosen, max_age=year, samesite="Lax")
    return response


@require_safe
@cache_control(public=True, max_age=3600)
def manifest(request):
    icons = [
        {"src": static(f"todo/icon-{size}.png"), "sizes": f"{size}x{size}"}
        for size in (192, 512)
    ]
    return JsonResponse(
        {
            "name": "aido",
            "short_name": "aido",
            "description": "A to-do list.",
            "start_url": reverse("list_all"),
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#2f5d50",
            "icons": [icon | {"type": "image/png"} for icon in icons],
        },
        content_type="application/manifest+json",
    )
