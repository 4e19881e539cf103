"""Permanently delete tasks that have been in the trash for a while."""

from datetime import timedelta

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
    bar = progress.add_task("Deleting", total=tasks.count())
    deleted = 0
    while count := tasks.filter(pk__in=tasks.values("pk")[:BATCH]).delete()[0]:
        deleted += count
        progress.update(bar, completed=deleted)
    return deleted
