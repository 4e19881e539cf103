from django.db import migrations, models

from aido.database.operations import AddIndexConcurrently, RemoveIndexConcurrently

REMOVED = [
    "task_newest",
    "task_open_newest",
    "task_due",
    "task_priority",
    "task_open_priority",
]


class Migration(migrations.Migration):
    atomic = False  # so that indexes can be built while the service is running

    dependencies = [("todo", "0011_search_index")]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(fields=["owner", "created_at"], name="task_created"),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(("completed_at", None), ("deleted_at", None)),
                fields=["owner", "created_at"],
                name="task_open_created",
            ),
        ),
        *(RemoveIndexConcurrently("task", name) for name in REMOVED),
    ]
