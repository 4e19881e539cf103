"""The profile: settings, export and import, email address, sessions, deletion.

The pages to sign up, sign in and reset the password are allauth's.
"""

from functools import wraps

from allauth.account import views as allauth
from allauth.account.forms import UserTokenForm
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError

from aido.problems import by_field
from todo.accounts import sessions
from todo.accounts.adapter import locked_user, may_mail, may_retry_password
from todo.accounts.email_change import apply_link, read_link, send_link
from todo.accounts.rate_limits import seconds_left, seconds_until_allowed
from todo.transfer.exports import export_response
from todo.transfer.imports import MAX_ERRORS, import_rows
from todo.transfer.readers import READERS
from todo.transfer.writers import WRITERS
from todo.web import drafts
from todo.web.access import sign_in_required
from todo.web.forms import EmailChangeForm, ImportForm, PasswordForm, ProfileForm
from todo.web.rows import uuid_or_none

MAX_LINES = 20  # errors that the page of the import shows
MAX_TITLES = 5  # that a preview of an import shows
RATE_LIMITS = {  # of the pages, by the name of their route
    "account_login": ["login"],
    "account_signup": ["signup"],
    "account_change_password": ["change_password"],
    "account_reset_password": ["reset_password"],
    "account_reset_password_from_key": ["reset_password_from_key"],
    "delete_account": ["reauthenticate"],
    "change_email": ["reauthenticate", "reset_password"],
}


def too_many_requests(request):
    """Answer 429 and say how long to wait. allauth calls this handler."""
    wait = seconds_left(
        request,
        RATE_LIMITS.get(request.resolver_match.url_name, []),
        email=request.POST.get("email", ""),
        user=request.user,
    )
    response = render(request, "429.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(wait)
    return response


@gzip_page
@sign_in_required
def profile(request):
    form = ProfileForm(
        request.POST or None, instance=request.user, initial=drafts.take(request)
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    return render(request, "todo/profile.html", {"form": form})


class PasswordChangeView(allauth.PasswordChangeView):
    """Checks and changes the password while the user is locked."""

    @transaction.atomic
    def post(self, request, *args, **kwargs):
        request.user = locked_user(request.user)
        return super().post(request, *args, **kwargs)


class PasswordResetFromKeyView(allauth.PasswordResetFromKeyView):
    """Checks the key again while the user is locked, so that it works only once."""

    @transaction.atomic
    def post(self, request, uidb36, key, **kwargs):
        locked_user(self.reset_user)
        form = UserTokenForm({"uidb36": uidb36, "key": key})
        if not form.is_valid():
            return redirect(request.path)  # the page says that the link was used
        self.reset_user = form.reset_user
        return super().post(request, uidb36, key, **kwargs)


@require_safe
@sign_in_required
def export(request):
    kind = request.GET.get("as")
    return export_response(request.user, kind if kind in WRITERS else "json")


@sign_in_required
def import_file(request):
    if request.method != "POST":
        return render(request, "todo/import.html", {"form": ImportForm()})
    if seconds := seconds_until_allowed(request, "import", request.user):
        return respond_later(request, seconds)
    form = ImportForm(request.POST, request.FILES)
    preview = None
    if form.is_valid():
        try:
            preview = read_import(request, form)
        except ValidationError as error:
            form.add_error("file", error_lines(error.detail))
        else:
            if "preview" not in request.POST:
                messages.success(request, import_text(**preview))
                return redirect("profile")
    return render(request, "todo/import.html", {"form": form, "preview": preview})


def import_text(created, skipped, **_):
    text = f"{created:,} task{'' if created == 1 else 's'} added."
    if skipped:
        existing = "it" if skipped == 1 else "them"
        text += f" {skipped:,} skipped: you already had {existing}."
    return text


def respond_later(request, seconds):
    response = ratelimit.respond_429(request)
    response["Retry-After"] = str(seconds)
    return response


@transaction.atomic
def read_import(request, form):
    """Add the tasks of the file, or only return what it would add for a preview."""
    titles = []
    rows = READERS[form.kind](form.cleaned_data["file"].file)
    created, skipped = import_rows(request.user, with_titles(rows, titles))
    if "preview" in request.POST:
        transaction.set_rollback(True)
    return {"created": created, "skipped": skipped, "titles": titles}


def with_titles(rows, titles):
    """Yield the rows; put the titles of the first ones into `titles`."""
    for line, row in rows:
        if len(titles) < MAX_TITLES:
            titles.append(row.get("title", ""))
        yield line, row


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


def limit_password_checks(view):
    """Answer 429 if the user has tried their password too often."""

    @wraps(view)
    def wrapped(request):
        if request.method == "POST" and not may_retry_password(request, request.user):
            return ratelimit.respond_429(request)
        return view(request)

    return wrapped


@sign_in_required
@limit_password_checks
def delete(request):
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = request.user
        logout(request)
        user.delete()
        messages.success(request, "Your account and everything in it were deleted.")
        return redirect("list_all")
    return render(request, "todo/delete_account.html", {"form": form})


@sign_in_required
@limit_password_checks
def change_email(request):
    form = EmailChangeForm(
        request.user, request.POST or None, initial=drafts.take(request)
    )
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not may_mail(request, email):
            return ratelimit.respond_429(request)
        send_link(request, request.user, email)
        messages.success(
            request, f"Open the link in the mail to {email} to use that address."
        )
        return redirect("profile")
    return render(request, "todo/change_email.html", {"form": form})


@never_cache
def confirm_email(request, token):
    """Ask before the address is changed: mail scanners open links, too."""
    with transaction.atomic():
        change = read_link(token)
    if request.method == "POST":
        change = apply_link(token)
        if change:
            messages.success(request, f"Your address is {change.email} now.")
            return redirect("profile")
    status = 200 if change else 404
    return render(request, "todo/confirm_email.html", {"change": change}, status=status)


@sign_in_required
def session_list(request):
    """List the user's sessions; end the one whose id is sent, or all others."""
    current = request.session.session_key
    if request.method == "POST":
        if "id" not in request.POST:
            sessions.end_other_sessions(request.user, current)
            messages.success(request, "All other sessions were ended.")
        elif end_chosen_session(request):
            messages.success(request, "The session was ended.")
        return redirect("session_list")
    context = {"sessions": list(sessions.list_sessions(request.user, current))}
    return render(request, "todo/sessions.html", context)


def end_chosen_session(request):
    session_id = uuid_or_none(request.POST["id"])
    return bool(session_id) and sessions.end_session(request.user, session_id)
