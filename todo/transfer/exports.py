"""Write all tasks of a user to a file."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain, islice
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.http import StreamingHttpResponse

from aido.database import replica
from aido.json import dump
from todo.models import Task, User
from todo.statements import Row
from todo.transfer.serializers import FILE_FIELDS
from todo.transfer.spreadsheets import escape

BATCH_SIZE = 1000  # rows
# Fields of a file that are not fields of a task. The name of a list says more than its
# id, and more than that in another account.
LIST_COLUMNS = {
    "list": "list__name",
    "list_color": "list__color",
    "list_position": "list__position",
}
COLUMNS = [LIST_COLUMNS.get(name, name) for name in FILE_FIELDS]
BYTE_ORDER_MARK = "\ufeff"


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


def write_json(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a JSON array with one task per line."""
    separator = b"[\n"
    for row in rows:
        yield separator + dump(row)
        separator = b",\n"
    yield b"\n]\n" if separator == b",\n" else b"[]\n"


def write_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a header and one line per task. No cell is a formula or a long number."""
    line = StringIO()
    line.write(BYTE_ORDER_MARK)  # without it, Excel takes the file for Windows-1252
    writer = csv.DictWriter(line, FILE_FIELDS)
    writer.writeheader()
    for row in rows:
        writer.writerow(_cells(row))
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
    yield line.getvalue().encode()


def _cells(row: Row) -> Row:
    """Return the row with values as in JSON, texts escaped, and labels as one text."""
    return {name: _cell(value) for name, value in json.loads(dump(row)).items()}


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    value = " ".join(value) if isinstance(value, list) else value
    return escape(value) if isinstance(value, str) else value


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
