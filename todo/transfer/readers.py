"""Read tasks from CSV and JSON files, as (line number, dict) pairs.

The readers yield while they read, and raise MalformedFile at the first line that they
cannot parse, or that has other columns or keys than a task. Validating the values is up
to the caller. The limits keep the worst file of 64 MiB from taking long.
"""

import csv
import json
import re
from codecs import getincrementaldecoder
from collections.abc import Collection, Iterator
from itertools import chain
from typing import IO, Any

from todo.models import Task
from todo.transfer.serializers import ImportedTaskSerializer
from todo.transfer.spreadsheets import (
    find_delimiter,
    is_local_date,
    normalize,
    to_time,
    unescape,
)

Entry = tuple[int, Any]

CHUNK_SIZE = 65_536  # bytes
LINES_SIZE = 4_096  # bytes; more lines at once would fragment the memory
MAX_LINE = 131_072  # bytes of a line of CSV; Python allows a cell as many characters
MAX_LINES = 1_000_000
MAX_VALUE = 200_000  # characters of one task in JSON; with all escaped it has 164,000
MAX_LISTED = 10  # unknown names that an error lists
MAX_NAME = 30  # characters of each
BLANKS = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder(parse_constant=float)
PRIORITIES = {str(value) for value in Task.Priority.values}
BOOLEANS = {"repeat_after_completion", "completed"}
BOOLEAN_VALUES = {"true": True, "false": False}
FIELDS = ImportedTaskSerializer.Meta.fields


class MalformedFile(Exception):
    """The file cannot be read; `line`, `column` and `message` say where and why."""

    def __init__(
        self, line: int, message: str, code: str = "malformed", column: str = ""
    ):
        super().__init__(f"Line {line}: {message}")
        self.line, self.message, self.code, self.column = line, message, code, column


def _check_names(line: int, names: Collection[str], kind: str) -> None:
    """Raise MalformedFile if some of these columns or keys are not a task's."""
    known = f"known {kind}s are {', '.join(FIELDS)}"
    unknown = [name for name in names if name not in FIELDS]
    if "title" not in names and (unknown or kind == "column"):
        message = f"This is not a list of tasks: it needs a {kind} `title`; {known}."
        raise MalformedFile(line, message, "required")
    if unknown:
        listed = ", ".join(f"`{name[:MAX_NAME]}`" for name in unknown[:MAX_LISTED])
        rest = len(unknown) - MAX_LISTED
        more = f" and {rest:,} more" if rest > 0 else ""
        message = f"Unknown {kind}s: {listed}{more}; {known}."
        raise MalformedFile(line, message, "unknown_field")


def read_csv(file: IO[bytes]) -> Iterator[Entry]:
    """Yield the rows below the header, without their empty cells.

    The header's spelling decides whether commas, semicolons or tabs separate cells.
    """
    lines = _decode_lines(file)
    header = next(lines, "")
    if not header:
        return
    delimiter = find_delimiter(header, FIELDS)
    reader = csv.reader(chain([header], lines), delimiter=delimiter, strict=True)
    try:
        names = _read_header(reader)
        while row := _next_row(reader):
            line, cells = row
            yield line, _typed(line, _by_name(line, names, cells))
    except csv.Error as error:
        raise MalformedFile(reader.line_num, f"Not CSV: {error}.") from None


def _read_header(reader: Any) -> list[str]:
    """Return the names of the columns, "" for empty ones, which spreadsheets save."""
    names = [normalize(name) for name in next(reader, [])]
    named = [*filter(None, names)]
    _check_names(1, named, "column")
    if len(set(named)) < len(named):
        raise MalformedFile(1, "Two columns have the same name.")
    return names


def _next_row(reader: Any) -> tuple[int, list[str]] | None:
    """Return the first line of the next row and its cells, or None at the end.

    Rows without a value are skipped.
    """
    while reader.line_num <= MAX_LINES:
        line = reader.line_num + 1
        cells = next(reader, None)
        if cells is None:
            return None
        if any(cells):
            return line, cells
    raise MalformedFile(reader.line_num, f"More than {MAX_LINES:,} lines.")


def _decode_lines(file: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(_split_lines(file), 1):
        if len(line) > MAX_LINE:
            raise MalformedFile(number, f"A line of more than {MAX_LINE:,} bytes.")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            message = "Not UTF-8. In a spreadsheet, save the file as CSV UTF-8."
            raise MalformedFile(number, message) from None


def _split_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines with their ends, which may be carriage returns, as on old Macs.

    Stop at a line that is too long.
    """
    rest = b""
    while len(rest) <= MAX_LINE and (chunk := file.read(LINES_SIZE)):
        *lines, rest = (rest + chunk).splitlines(keepends=True)
        yield from lines
    if rest:
        yield rest


def _by_name(line: int, names: list[str], cells: list[str]) -> dict[str, Any]:
    if any(cells[len(names) :]):
        message = "More values than columns. Put quotes around such texts."
        raise MalformedFile(line, message)
    row = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
    if "" in row:
        raise MalformedFile(line, "A value is in a column without a name.")
    return row


def _typed(line: int, row: dict[str, Any]) -> dict[str, Any]:
    """Convert cells to what they mean: texts, numbers, booleans, lists of labels."""
    if is_local_date(row.get("due_date", "")):
        message = "Write dates as YYYY-MM-DD, such as 2026-12-01."
        raise MalformedFile(line, message, "invalid", "due_date")
    row = {name: unescape(cell) for name, cell in row.items()}
    if row.get("priority") in PRIORITIES:
        row["priority"] = int(row["priority"])
    for name in BOOLEANS & row.keys():
        row[name] = BOOLEAN_VALUES.get(row[name].lower(), row[name])
    if "labels" in row:
        row["labels"] = row["labels"].replace(",", " ").split()
    if "due_time" in row:
        row["due_time"] = to_time(row["due_time"])
    return row


def read_json(file: IO[bytes]) -> Iterator[Entry]:
    """Yield the objects of an array, however it is formatted."""
    text = JSONStream(file)
    if text.peek() != "[":
        message = 'Not JSON with a list of tasks, such as [{"title": "Buy milk"}].'
        raise MalformedFile(text.line, message)
    text.expect("[")
    separator = "," if text.peek() != "]" else text.expect("]")
    while separator == ",":
        if text.peek() != "{":
            raise MalformedFile(text.line, "Expected a task, as an object.")
        line, task = text.line, text.read_value()
        _check_names(line, task, "key")
        yield line, task
        separator = text.expect(",]")
    if text.peek():
        raise MalformedFile(text.line, "Unexpected text after the end of the array.")


class JSONStream:
    """A JSON file read in chunks, which knows the line it is at.

    ijson would do this too, but does not know the line of each value, which the errors
    of an import name.
    """

    def __init__(self, file: IO[bytes]):
        self.file, self.buffer, self.position, self.line = file, "", 0, 1
        self.decoder = getincrementaldecoder("utf-8-sig")()

    def peek(self) -> str:
        """Return the next character that is not blank, or "" at the end."""
        while True:
            match = BLANKS.match(self.buffer, self.position)
            self._advance(match.end() if match else self.position)
            if self.position < len(self.buffer) or not self._read_chunk():
                return self.buffer[self.position : self.position + 1]

    def expect(self, characters: str) -> str:
        """Consume one of these characters. Raises MalformedFile."""
        character = self.peek()
        if not character or character not in characters:
            expected = " or ".join(characters)
            raise MalformedFile(self.line, f"Not JSON: expected {expected}.")
        self._advance(self.position + 1)
        return character

    def read_value(self) -> Any:
        """Consume a value. Raises MalformedFile."""
        while True:
            try:
                value, end = DECODER.raw_decode(self.buffer, self.position)
            except (ValueError, RecursionError) as error:
                is_long = len(self.buffer) - self.position > MAX_VALUE
                if is_long or not self._read_chunk():
                    message = _explain(error, is_long)
                    raise MalformedFile(self.line, message) from None
            else:
                self._advance(end)
                return value

    def _read_chunk(self) -> bool:
        chunk = self.file.read(CHUNK_SIZE)
        rest = self.buffer[self.position :]
        try:
            self.buffer = rest + self.decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            lines = rest.count("\n") + chunk[: error.start].count(b"\n")
            raise MalformedFile(self.line + lines, "Not UTF-8.") from None
        self.position = 0
        return bool(chunk)

    def _advance(self, end: int) -> None:
        self.line += self.buffer.count("\n", self.position, end)
        self.position = end


def _explain(error: Exception, is_long: bool) -> str:
    is_nested = isinstance(error, RecursionError)
    reason = getattr(error, "msg", "nested too deeply" if is_nested else "long number")
    if is_long:
        return f"A task of more than {MAX_VALUE:,} characters, or not JSON: {reason}."
    return f"Not JSON: {reason}."


READERS = {"json": read_json, "csv": read_csv}
