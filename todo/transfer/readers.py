"""Read tasks from CSV and JSON files, as (line number, dict) pairs.

The readers yield while they read, and raise MalformedFile at the first line that they
cannot parse. Validating the tasks is up to the caller.
"""

import csv
import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from typing import IO, Any

from todo.models import Task

Entry = tuple[int, Any]

CHUNK_SIZE = 65_536  # bytes
MAX_VALUE = 1_000_000  # characters of one task
MAX_LINES = 1_000_000
BLANKS = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder(parse_constant=float)
PRIORITIES = {str(value) for value in Task.Priority.values}


class MalformedFile(Exception):
    """The file cannot be parsed; `line` and `message` say where and why."""

    def __init__(self, line: int, message: str):
        super().__init__(f"Line {line}: {message}")
        self.line, self.message = line, message


def read_csv(file: IO[bytes]) -> Iterator[Entry]:
    """Yield the rows below the header. Empty cells are left out."""
    reader = csv.reader(_decode_lines(file), strict=True)
    line = 1
    try:
        names = next(reader, [])
        if len(set(names)) < len(names):
            raise MalformedFile(1, "Two columns have the same name.")
        while row := _next_row(reader):
            line, cells = row
            if len(cells) > len(names):
                raise MalformedFile(line, "More values than columns.")
            values = zip(names, cells, strict=False)
            yield line, _typed({name: cell for name, cell in values if cell})
    except csv.Error as error:
        raise MalformedFile(reader.line_num, f"Not CSV: {error}.") from None


def _next_row(reader: Any) -> tuple[int, list[str]] | None:
    """Return the first line of the next row and its cells, or None at the end."""
    while reader.line_num <= MAX_LINES:
        line = reader.line_num + 1
        cells = next(reader, None)
        if cells is None:
            return None
        if cells:
            return line, cells
    raise MalformedFile(reader.line_num, f"More than {MAX_LINES:,} lines.")


def _decode_lines(file: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise MalformedFile(number, "Not UTF-8.") from None


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """Convert cells that mean a number or a boolean."""
    if row.get("priority") in PRIORITIES:
        row["priority"] = int(row["priority"])
    if row.get("completed", "").lower() in {"true", "false"}:
        row["completed"] = row["completed"].lower() == "true"
    return row


def read_json(file: IO[bytes]) -> Iterator[Entry]:
    """Yield the objects of an array, however it is formatted."""
    text = JSONStream(file)
    text.expect("[")
    separator = "," if text.peek() != "]" else text.expect("]")
    while separator == ",":
        if text.peek() != "{":
            raise MalformedFile(text.line, "Expected a task, as an object.")
        yield text.line, text.read_value()
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
                    message = getattr(error, "msg", "nested too deeply")
                    raise MalformedFile(self.line, f"Not JSON: {message}.") from None
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


READERS = {"json": read_json, "csv": read_csv}
