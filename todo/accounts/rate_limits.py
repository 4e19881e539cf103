"""How long a client that has reached a rate limit has to wait."""

import math
import time
from collections.abc import Iterable

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import Rate
from django.core.cache import cache
from django.http import HttpRequest

from todo.models import User

APP = "allauth.account"


def seconds_until_allowed(request: HttpRequest, action: str, user: User) -> int:
    """Count an action of the user. Return 0, or how long they must wait instead."""
    if ratelimit.consume(request, app=APP, action=action, user=user):
        return 0
    return seconds_left(request, [action], user=user)


def seconds_left(
    request: HttpRequest,
    actions: Iterable[str],
    *,
    email: str = "",
    user: User | None = None,
) -> int:
    """Return the seconds until none of these actions is over its limit, at least 1.

    `email` is the address that the request is about, `user` is who is signed in.
    """
    waits = [_wait(request, action, email, user) for action in actions]
    return max(1, math.ceil(max(waits, default=0)))


def _wait(request: HttpRequest, action: str, email: str, user: User | None) -> float:
    waits = [0.0]
    for rate in ratelimit.get_rates(app=APP, action=action):
        if rate.per == "user" and not user:
            continue
        key = ratelimit.get_cache_key(
            request,
            app=APP,
            action=action,
            rate=rate,
            key=_key(action, email),
            user=user,
        )
        times = cache.get(key, [])  # of the requests, newest first
        waits.append(_wait_for(rate, times))
    return max(waits)


def _wait_for(rate: Rate, times: list[float]) -> float:
    if len(times) < rate.amount:
        return 0.0
    return times[rate.amount - 1] + rate.duration - time.time()


def _key(action: str, email: str) -> str:
    """Return what allauth counts the action by, besides the client or the user."""
    if action == "login_failed":
        adapter = get_adapter()
        return adapter._get_login_attempts_cache_key(adapter.request, email=email)
    return email.lower()
