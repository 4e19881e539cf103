"""Write all tasks of a user to a file."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain, islice

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.http import StreamingHttpResponse

from aido.json import dump
from todo.models import Task, User
from todo.models.task import TASK_FIELDS
from todo.statements import Row
from todo.transfer.spreadsheets import escape

BATCH_SIZE = 1000  # rows
BYTE_ORDER_MARK = "\ufeff"


def export_rows(user: User) -> Iterator[Row]:
    """Yield all tasks of the user as rows of TASK_FIELDS, the oldest first."""
    tasks = Task.objects.owned_by(user).order_by("created_at", "id")
    tasks = tasks.values(*TASK_FIELDS)
    rows = list(tasks[:BATCH_SIZE])
    while rows:
        yield from rows
        last = (rows[-1]["created_at"], rows[-1]["id"])
        is_after = TupleGreaterThan(Tuple(F("created_at"), F("id")), last)
        rows = list(tasks.filter(is_after)[:BATCH_SIZE])


def write_json(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a JSON array with one task per line."""
    separator = b"[\n"
    for row in rows:
        yield separator + dump(row)
        separator = b",\n"
    yield b"\n]\n" if separator == b",\n" else b"[]\n"


def write_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a header and one line per task. No cell is a formula."""
    line = StringIO()
    line.write(BYTE_ORDER_MARK)  # without it, Excel takes the file for Windows-1252
    writer = csv.DictWriter(line, TASK_FIELDS)
    writer.writeheader()
    for row in rows:
        writer.writerow(_cells(row))
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
    yield line.getvalue().encode()


def _cells(row: Row) -> Row:
    """Return the row with dates and times as in JSON, and texts escaped."""
    values = json.loads(dump(row))
    return {
        name: escape(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


WRITERS = {"json": write_json, "csv": write_csv}
CONTENT_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


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
