"""How many threads a process has.

A request that waits for a thread waits in the server, in front of /livez. So there are
enough threads for all requests that may be in progress, may queue, or are probes.
"""

from django.conf import settings

# Requests in progress. More than database connections, because a request may also wait
# for a connection or hash a password. Many more would cost speed.
MIN_REQUESTS = 20
SPARE_REQUESTS = 5
MAX_QUEUE = 128  # requests; the server ends threads that were idle for 30 seconds
PROBE_THREADS = 64  # which only /livez, /health, /metrics and static files may use


def max_requests() -> int:
    """Return how many requests may be in progress at once, without probes."""
    return max(MIN_REQUESTS, settings.DATABASE_POOL_MAX + SPARE_REQUESTS)


def max_checks() -> int:
    """Return how many connections /health may use, which anybody may request."""
    return max(1, settings.DATABASE_POOL_MAX // 2)


def thread_count() -> int:
    return max_requests() + MAX_QUEUE + PROBE_THREADS
