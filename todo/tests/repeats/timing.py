"""How long a call takes."""

from time import thread_time

SLOW = 0.05  # seconds; about three times what the slowest call needs


def best_time(call):
    """Return the least of three processor times, in seconds."""

    def measure():
        start = thread_time()
        call()
        return thread_time() - start

    return min(measure() for _ in range(3))
