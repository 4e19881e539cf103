"""The list, and what one does with it. Each view answers with a page or with fragments.

Both cost two round trips: one brings the session with its user, the other reads or
writes, and counts.
"""

from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from uuid_utils.compat import uuid7

from aido.error_pages import text_response
from todo import statements, tasks
from todo.keyset import Cursor, as_page, page_query
from todo.models.task import FIELDS, Task
from todo.statements import run_together
from todo.web.context_processors import THEMES
from todo.web.forms import NewTaskForm, TaskForm, TitleForm
from todo.web.responses import back, changed, signed_in, view_of, written
from todo.web.rows import VIEWS, present

PAGE = 50  # tasks
SORTS = {
    "created_at": "Oldest first",
    "-created_at": "Newest first",
    "due_date": "By due date",
    "-priority": "By priority",
}
CONFLICT = (
    "This task was changed in another window: its title is now “%s”."
    " Save again to put yours in its place."
)
DONE = {
    "complete": "Completed",
    "reopen": "Active again",
    "trash": "In the trash",
    "restore": "Restored",
}


@require_safe
@gzip_page
def task_list(request, view):
    if request.user.is_authenticated:
        return render(request, "todo/list.html", shown(request, view))
    if view == "all":
        return render(request, "todo/welcome.html")
    return redirect_to_login(request.get_full_path())


def shown(request, view, *writes):
    """What a list shows once these writes are done, which travel with its queries."""
    sort = request.GET.get("sort")
    sort = sort if sort in SORTS else "created_at"
    cursor = cursor_of(request, sort)
    query = request.GET.get("q", "").replace("\0", "").strip()[:200]
    owner, status = request.user, VIEWS[view]
    if query:
        found = Task.objects.owned_by(owner).in_status(status).matching(query)
        rows = statements.select(page_query(found, sort, PAGE, cursor), FIELDS)
    else:
        rows = tasks.page(owner.pk, status, sort, PAGE, cursor)
    *_, [counts], rows = run_together(*writes, tasks.counts(owner.pk), rows)
    page = as_page(rows, sort, PAGE, cursor)
    return {
        "view": view,
        "sort": sort,
        "sorts": SORTS,
        "query": query,
        "counts": counts,
        "tasks": [present(row, request.user.today) for row in page.rows],
        "more": page.next and page.next.encode(),
        "key": uuid7(),
        "undo": uuid_or_none(request.GET.get("undo", "")),
    }


def cursor_of(request, sort):
    try:
        cursor = Cursor.decode(request.GET["cursor"])
    except (KeyError, ValueError):
        return None
    return cursor if cursor.ordering == sort else None


def uuid_or_none(text):
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
@signed_in
def task_add(request):
    form = NewTaskForm(request.POST)
    if not form.is_valid():
        return text_response(form.errors["title"][0], 422)
    key = uuid_or_none(request.POST.get("key", "")) or uuid7()
    try:
        done = written(request, tasks.add(request.user.pk, key, **form.cleaned_data))
    except IntegrityError:  # the same form, sent twice
        done = written(request, tasks.read(request.user.pk, key))
    return changed(request, *done, "Added")


@require_POST
@signed_in
def task_do(request, pk, verb):
    if verb not in DONE:
        raise Http404
    match verb:
        case "trash" | "restore":
            write = getattr(tasks, verb)(request.user.pk, pk)
        case _:
            completed = {"completed": verb == "complete"}
            write = tasks.change(request.user.pk, pk, completed)
    undo = pk if verb == "trash" else None
    return changed(request, *written(request, write), DONE[verb], undo)


@vary_on_headers("HX-Request")
@signed_in
def task_edit(request, pk):
    """The form with all of a task: on a page of its own, or inside its row."""
    if request.method != "POST":
        row = kept_or_404(request, pk)
        return edit_form(request, row, TaskForm(initial=row, auto_id=f"edit-{pk}-%s"))
    form = TaskForm(request.POST, auto_id=f"edit-{pk}-%s")
    if not form.is_valid():
        return edit_form(request, kept_or_404(request, pk), form)
    row, counts = saved(request, pk, form)
    if row:
        return changed(request, row, counts, "Saved")
    row = kept_or_404(request, pk)
    form.add_error(None, CONFLICT % row["title"])
    form.data = form.data.copy()
    form.data["version"] = row["version"]
    return edit_form(request, row, form)


@require_POST
@signed_in
def task_rename(request, pk):
    """The edit box in the list: a new title, or none to be rid of the task."""
    if not request.POST.get("title", "").strip():
        return task_do(request, pk, "trash")
    form = TitleForm(request.POST)
    if not form.is_valid():
        return text_response(form.errors.as_text(), 422)
    row, counts = saved(request, pk, form)
    if row:
        return changed(request, row, counts, "Saved")
    row = kept_or_404(request, pk)
    return text_response(CONFLICT % row["title"], 409, version=row["version"])


def saved(request, pk, form):
    """The row with the form's values, or None if its version is another; the counts."""
    values = {name: form.cleaned_data[name] for name in form.Meta.fields}
    version = tasks.moment(form.cleaned_data["version"])
    return written(request, tasks.change(request.user.pk, pk, values, version))


def kept_or_404(request, pk):
    if rows := tasks.read(request.user.pk, pk).rows():
        return present(rows[0], request.user.today)
    raise Http404("This task is gone.")


def edit_form(request, row, form):
    template = "todo/edit_form.html" if request.htmx else "todo/edit.html"
    context = {"task": row, "form": form, "view": request.GET.get("view", "all")}
    response = render(request, template, context)
    if request.htmx and request.method == "POST":
        response["HX-Retarget"] = f"#more-{row['id']}"
        response["HX-Reswap"] = "innerHTML"
    return response


@require_POST
@signed_in
def complete_all(request):
    verb, status = "reopen", "completed"
    if request.POST.get("completed"):
        verb, status = "complete", "open"
    return relisted(request, tasks.do_with_all(request.user.pk, verb, status))


@require_POST
@signed_in
def clear_completed(request):
    return relisted(request, tasks.do_with_all(request.user.pk, "trash", "completed"))


def relisted(request, update):
    """The list after an update of many."""
    context = shown(request, view_of(request), update)
    if request.htmx:
        return render(request, "todo/relisted.html", context)
    return back(request)


@require_POST
def set_theme(request):
    response = back(request)
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        year = 365 * 24 * 3600
        response.set_cookie("theme", chosen, max_age=year, samesite="Lax")
    return response


@require_safe
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
            "start_url": reverse("tasks"),
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#2f5d50",
            "icons": [icon | {"type": "image/png"} for icon in icons],
        },
        content_type="application/manifest+json",
    )
