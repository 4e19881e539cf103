"""Limits how many requests are in progress at once."""

from collections import deque
from threading import Lock
from time import monotonic

from aido.threads import MAX_QUEUE

STUCK_TIMEOUT = 0.5  # seconds without progress
QUEUE_TIMEOUT = 10.0  # seconds


class Places:
    """Lets so many requests be in progress. Others queue, or are refused.

    In a burst of quick requests each soon gets a place. When no request has begun or
    ended for STUCK_TIMEOUT, they are stuck, and those in the queue and the next ones
    are refused at once.
    """

    def __init__(
        self, count: int, max_queue: int = MAX_QUEUE, timeout: float = QUEUE_TIMEOUT
    ) -> None:
        self.free = count
        self.max_queue, self.timeout = max_queue, timeout
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
            if self._is_stuck() or len(self.queue) >= self.max_queue:
                return False
            turn = Lock()
            turn.acquire()
            self.queue.append(turn)
        return self._wait(turn)

    def _is_stuck(self) -> bool:
        return monotonic() - self.progressed_at > STUCK_TIMEOUT

    def _wait(self, turn: Lock) -> bool:
        give_up_at = monotonic() + self.timeout
        while not turn.acquire(timeout=STUCK_TIMEOUT):
            is_hopeless = self._is_stuck() or monotonic() > give_up_at
            if is_hopeless and self._leave_queue(turn):
                return False
        return True

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
