import datetime
import uuid

from django.db import migrations, models
from django.db.models.functions import Coalesce

from aido.database.operations import AddIndexConcurrently, RemoveIndexConcurrently

IS_OPEN = models.Q(("completed_at", None), ("deleted_at", None))


class Migration(migrations.Migration):
    atomic = False  # so that the indexes can be built while the service is running

    dependencies = [("todo", "0012_fewer_indexes")]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                models.F("owner"),
                Coalesce(
                    "due_date",
                    models.Value(datetime.date(9999, 12, 31), models.DateField()),
                ),
                models.F("id"),
                condition=IS_OPEN,
                include=("due_date",),
                name="task_open_due_date",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                models.F("owner"),
                Coalesce(
                    "list",
                    models.Value(
                        uuid.UUID("00000000-0000-0000-0000-000000000000"),
                        models.UUIDField(),
                    ),
                ),
                models.F("position"),
                models.F("id"),
                condition=IS_OPEN,
                include=("list",),
                name="task_open_in_list",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                fields=["owner", "created_at", "id"],
                condition=models.Q(
                    ("completed_at", None),
                    ("deleted_at", None),
                    models.Q(("labels", []), _negated=True),
                ),
                name="task_open_labelled",
            ),
        ),
        RemoveIndexConcurrently(model_name="task", name="task_open_due"),
        RemoveIndexConcurrently(model_name="task", name="task_open_list"),
        # The last, because unlike the others it cannot run again.
        migrations.AddField(
            model_name="user",
            name="shortcuts",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text=(
                    "Letters are shortcuts on the pages, such as n for a new task."
                ),
                verbose_name="keyboard shortcuts",
            ),
        ),
    ]
