"""Write rows of FILE_FIELDS as JSON and CSV."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from aido.json import dump
from todo.statements import Row
from todo.transfer.serializers import FILE_FIELDS
from todo.transfer.spreadsheets import escape

BYTE_ORDER_MARK = "\ufeff"


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
