from django.db import migrations

from todo.models.text import fold_task

BATCH_SIZE = 1000  # rows


def fold_tasks(apps, schema_editor):
    tasks = apps.get_model("todo", "Task").objects.order_by("pk").filter(folded="")
    tasks = tasks.only("title", "description")
    batch = list(tasks[:BATCH_SIZE])
    while batch:
        for task in batch:
            task.folded = fold_task(task.title, task.description)
        tasks.model.objects.bulk_update(batch, ["folded"])
        batch = list(tasks.filter(pk__gt=batch[-1].pk)[:BATCH_SIZE])


class Migration(migrations.Migration):
    atomic = False  # each batch is committed, so that no lock is held for long

    dependencies = [("todo", "0005_search_text")]

    operations = [migrations.RunPython(fold_tasks, migrations.RunPython.noop)]
