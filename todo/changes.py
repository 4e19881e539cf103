"""What has changed since a client last asked, for those that keep a copy of all tasks.

Rows are ordered by the time of their change. A slow statement may commit a change after
later ones were read, so every reading begins OVERLAP before the one before it: changes
of that time are returned again, and none is missed.

On a replica, a reading ends at the last commit that was replayed before it, not at the
current time. Later commits are replayed later, in the order of the WAL, and a change is
less than OVERLAP older than its commit. So the next reading begins OVERLAP before that
commit, and none is missed, however far the replica lags and whichever server answers.
A reading may return an older state of a task than an earlier one did; the later state
is returned again after it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS
from django.db.models import DateTimeField, F, UUIDField
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.utils import timezone

from aido.database import replica
from todo import statements
from todo.models import User
from todo.models.task import TASK_FIELDS
from todo.models.task_expressions import CHANGED_AT
from todo.statements import Parameter, Row, Statement, run_together
from todo.tasks import (
    ACTIVE_SESSION,
    EPOCH,
    OWNED_TASKS,
    Owner,
    bind,
    time_version,
    version_time,
)

# Longer than a change takes from reading the clock until its commit: 10 s of retries,
# and 30 s for the statement. The rest is for clocks that differ.
OVERLAP = timedelta(seconds=60)
FIRST_ID = UUID(int=0)
SINCE_PARAMETERS = (
    Parameter("changed_at", DateTimeField()),
    Parameter("id", UUIDField()),
)
REPLAY = Statement(replica.REPLAY_TIME, [], ["time"]).bind()


class Since(NamedTuple):
    """Where to go on: after the change of this task at this time.

    `restart` is where to begin again after the last page, None between readings.
    """

    changed_at: datetime = EPOCH
    id: UUID = FIRST_ID
    restart: datetime | None = None

    def encode(self) -> str:
        restart = self.restart and time_version(self.restart)
        values = [self.id, time_version(self.changed_at), restart]
        return urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> "Since":
        """Parse an encoded value. Raises ValueError."""
        try:
            padded = text + "=" * (-len(text) % 4)
            key, changed_at, restart = orjson.loads(urlsafe_b64decode(padded))
            restart = None if restart is None else version_time(restart)
            return cls(version_time(changed_at), UUID(key), restart)
        except (TypeError, AttributeError, ArithmeticError) as error:
            raise ValueError from error

    def begin(self, time: datetime) -> "Since":
        """Return where to read from on a server that is as of this time.

        A later page of a reading may come from a server that is behind the first one.
        """
        restart = time - OVERLAP
        return self._replace(restart=min(self.restart or restart, restart))

    def following(self, rows: list[Row], limit: int) -> "Since":
        """Return where to go on after these rows. Removes `changed_at` from them."""
        times = [row.pop("changed_at") for row in rows]
        if len(rows) == limit:
            return self._replace(changed_at=times[-1], id=rows[-1]["id"])
        return Since(self.restart or EPOCH)

    def is_lost(self, purged_until: datetime | None) -> bool:
        """Return whether tasks that changed since are deleted permanently."""
        if purged_until is None or self.changed_at == EPOCH:
            return False
        return self.changed_at < purged_until


class Reading(NamedTuple):
    """Up to `limit` tasks that changed, and where the reading began.

    `users` has the user's `purged_until`, or no row if the session has ended.
    """

    since: Since
    users: list[Row]
    rows: list[Row]


def read(
    owner: Owner, since: Since, limit: int, using: str = DEFAULT_DB_ALIAS
) -> Reading:
    """Read the changes, from the primary or the replica, in one round trip.

    Raises Behind if the replica is not fit, or does not know the session yet.
    """
    now = timezone.now()
    place = {"changed_at": since.changed_at, "id": since.id}
    # `purged_until` is read last: a purge that the rows show, it shows too.
    statements = [bind(_changed(limit), owner, **place), bind(_purged_until(), owner)]
    if using == DEFAULT_DB_ALIAS:
        rows, users = run_together(*statements)
        return Reading(since.begin(now), users, rows)
    replayed_at, rows, users = _read_replica(statements, using)
    return Reading(since.begin(min(now, replayed_at)), users, rows)


def _read_replica(
    statements: list[Statement], using: str
) -> tuple[datetime, list[Row], list[Row]]:
    # In the same round trip, and first: a later one may reach another replica, and each
    # statement sees what was replayed before it started.
    [replay], rows, users = run_together(REPLAY, *statements, using=using)
    replica.check_lag(replay["time"])
    if not users:
        raise replica.Behind
    return replay["time"], rows, users


@lru_cache(1)
def _purged_until() -> Statement:
    user = User.objects.filter(pk__in=ACTIVE_SESSION.values("user_id")).order_by()
    return statements.select(user, ["purged_until"])


@lru_cache(100)
def _changed(limit: int) -> Statement:
    is_after = TupleGreaterThan(Tuple(CHANGED_AT, F("id")), SINCE_PARAMETERS)
    tasks = OWNED_TASKS.annotate(changed_at=CHANGED_AT).filter(is_after)
    tasks = tasks.order_by("changed_at", "id")[:limit]
    return statements.select(tasks, [*TASK_FIELDS, "changed_at"])
