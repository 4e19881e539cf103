"""The profile: settings, export and import, deleting the account.

The pages to sign up, sign in and change the password are allauth's.
"""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from aido.problems import by_field
from todo.accounts import may_retry_password
from todo.transfer.exports import WRITERS, export_response
from todo.transfer.imports import MAX_ERRORS, import_rows
from todo.transfer.limits import seconds_until_allowed
from todo.transfer.readers import READERS
from todo.web.forms import DeleteAccountForm, ImportForm, ProfileForm
from todo.web.responses import sign_in_required

MAX_LINES = 20  # errors that the page of the import shows


@sign_in_required
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "todo/profile.html", {"form": form})


@require_safe
@sign_in_required
def export(request):
    kind = request.GET.get("as")
    return export_response(request.user, kind if kind in WRITERS else "json")


@sign_in_required
def import_file(request):
    if request.method != "POST":
        return render(request, "todo/import.html", {"form": ImportForm()})
    if seconds := seconds_until_allowed(request, request.user):
        response = ratelimit.respond_429(request)
        response["Retry-After"] = str(seconds)
        return response
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            rows = READERS[form.kind](form.cleaned_data["file"].file)
            created, skipped = import_rows(request.user, rows)
        except ValidationError as error:
            form.add_error("file", error_lines(error.detail))
        else:
            messages.success(
                request, f"{created} added, {skipped} skipped because they exist."
            )
            return redirect("profile")
    return render(request, "todo/import.html", {"form": form})


def error_lines(detail):
    """Return texts such as `Line 3, title: This field is required.`

    If there are more than MAX_LINES, the last one says how many are left out.
    """
    lines = [
        error_line(*path.partition(".")[::2], errors)
        for path, errors in by_field(detail)
    ]
    rest = len(lines) - MAX_LINES
    if rest <= 0:
        return lines
    at_least = "at least " if len(detail) >= MAX_ERRORS else ""
    return [*lines[:MAX_LINES], f"And {at_least}{rest} more."]


def error_line(place, field, errors):
    """Return a text; `place` is a line, or a line and a task such as `1#3`."""
    line, _, task = place.partition("#")
    place = ", ".join(filter(None, [f"Line {line}", task and f"task {task}", field]))
    return f"{place}: {' '.join(error['detail'] for error in errors)}"


@sign_in_required
def delete(request):
    if request.method == "POST" and not may_retry_password(request, request.user):
        return ratelimit.respond_429(request)
    form = DeleteAccountForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = request.user
        logout(request)
        user.delete()
        messages.success(request, "Your account and everything in it were deleted.")
        return redirect("list_all")
    return render(request, "todo/delete_account.html", {"form": form})
