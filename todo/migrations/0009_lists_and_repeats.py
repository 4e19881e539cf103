import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import todo.models.list
import todo.models.text
import uuid
import uuid_utils.compat
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Everything here takes its locks for a moment only; 0010 does what takes longer."""

    dependencies = [
        ('todo', '0008_previous_completed_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='completion_key',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='copy_of',
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='due_time',
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='imported_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='labels',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50, validators=[django.core.validators.RegexValidator('^[^\\s,]+\\Z')]), blank=True, db_default=[], default=list, size=50),
        ),
        migrations.AddField(
            model_name='task',
            name='position',
            field=todo.models.list.PositionField(db_default=todo.models.list.MicrosecondsNow(), editable=False),
        ),
        migrations.AddField(
            model_name='task',
            name='repeat',
            field=models.CharField(blank=True, max_length=200, null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='repeat_after_completion',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='user',
            name='purged_until',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name='List',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, validators=[todo.models.text.validate_visible])),
                ('color', models.CharField(blank=True, choices=[('red', 'Red'), ('orange', 'Orange'), ('yellow', 'Yellow'), ('green', 'Green'), ('teal', 'Teal'), ('blue', 'Blue'), ('purple', 'Purple'), ('pink', 'Pink'), ('brown', 'Brown'), ('gray', 'Gray')], default='', max_length=10)),
                ('position', todo.models.list.PositionField(db_default=todo.models.list.MicrosecondsNow(), editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('request_digest', models.BinaryField(max_length=32, null=True)),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lists', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'list',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.AddField(
            model_name='task',
            name='list',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='tasks', to='todo.list'),
        ),
        migrations.AddConstraint(
            model_name='list',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '^\\S(.*\\S)?$')), name='list_name_trimmed', violation_error_message='A name needs a character that is not blank.'),
        ),
        migrations.AddConstraint(
            model_name='list',
            constraint=models.CheckConstraint(condition=models.Q(('color__in', ['', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink', 'brown', 'gray'])), name='list_color_known'),
        ),
        migrations.AddConstraint(
            model_name='list',
            constraint=models.UniqueConstraint(models.F('owner'), django.db.models.functions.text.Lower('name'), name='list_name_unique', violation_error_message='You have a list with this name already.'),
        ),
        migrations.AddConstraint(
            model_name='list',
            constraint=models.UniqueConstraint(fields=('id', 'owner'), name='list_of_owner'),
        ),
        AddConstraintNotValid(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('due_time', None), ('due_date__isnull', False), _connector='OR'), name='task_due_time_needs_date', violation_error_message='A time needs a due date.'),
        ),
        AddConstraintNotValid(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('repeat', None), ('due_date__isnull', False), _connector='OR'), name='task_repeat_needs_date', violation_error_message='A task that repeats needs a due date.'),
        ),
        AddConstraintNotValid(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('repeat', None), models.Q(('repeat', ''), _negated=True), _connector='OR'), name='task_repeat_not_empty'),
        ),
        AddConstraintNotValid(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.Regex(models.Func('labels', models.Value(','), function='ARRAY_TO_STRING', output_field=models.TextField()), models.Value('^([^\\s,]+(,[^\\s,]+)*)?$')), django.db.models.lookups.Exact(models.Func(models.Func(models.Func('labels', models.Value(','), function='ARRAY_TO_STRING', output_field=models.TextField()), models.Value(','), function='STRING_TO_ARRAY'), function='CARDINALITY', output_field=models.IntegerField()), models.Func('labels', function='CARDINALITY')), ('labels__len__lte', 50)), name='task_labels_valid'),
        ),
        # Django's foreign keys have one column. This one holds that both have one owner.
        migrations.RunSQL(
            """
            ALTER TABLE task ADD CONSTRAINT task_list_of_owner
            FOREIGN KEY (list_id, owner_id) REFERENCES list (id, owner_id)
            ON DELETE SET NULL (list_id) NOT VALID
            """,
            "ALTER TABLE task DROP CONSTRAINT task_list_of_owner",
        ),
    ]
