"""What can be done with tasks in the list, but for editing them.

Each view answers with a page, or with fragments for htmx, and takes two round trips:
one loads the session with its user, the other reads or writes tasks and counts them.
"""

from django.db import IntegrityError
from django.http import Http404, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from uuid_utils.compat import uuid7

from todo import quick, tasks
from todo.constraints import constraint_error
from todo.counts import BulkChange
from todo.models.verbs import VERBS
from todo.web.access import sign_in_required
from todo.web.addresses import post_only
from todo.web.context_processors import THEMES
from todo.web.responses import (
    not_saved,
    owner_of,
    redirect_back,
    run_with_side,
    task_response,
)
from todo.web.rows import summary, uuid_or_none
from todo.web.task_forms import NewTaskForm
from todo.web.undo import DONE

KEY_REUSED = (
    "This form was sent before, for another task. Send it again to add this one."
)


@post_only
@sign_in_required
def task_add(request):
    """Add a task; words such as `tomorrow` in its title set its other values."""
    form = NewTaskForm(request.POST)
    if not form.is_valid():
        return not_saved(request, form.errors["title"][0], 422)
    owner, title = owner_of(request), form.cleaned_data["title"]
    key = uuid_or_none(request.POST.get("key", "")) or uuid7()
    values, understood = quick.read_text(owner, title, request.user.time_zone)
    try:
        row, sides = run_with_side(request, tasks.add(owner, key, **values))
    except IntegrityError as error:
        if refused := constraint_error(error):
            return not_saved(request, refused[2], 409)
        # The same form was sent twice.
        row, sides = run_with_side(request, tasks.read(owner, key))
        if not row or row["title"] != values["title"]:
            return not_saved(request, KEY_REUSED, 409)
    message = f"Added, {summary(row)}." if understood else ""
    return task_response(request, key, row, sides, "Added", message=message)


@post_only
@sign_in_required
def task_apply(request, pk, verb):
    if verb not in VERBS:
        raise Http404
    key = uuid_or_none(request.POST.get("key", ""))
    apply = tasks.apply(owner_of(request), pk, verb, key=key)
    row, sides = run_with_side(request, apply, key)
    change = row and change_of(row, verb)
    return task_response(request, pk, row, sides, DONE[verb], change)


def change_of(row, verb):
    """Return what can be undone after a verb was applied to a task."""
    time = {"complete": "completed_at", "trash": "deleted_at"}.get(verb, "updated_at")
    return row.get("change") or (row[time] and BulkChange(verb, row[time]))


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
