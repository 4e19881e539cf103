"""How a change is answered: with the fragments that it changes, or with a redirect."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from aido.error_pages import text_response
from todo import tasks
from todo.statements import run_together
from todo.web.rows import VIEWS, belongs, present


def signed_in(view):
    """Sends others to sign in; a fragment is no place for that page, so it is told."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.htmx:
            message = "You are signed out. Sign in in another tab, then continue."
            return text_response(message, 401)
        return redirect_to_login(request.get_full_path())

    return wrapped


def written(request, statement):
    """The row that this statement returns, or None, and the counts, in one trip."""
    rows, [counts] = run_together(statement, tasks.counts(request.user.pk))
    return rows[0] if rows else None, counts


def changed(request, row, counts, what, undo=None):
    """The row in its place, if it belongs to the view that asked; and what counts."""
    if not request.htmx:
        return back(request, undo)
    view = view_of(request)
    row = row and present(row, request.user.today)
    context = {
        "task": row if row and belongs(row, view) else None,
        "view": view,
        "counts": counts,
        "undo": undo,
        "announcement": f"{what}: {row['title']}" if row else "This task is gone.",
    }
    return render(request, "todo/changed.html", context)


def view_of(request):
    view = request.POST.get("view")
    return view if view in VIEWS else "all"


def back(request, undo=None):
    """To the page that the form stood on."""
    url = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}):
        url = reverse("tasks")
    return redirect(f"{url.partition('?')[0]}?undo={undo}" if undo else url)
