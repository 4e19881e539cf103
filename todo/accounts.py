"""What allauth, which keeps the accounts, is told of aido's rules."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django.conf import settings


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return settings.SIGNUP == "open"


def may_try_password(request, user):
    """Whether one who is signed in may try the password again, or did too often."""
    return ratelimit.consume(request, action="reauthenticate", user=user)
