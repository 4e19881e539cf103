"""Permanently delete tasks that have been in the trash for a while."""

from datetime import timedelta
from itertools import batched

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.progress import Progress

from todo.models import Task

BATCH = 1000  # rows per statement, so that no lock is held for long


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        help_text = "how many days a task must have been in the trash (default: 30)"
        parser.add_argument("--days", type=int, default=30, help=help_text)

    def handle(self, *args, **options):
        if not 0 <= options["days"] <= 36_500:
            raise CommandError("--days must be from 0 to 36500.")
        before = timezone.now() - timedelta(days=options["days"])
        tasks = Task.objects.filter(deleted_at__lte=before)
        with Progress(disable=options["verbosity"] == 0) as progress:
            deleted = purge(tasks, progress)
        self.stdout.write(f"{deleted} task{'' if deleted == 1 else 's'} deleted.")


def purge(tasks, progress):
    """Delete the tasks in batches; return how many.

    The ids come from one cursor, so that no batch reads what another one has read.
    """
    bar = progress.add_task("Deleting", total=tasks.count())
    deleted = 0
    ids = tasks.order_by().values_list("pk", flat=True).iterator(BATCH)
    for batch in batched(ids, BATCH):
        # Without those that were restored in the meantime.
        deleted += tasks.filter(pk__in=batch).delete()[0]
        progress.advance(bar, len(batch))
    return deleted
