from django.db import migrations, transaction

from todo.models.text import fold_task

BATCH_SIZE = 500  # rows, which are locked while they are folded


def fold_tasks(apps, schema_editor):
    tasks = apps.get_model("todo", "Task").objects.order_by("pk").filter(folded="")
    last = None
    while last := fold_batch(tasks.filter(pk__gt=last) if last else tasks):
        pass


def fold_batch(tasks):
    """Fold some of the tasks; return the id of the last one, or None.

    The rows are locked, so that none gets the folded text of an older version.
    """
    with transaction.atomic():
        batch = list(
            tasks.only("title", "description").select_for_update()[:BATCH_SIZE]
        )
        for task in batch:
            task.folded = fold_task(task.title, task.description)
        tasks.model.objects.bulk_update(batch, ["folded"])
    return batch[-1].pk if batch else None


class Migration(migrations.Migration):
    atomic = False  # each batch is committed, so that no lock is held for long

    dependencies = [("todo", "0005_search_text")]

    operations = [migrations.RunPython(fold_tasks, migrations.RunPython.noop)]
