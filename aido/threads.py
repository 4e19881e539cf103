"""How many threads a process has, and how many of them may wait for the database."""

from collections import deque
from threading import Lock
from time import monotonic

from django.conf import settings

# More threads than database connections, because a request may also wait for a
# connection or hash a password. Many more would cost speed.
MIN_THREADS = 24
SPARE_THREADS = 9
PROBE_THREADS = 4  # of them, which only /livez, /health and static files may use

QUEUE_TIMEOUT = 0.5  # seconds; /livez has to answer within 1


class Places:
    """Lets so many requests be in progress. Others queue, or are refused.

    In a burst of quick requests each soon gets a place. When no request has begun or
    ended for QUEUE_TIMEOUT, they are stuck, and the next ones are refused at once.
    """

    def __init__(self, count: int) -> None:
        self.free = count
        self.queue: deque[Lock] = deque()
        self.lock = Lock()
        self.progressed_at = monotonic()

    def take(self) -> bool:
        """Return whether the request may go on. It then has to leave its place."""
        with self.lock:
            if self.free:
                self.free -= 1
                self.progressed_at = monotonic()
                return True
            if monotonic() - self.progressed_at > QUEUE_TIMEOUT:
                return False
            turn = Lock()
            turn.acquire()
            self.queue.append(turn)
        return turn.acquire(timeout=QUEUE_TIMEOUT) or not self._leave_queue(turn)

    def _leave_queue(self, turn: Lock) -> bool:
        """Return False if the request was given a place just now."""
        with self.lock:
            is_waiting = turn in self.queue
            if is_waiting:
                self.queue.remove(turn)
        return is_waiting

    def leave(self) -> None:
        """Give the place to the first in the queue, if there is one."""
        with self.lock:
            self.progressed_at = monotonic()
            if self.queue:
                self.queue.popleft().release()
            else:
                self.free += 1


def thread_count() -> int:
    return max(MIN_THREADS, settings.DATABASE_POOL_MAX + SPARE_THREADS)


def max_requests() -> int:
    """Return how many requests may be in progress at once, without probes."""
    return thread_count() - PROBE_THREADS
