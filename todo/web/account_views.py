"""The profile: settings, export and import, deleting the account.

The pages to sign up, sign in and change the password are allauth's.
"""

from allauth.account import views as allauth
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from aido.problems import by_field
from todo.accounts import locked_user, may_retry_password
from todo.rate_limits import seconds_left
from todo.transfer.exports import WRITERS, export_response
from todo.transfer.imports import import_rows
from todo.transfer.readers import READERS
from todo.web.forms import DeleteAccountForm, ImportForm, ProfileForm
from todo.web.responses import sign_in_required

RATE_LIMITS = {  # of the pages, by the name of their route
    "account_login": ["login"],
    "account_signup": ["signup"],
    "account_change_password": ["change_password"],
    "account_reset_password": ["reset_password"],
    "account_reset_password_from_key": ["reset_password_from_key"],
    "delete_account": ["reauthenticate"],
}


def too_many_requests(request):
    """Show how long to wait. A handler of allauth."""
    wait = seconds_left(
        request,
        RATE_LIMITS.get(request.resolver_match.url_name, []),
        email=request.POST.get("email", ""),
        user=request.user,
    )
    response = render(request, "429.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(wait)
    return response


@sign_in_required
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "todo/profile.html", {"form": form})


class PasswordChangeView(allauth.PasswordChangeView):
    @transaction.atomic
    def post(self, request, *args, **kwargs):
        request.user = locked_user(request.user)
        return super().post(request, *args, **kwargs)


@require_safe
@sign_in_required
def export(request):
    kind = request.GET.get("as")
    return export_response(request.user, kind if kind in WRITERS else "json")


@sign_in_required
def import_file(request):
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
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
    """Return a list of texts such as `Line 3, title: This field is required.`"""
    lines = []
    for path, errors in by_field(detail):
        line, _, field = path.partition(".")
        text = " ".join(error["detail"] for error in errors)
        lines.append(f"Line {line}{field and f', {field}'}: {text}")
    return lines


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
