"""Tasks out of aido and into it, as files. What goes out comes in again as it was.

Both ways read and write a batch at a time, so that 100,000 tasks need no more memory
than 1,000.
"""

import csv
import json
import re
from codecs import getincrementaldecoder
from io import StringIO
from itertools import batched, chain, islice
from uuid import uuid5

from django.db import transaction
from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.http import StreamingHttpResponse
from rest_framework.exceptions import ErrorDetail, ValidationError

from aido.json import dump
from todo.models import Task, User
from todo.models.task import FIELDS
from todo.serializers import ImportedTaskSerializer

BATCH = 1000  # rows
CHUNK = 65_536  # bytes
MAX_VALUE = 1_000_000  # characters of one task
MAX_FILE = 64 * 2**20  # bytes, of about 200,000 tasks
MAX_ERRORS = 100
MAX_LINES = 1_000_000
BLANKS = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder(parse_constant=float)
PRIORITIES = {str(value) for value in Task.Priority.values}


def export_rows(user):
    """All tasks of the user, the oldest first, as dicts of FIELDS."""
    tasks = Task.objects.owned_by(user).order_by("created_at", "id").values(*FIELDS)
    rows = list(tasks[:BATCH])
    while rows:
        yield from rows
        last = (rows[-1]["created_at"], rows[-1]["id"])
        place = TupleGreaterThan(Tuple(F("created_at"), F("id")), last)
        rows = list(tasks.filter(place)[:BATCH])


def as_json(rows):
    """An array with a task on each line."""
    start = b"[\n"
    for row in rows:
        yield start + dump(row)
        start = b",\n"
    yield b"\n]\n" if start == b",\n" else b"[]\n"


def as_csv(rows):
    line = StringIO()
    writer = csv.DictWriter(line, FIELDS)
    writer.writeheader()
    for row in rows:
        writer.writerow(json.loads(dump(row)))  # times as JSON writes them
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
    yield line.getvalue().encode()


@transaction.atomic
def import_rows(user, rows):
    """Add tasks from pairs of line and dict; returns how many, and how many were there.

    An id that the user has already is skipped, so that a second try adds nothing. One
    that is another's gets an id which is the same at each try. Raises ValidationError
    with what is wrong by line, in up to MAX_ERRORS rows, and adds nothing then.
    """
    # One import of a user at a time: two with the same ids would wait for each other.
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    errors, created, total = {}, 0, 0
    for batch in batched(_validated(rows, errors), BATCH):
        total += len(batch)
        if not errors:
            created += _create(user, batch)
    if errors:
        raise ValidationError(errors)
    return created, total - created


def _validated(rows, errors):
    """Unsaved tasks; what is wrong with the others goes into `errors`."""
    serializer = ImportedTaskSerializer()
    try:
        for number, (line, row) in enumerate(rows, 1):
            try:
                yield Task(**serializer.run_validation(row))
            except ValidationError as error:
                errors[f"{line}#{number}" if str(line) in errors else str(line)] = (
                    error.detail
                )
                if len(errors) >= MAX_ERRORS:
                    return
    except MalformedFile as error:
        errors[str(error.line)] = [ErrorDetail(error.message, "malformed")]


def _create(user, tasks):
    own_id = {task.id: uuid5(user.pk, str(task.id)) for task in tasks}
    found = Task.objects.filter(pk__in=[*own_id, *own_id.values()])
    owners = dict(found.values_list("pk", "owner_id"))
    new = {}
    for task in tasks:
        if owners.get(task.id, user.pk) != user.pk:
            task.id = own_id[task.id]
        if task.id not in owners:
            task.owner_id = user.pk
            new.setdefault(task.id, task)
    Task.objects.bulk_create(new.values())
    return len(new)


class MalformedFile(Exception):
    def __init__(self, line, message):
        self.line, self.message = line, message


def read_csv(file):
    """Pairs of line and dict; raises MalformedFile. Empty cells are left out."""
    reader = csv.reader(_decoded_lines(file), strict=True)
    line = 1
    try:
        names = next(reader, [])
        if len(set(names)) < len(names):
            raise MalformedFile(1, "A column stands there twice.")
        while row := next_row(reader):
            line, cells = row
            if len(cells) > len(names):
                raise MalformedFile(line, "More values than columns.")
            values = zip(names, cells, strict=False)
            yield line, _typed({name: cell for name, cell in values if cell})
    except csv.Error as error:
        raise MalformedFile(reader.line_num, f"Not CSV: {error}.") from None


def next_row(reader):
    """The line on which the next row begins, and its cells; None at the end."""
    while reader.line_num <= MAX_LINES:
        line = reader.line_num + 1
        cells = next(reader, None)
        if cells is None:
            return None
        if cells:
            return line, cells
    raise MalformedFile(reader.line_num, f"More than {MAX_LINES:,} lines.")


def _decoded_lines(file):
    for number, line in enumerate(file, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise MalformedFile(number, "Not UTF-8.") from None


def _typed(row):
    """What stands for a number or a truth value in a cell, as such."""
    if row.get("priority") in PRIORITIES:
        row["priority"] = int(row["priority"])
    if row.get("completed", "").lower() in {"true", "false"}:
        row["completed"] = row["completed"].lower() == "true"
    return row


def read_json(file):
    """Pairs of line and object, from an array of any layout; raises MalformedFile."""
    text = _Text(file)
    text.expect("[")
    separator = "," if text.next() != "]" else text.expect("]")
    while separator == ",":
        if text.next() != "{":
            raise MalformedFile(text.line, "A task is expected here, as an object.")
        yield text.line, text.value()
        separator = text.expect(",]")
    if text.next():
        raise MalformedFile(text.line, "Something follows the end of the array.")


class _Text:
    """JSON that is read a chunk at a time, and forgotten up to where it was used."""

    def __init__(self, file):
        self.file, self.buffer, self.at, self.line = file, "", 0, 1
        self.decoder = getincrementaldecoder("utf-8-sig")()

    def next(self):
        """The next character that is not blank; an empty text at the end."""
        while True:
            self._use(BLANKS.match(self.buffer, self.at).end())
            if self.at < len(self.buffer) or not self._read():
                return self.buffer[self.at : self.at + 1]

    def expect(self, characters):
        character = self.next()
        if not character or character not in characters:
            expected = " or ".join(characters)
            raise MalformedFile(self.line, f"Not JSON: {expected} is expected here.")
        self._use(self.at + 1)
        return character

    def value(self):
        while True:
            try:
                value, end = DECODER.raw_decode(self.buffer, self.at)
            except (ValueError, RecursionError) as error:
                if len(self.buffer) - self.at > MAX_VALUE or not self._read():
                    message = getattr(error, "msg", "nested too deeply")
                    raise MalformedFile(self.line, f"Not JSON: {message}.") from None
            else:
                self._use(end)
                return value

    def _read(self):
        chunk = self.file.read(CHUNK)
        rest = self.buffer[self.at :]
        try:
            self.buffer = rest + self.decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            lines = rest.count("\n") + chunk[: error.start].count(b"\n")
            raise MalformedFile(self.line + lines, "Not UTF-8.") from None
        self.at = 0
        return chunk

    def _use(self, end):
        self.line += self.buffer.count("\n", self.at, end)
        self.at = end


def export_response(user, kind):
    """The file of all the user's tasks. What fails at once, fails before it begins."""
    rows = export_rows(user)
    first = list(islice(rows, 1))
    return StreamingHttpResponse(
        WRITERS[kind](chain(first, rows)),
        content_type=TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="tasks.{kind}"'},
    )


READERS = {"json": read_json, "csv": read_csv}
WRITERS = {"json": as_json, "csv": as_csv}
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
