from django.db import ProgrammingError, migrations, models
from django.db.backends.postgresql.psycopg_any import errors

from aido.database.operations import (
    AddIndexConcurrently,
    index_is_valid,
    wait_for_locks,
)

INDEX = "task_words"


def add_index(apps, schema_editor):
    """Index parts of words where the server offers pg_trgm, as Neon does.

    Without it, search reads all tasks of a user.
    """
    connection = schema_editor.connection
    if not create_extension(connection):
        return
    with wait_for_locks(connection), connection.cursor() as cursor:
        if index_is_valid(connection, INDEX) is False:  # a build was interrupted
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        cursor.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {INDEX} ON task"
            " USING gin (folded gin_trgm_ops)"
        )


def create_extension(connection):
    """Return whether the extension is there, or could be created."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if not cursor.fetchone():
            return False
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except ProgrammingError as error:
            if not isinstance(error.__cause__, errors.InsufficientPrivilege):
                raise
            return False
    return True


def remove_index(apps, schema_editor):
    with wait_for_locks(schema_editor.connection):
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")


class Migration(migrations.Migration):
    atomic = False  # so that the index can be built while the service is running

    dependencies = [("todo", "0010_positions_and_indexes")]

    operations = [
        AddIndexConcurrently(
            model_name="task",
            index=models.Index(
                condition=models.Q(("folded", "")),
                fields=["owner"],
                name="task_not_folded",
            ),
        ),
        migrations.RunPython(add_index, remove_index),
    ]
