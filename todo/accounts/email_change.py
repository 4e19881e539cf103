"""Changing the email address of an account, by a link mailed to the new address."""

from typing import NamedTuple

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse

from todo.accounts import mail
from todo.accounts.adapter import absolute_url
from todo.models import User

LINK_AGE = 24 * 3600  # seconds
SALT = "todo.accounts.email_change"


class EmailChange(NamedTuple):
    user: User
    email: str


def send_link(request: HttpRequest, user: User, email: str) -> None:
    """Mail a link to the new address that changes it, in the background.

    No mail is sent if another account has the address. The response is the same.
    """
    content = [str(user.pk), _state(user), email]
    path = reverse("confirm_email", args=[signing.dumps(content, salt=SALT)])
    mail.in_background(_send_link, user, email, absolute_url(request, path))


def read_link(token: str) -> EmailChange | None:
    """Return what a link changes, or None if it is invalid, too old or used.

    A change of the address or of the password makes all earlier links invalid.
    """
    try:
        pk, state, email = signing.loads(token, salt=SALT, max_age=LINK_AGE)
    except signing.BadSignature:
        return None
    user = User.objects.select_for_update().filter(pk=pk, is_active=True).first()
    return EmailChange(user, email) if user and _state(user) == state else None


def apply_link(token: str) -> EmailChange | None:
    """Change the address, and tell the old one. Return None if that is impossible."""
    try:
        with transaction.atomic():
            change = read_link(token)
            if change:
                old = change.user.email
                _change_email(*change)
    except IntegrityError:  # another account has taken the address
        return None
    if change:
        mail.in_background(_send_notice, old, change.email)
    return change


def _change_email(user: User, email: str) -> None:
    user.email = email
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()  # others may use the old one


def _state(user: User) -> str:
    """Return a digest of what a link depends on."""
    state = f"{user.email} {user.password}"
    return signing.Signer(salt=SALT).signature(state)


def _send_link(user: User, email: str, url: str) -> None:
    if not User.objects.filter(email=email).exists():
        context = {"old": user.email, "new": email, "url": url}
        get_adapter().send_mail("account/email/confirm_address", email, context)


def _send_notice(old: str, new: str) -> None:
    context = {"old": old, "new": new}
    get_adapter().send_mail("account/email/address_changed", old, context)
