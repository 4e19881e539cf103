import uuid

import django.db.models.functions.comparison
from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

from aido.database.operations import AddIndexConcurrently

BATCH_SIZE = 1000  # rows, which are locked while their positions are written
SET_POSITIONS = """
    WITH batch AS (
        SELECT id FROM task WHERE id > %s ORDER BY id LIMIT %s
    ), changed AS (
        UPDATE task SET position = GREATEST(  -- 16 digits, see PositionField
            FLOOR(EXTRACT(EPOCH FROM created_at) * 1000000), 1001000000000000
        )
        FROM batch WHERE task.id = batch.id
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
"""
TASK_CHECKS = [
    "task_due_time_needs_date",
    "task_repeat_needs_date",
    "task_repeat_not_empty",
    "task_labels_valid",
]


def set_positions(apps, schema_editor):
    """Order the tasks that exist by their creation, as new tasks are."""
    last = uuid.UUID(int=0)
    with schema_editor.connection.cursor() as cursor:
        while last:
            cursor.execute(SET_POSITIONS, [last, BATCH_SIZE])
            [last] = cursor.fetchone() or [None]


class Migration(migrations.Migration):
    atomic = False  # so that nothing is locked for long while the service is running

    dependencies = [("todo", "0009_lists_and_repeats")]

    operations = [
        migrations.RunPython(set_positions, migrations.RunPython.noop, elidable=True),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(
                    ("completed_at__isnull", False), ("deleted_at", None)
                ),
                fields=["owner", "completed_at", "id"],
                name="task_completed",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                models.F("owner"),
                django.db.models.functions.comparison.Coalesce(
                    "list",
                    models.Value(
                        uuid.UUID("00000000-0000-0000-0000-000000000000"),
                        models.UUIDField(),
                    ),
                ),
                models.F("position"),
                models.F("id"),
                condition=models.Q(("completed_at", None), ("deleted_at", None)),
                name="task_open_list",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(("list__isnull", False)),
                fields=["list"],
                name="task_list",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(("copy_of__isnull", False)),
                fields=["copy_of", "due_date"],
                name="task_copies",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                models.F("owner"),
                django.db.models.functions.comparison.Greatest(
                    "updated_at", "imported_at"
                ),
                models.F("id"),
                name="task_changed",
            ),
        ),
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(("completion_key__isnull", False)),
                fields=["completion_key"],
                name="task_completion_key",
            ),
        ),
        *(ValidateConstraint("task", name) for name in TASK_CHECKS),
        migrations.RunSQL(
            "ALTER TABLE task VALIDATE CONSTRAINT task_list_of_owner",
            migrations.RunSQL.noop,
        ),
    ]
