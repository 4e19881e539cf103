"""What aido adds to the accounts of Django and allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context, ratelimit
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.shortcuts import get_object_or_404

from todo.models import User


class SessionBackend(ModelBackend):
    """Use the user that was loaded with the session, without another query."""

    def get_user(self, user_id):
        user = getattr(getattr(context.request, "session", None), "user", None)
        if user and user.pk == user_id and self.user_can_authenticate(user):
            return user
        return super().get_user(user_id)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return settings.SIGNUP == "open"


def may_retry_password(request, user):
    """Return whether a signed-in user may try their password again (rate limit)."""
    return ratelimit.consume(request, action="reauthenticate", user=user)


def locked_user(user):
    """Return the user as they are now, locked until the commit.

    Of several requests at once that check the same password and then change it, only
    the first succeeds. Raises Http404 if the user was deleted.
    """
    return get_object_or_404(User.objects.select_for_update(), pk=user.pk)
