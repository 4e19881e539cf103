"""The backend of the replica. It waits briefly: the primary serves instead."""

from aido.database import base

CONNECTION_TIMEOUT = 1.0  # seconds


class DatabaseWrapper(base.DatabaseWrapper):
    has_timed_out = False
    drained_at = float("-inf")

    def can_retry(self, sql: str) -> bool:
        return False

    def _connection_timeout(self) -> float:
        return min(super()._connection_timeout(), CONNECTION_TIMEOUT)
