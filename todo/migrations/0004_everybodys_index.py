import datetime

import django.db.models.functions.comparison
from django.db import migrations, models

from aido.database.operations import AddIndexConcurrently, RemoveIndexConcurrently


class Migration(migrations.Migration):
    """All indexes of tasks since 0001, whichever of them exist already."""

    atomic = False  # so that indexes can be built while the service is running

    dependencies = [
        ('todo', '0003_cache_table'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(fields=['owner', 'created_at', 'id'], name='task_newest'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.F('owner'), django.db.models.functions.comparison.Coalesce('due_date', models.Value(datetime.date(9999, 12, 31), models.DateField())), models.F('id'), name='task_due'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(fields=['owner', 'priority', 'id'], name='task_priority'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(condition=models.Q(('completed_at', None), ('deleted_at', None)), fields=['owner', 'created_at', 'id'], name='task_open_newest'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.F('owner'), django.db.models.functions.comparison.Coalesce('due_date', models.Value(datetime.date(9999, 12, 31), models.DateField())), models.F('id'), condition=models.Q(('completed_at', None), ('deleted_at', None)), name='task_open_due'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(condition=models.Q(('completed_at', None), ('deleted_at', None)), fields=['owner', 'priority', 'id'], name='task_open_priority'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['owner', 'created_at', 'id'], name='task_trashed'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(condition=models.Q(('priority__gte', 0)), fields=['created_at'], name='task_everybodys'),
        ),
        RemoveIndexConcurrently(
            model_name='task',
            name='task_owner_newest',
        ),
        RemoveIndexConcurrently(
            model_name='task',
            name='task_created_at',
        ),
    ]
