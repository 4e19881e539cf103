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
from todo.models.verbs import VERBS
from todo.web.access import sign_in_required
from todo.web.addresses import post_only
from todo.web.context_processors import THEMES
from todo.web.lists import list_response, not_saved
from todo.web.responses import (
    DONE,
    owner_of,
    redirect_back,
    run_with_counts,
    task_response,
)
from todo.web.rows import summary, uuid_or_none
from todo.web.task_forms import NewTaskForm

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
        row, counts = run_with_counts(request, tasks.add(owner, key, **values))
    except IntegrityError as error:
        if refused := constraint_error(error):
            return not_saved(request, refused[2], 409)
        # The same form was sent twice.
        row, counts = run_with_counts(request, tasks.read(owner, key))
        if not row or row["title"] != values["title"]:
            return not_saved(request, KEY_REUSED, 409)
    message = f"Added, {summary(row)}." if understood else ""
    return task_response(request, row, counts, "Added", message=message)


@post_only
@sign_in_required
def task_apply(request, pk, verb):
    if verb not in VERBS:
        raise Http404
    apply = tasks.apply(owner_of(request), pk, verb)
    if request.htmx.target == "tasks":  # the list no longer has a place for the row
        return list_response(request, [apply], f"{DONE[verb]}.")
    result = run_with_counts(request, apply)
    undo = pk if verb == "trash" else None
    return task_response(request, *result, DONE[verb], undo)


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
