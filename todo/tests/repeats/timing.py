"""How long a call takes."""

from time import perf_counter

SLOW = 0.05  # seconds; no call takes a third of it on an idle machine


def best_time(call):
    """Return the shortest of three times, in seconds."""

    def measure():
        start = perf_counter()
        call()
        return perf_counter() - start

    return min(measure() for _ in range(3))
