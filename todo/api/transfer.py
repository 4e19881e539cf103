"""Export and import over HTTP."""

from itertools import chain, islice
from tempfile import SpooledTemporaryFile

from django.http import StreamingHttpResponse
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.response import Response
from rest_framework.views import APIView

from aido.health import AlwaysJSON
from aido.problems import TooLarge
from todo.api import docs
from todo.api.auth import ensure_account
from todo.api.filters import refuse_unknown
from todo.transfer import READERS, TYPES, WRITERS, export_rows, import_rows

MAX_FILE = 64 * 2**20  # bytes, of about 200,000 tasks
IN_MEMORY = 2**20  # bytes; more goes to the disk
CHUNK = 2**16  # bytes


@docs.export
class ExportView(APIView):
    """All one's tasks, those in the trash too, as a file that an import takes."""

    content_negotiation_class = AlwaysJSON

    def get(self, request):
        refuse_unknown(request.query_params, {"as"})
        kind = request.query_params.get("as", "json")
        if kind not in WRITERS:
            error = ErrorDetail("Send json or csv.", "invalid_choice")
            raise ValidationError({"as": [error]})
        rows = export_rows(request.user)
        first = list(islice(rows, 1))  # before the answer begins: it may fail
        if not first:
            ensure_account(request.user)
        return StreamingHttpResponse(
            WRITERS[kind](chain(first, rows)),
            content_type=TYPES[kind],
            headers={"Content-Disposition": f'attachment; filename="tasks.{kind}"'},
        )


class StreamParser(BaseParser):
    """The body, yet to be read."""

    def parse(self, stream, media_type=None, parser_context=None):
        return stream


class JSONStreamParser(StreamParser):
    media_type = "application/json"


class CSVStreamParser(StreamParser):
    media_type = "text/csv"


@docs.import_
class ImportView(APIView):
    """Add tasks from a file, all or none."""

    parser_classes = [JSONStreamParser, CSVStreamParser]

    def post(self, request):
        ensure_account(request.user)
        if not request.data:
            raise ParseError("The body is empty. Send an export.")
        kind = "csv" if request.content_type.lower().startswith("text/csv") else "json"
        with SpooledTemporaryFile(IN_MEMORY) as file:
            copy(request.data, file)
            created, skipped = import_rows(request.user, READERS[kind](file))
        return Response({"created": created, "skipped": skipped})


def copy(stream, file):
    """All of it before a transaction begins: a slow client would hold that open."""
    while chunk := stream.read(CHUNK):
        file.write(chunk)
        if file.tell() > MAX_FILE:
            raise TooLarge("The file is too large: the limit is 64 MiB.")
    file.seek(0)
