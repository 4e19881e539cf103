"""Django's database cache, without hidden errors, and culled in order of time."""

import base64
import pickle
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends import db
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.db import connections, router
from django.utils import timezone

NEVER = datetime.max.replace(microsecond=0, tzinfo=UTC)
CULL_ENTRIES = """
    DELETE FROM {0}
    WHERE cache_key IN (SELECT cache_key FROM {0} ORDER BY expires LIMIT %s)
"""
TOUCH_ENTRY = "UPDATE {} SET expires = %s WHERE cache_key = %s"
WRITE_ENTRY = """
    INSERT INTO {} AS old (cache_key, value, expires) VALUES (%s, %s, %s)
    ON CONFLICT (cache_key) DO UPDATE
    SET value = excluded.value, expires = excluded.expires
    WHERE %s OR old.expires < %s
"""


class DatabaseCache(db.DatabaseCache):
    """Raise the error of a failed write, and cull what expires first.

    Django returns False instead, which rate limits take for a lock that another
    request holds: during an outage they would answer 429. And it culls by key, so that
    many requests of one kind would end the limits of another.
    """

    def _base_set(
        self, mode: str, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT
    ) -> bool:
        """Write in one statement: atomic, even without a transaction."""
        alias = router.db_for_write(self.cache_model_class)
        table = connections[alias].ops.quote_name(self._table)
        now, expires = timezone.now(), self._expiry(timeout)
        with connections[alias].cursor() as cursor:
            if mode == "touch":
                cursor.execute(TOUCH_ENTRY.format(table), [expires, key])
            else:
                self._cull_if_full(cursor, table)
                values = [key, encode(value), expires, mode == "set", now]
                cursor.execute(WRITE_ENTRY.format(table), values)
            return bool(cursor.rowcount)

    def _expiry(self, timeout: Any) -> datetime:
        seconds = self.get_backend_timeout(timeout)
        return NEVER if seconds is None else datetime.fromtimestamp(seconds, UTC)

    def _cull_if_full(self, cursor: Any, table: str) -> None:
        cursor.execute(f"SELECT count(*) FROM {table}")
        count = cursor.fetchone()[0]
        if count > self._max_entries:
            number = count // self._cull_frequency
            cursor.execute(CULL_ENTRIES.format(table), [number])


def encode(value: Any) -> str:
    return base64.b64encode(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)).decode()
