"""The profile, and the account's files and end. Signing in and out is allauth's."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from aido.problems import by_field
from todo.accounts import may_try_password
from todo.transfer import READERS, WRITERS, export_response, import_rows
from todo.web.forms import DeleteAccountForm, ImportForm, ProfileForm
from todo.web.responses import signed_in


@signed_in
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "todo/profile.html", {"form": form})


@require_safe
@signed_in
def export(request):
    kind = request.GET.get("as")
    return export_response(request.user, kind if kind in WRITERS else "json")


@signed_in
def import_file(request):
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            rows = READERS[form.kind](form.cleaned_data["file"].file)
            created, skipped = import_rows(request.user, rows)
        except ValidationError as error:
            for place, wrongs in by_field(error.detail):
                line, _, field = place.partition(".")
                what = " ".join(wrong["detail"] for wrong in wrongs)
                form.add_error("file", f"Line {line}{field and f', {field}'}: {what}")
        else:
            messages.success(request, f"{created} added, {skipped} were there already.")
            return redirect("profile")
    return render(request, "todo/import.html", {"form": form})


@signed_in
def delete(request):
    if request.method == "POST" and not may_try_password(request, request.user):
        return ratelimit.respond_429(request)
    form = DeleteAccountForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = request.user
        logout(request)
        user.delete()
        messages.success(request, "Your account is gone, and all that was in it.")
        return redirect("tasks")
    return render(request, "todo/delete_account.html", {"form": form})
