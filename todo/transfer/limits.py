"""The rate limit of imports, which counts those of all doors together."""

import math
import time
from typing import Any

from allauth.core.internal import ratelimit  # type: ignore[import-untyped]  # none
from django.core.cache import cache
from django.http import HttpRequest

RATE = {"app": "allauth.account", "action": "import"}  # of ACCOUNT_RATE_LIMITS


def seconds_until_allowed(request: HttpRequest, user: Any) -> int:
    """Count an import of the user. Return 0, or how long they must wait instead."""
    if ratelimit.consume(request, user=user, **RATE):
        return 0
    rates = ratelimit.get_rates(**RATE)
    return max(_seconds_left(request, user, rate) for rate in rates)


def _seconds_left(request: HttpRequest, user: Any, rate: ratelimit.Rate) -> int:
    key = ratelimit.get_cache_key(request, user=user, rate=rate, **RATE)
    history = cache.get(key) or [time.time()]  # the newest first
    return max(1, math.ceil(history[-1] + rate.duration - time.time()))
