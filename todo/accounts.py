"""What Django and allauth, which keep the accounts, are told of aido's rules."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context, ratelimit
from django.conf import settings
from django.contrib.auth.backends import ModelBackend


class SessionBackend(ModelBackend):
    """Takes the user who came with the session of this request."""

    def get_user(self, user_id):
        user = getattr(getattr(context.request, "session", None), "user", None)
        if user and user.pk == user_id and self.user_can_authenticate(user):
            return user
        return super().get_user(user_id)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return settings.SIGNUP == "open"


def may_try_password(request, user):
    """Whether one who is signed in may try the password again, or did too often."""
    return ratelimit.consume(request, action="reauthenticate", user=user)
