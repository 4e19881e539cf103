"""Permanently delete tasks that have been in the trash for a while."""

from datetime import timedelta
from itertools import batched

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone
from rich.progress import Progress

from todo.models import Task
from todo.trash import REMEMBER_AND_COUNT

BATCH = 1000  # rows per statement, so that no lock is held for long
# Users are locked before their tasks and in one order, as in User.delete().
DELETE = f"""
    WITH owner AS MATERIALIZED (
        SELECT id FROM "user" WHERE id = ANY(%(owners)s) ORDER BY id
        FOR NO KEY UPDATE
    ), deleted AS (
        DELETE FROM task USING owner
        WHERE task.owner_id = owner.id AND task.id = ANY(%(ids)s)
            AND task.deleted_at <= %(before)s
        RETURNING owner_id, GREATEST(task.updated_at, task.imported_at) AS changed_at
    ), {REMEMBER_AND_COUNT}
"""


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        help_text = "how many days a task must have been in the trash (default: 30)"
        parser.add_argument("--days", type=int, default=30, help=help_text)

    def handle(self, *args, **options):
        if not 0 <= options["days"] <= 36_500:
            raise CommandError("--days must be from 0 to 36500.")
        before = timezone.now() - timedelta(days=options["days"])
        with Progress(disable=options["verbosity"] == 0) as progress:
            deleted = purge(before, progress)
        self.stdout.write(f"{deleted} task{'' if deleted == 1 else 's'} deleted.")


def purge(before, progress):
    """Delete the tasks in batches; return how many.

    The ids come from one cursor, so that no batch reads what another one has read.
    """
    tasks = Task.objects.filter(deleted_at__lte=before)
    bar = progress.add_task("Deleting", total=tasks.count())
    deleted = 0
    # Sorted, so that few batches have tasks of the same user.
    rows = tasks.order_by("owner_id", "created_at").values_list("owner_id", "pk")
    for batch in batched(rows.iterator(BATCH), BATCH):
        deleted += delete(before, batch)
        progress.advance(bar, len(batch))
    return deleted


def delete(before, batch):
    """Delete those tasks of the batch that were not restored; return how many."""
    owners, ids = map(list, zip(*batch, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(DELETE, {"owners": owners, "ids": ids, "before": before})
        return cursor.fetchone()[0]
