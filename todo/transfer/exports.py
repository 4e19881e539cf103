"""Write all tasks of a user to a file."""

from collections.abc import Iterator
from itertools import chain, islice

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.http import StreamingHttpResponse

from aido.database import replica
from todo.models import Task, User
from todo.statements import Row
from todo.transfer.serializers import FILE_FIELDS
from todo.transfer.writers import CONTENT_TYPES, WRITERS

BATCH_SIZE = 1000  # rows
# Fields of a file that are not fields of a task. The name of a list says more than its
# id, and more than that in another account.
LIST_COLUMNS = {
    "list": "list__name",
    "list_color": "list__color",
    "list_position": "list__position",
}
COLUMNS = [LIST_COLUMNS.get(name, name) for name in FILE_FIELDS]


def export_rows(user: User) -> Iterator[Row]:
    """Yield all tasks of the user as rows of FILE_FIELDS, the oldest first."""
    tasks = Task.objects.owned_by(user).order_by("created_at", "id")
    tasks = tasks.values_list(*COLUMNS)
    rows = _read_batch(tasks)
    while rows:
        yield from rows
        last = (rows[-1]["created_at"], rows[-1]["id"])
        is_after = TupleGreaterThan(Tuple(F("created_at"), F("id")), last)
        rows = _read_batch(tasks.filter(is_after))


def _read_batch(tasks: QuerySet) -> list[Row]:
    found = replica.read(lambda alias: list(tasks.using(alias)[:BATCH_SIZE]))
    rows = [dict(zip(FILE_FIELDS, row, strict=True)) for row in found]
    for row in rows:
        row["list_color"] = row["list_color"] or None
        if row["due_time"]:
            row["due_time"] = row["due_time"].isoformat("minutes")
    return rows


def export_response(user: User, kind: str) -> StreamingHttpResponse:
    """Stream all tasks as a file of this kind, `json` or `csv`.

    The first row is read before the response starts, so that an early error becomes an
    error response and not a truncated file.
    """
    rows = export_rows(user)
    first = list(islice(rows, 1))
    return StreamingHttpResponse(
        WRITERS[kind](chain(first, rows)),
        content_type=CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="tasks.{kind}"'},
    )
