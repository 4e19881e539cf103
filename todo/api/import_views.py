"""Import over HTTP."""

from tempfile import SpooledTemporaryFile

from rest_framework.exceptions import (
    ParseError,
    Throttled,
)
from rest_framework.response import Response
from rest_framework.views import APIView

from aido.problems import TooLarge
from todo.accounts.rate_limits import seconds_until_allowed
from todo.api.auth import ensure_session
from todo.api.parsers import StreamParser
from todo.transfer.imports import MAX_FILE, import_rows
from todo.transfer.readers import READERS

MAX_IN_MEMORY = 2**20  # bytes; a larger file is spooled to disk
CHUNK_SIZE = 2**16  # bytes


class JSONStreamParser(StreamParser):
    media_type = "application/json"


class CSVStreamParser(StreamParser):
    media_type = "text/csv"


class ImportView(APIView):
    """Add the tasks of a file, all or none."""

    parser_classes = [JSONStreamParser, CSVStreamParser]

    def post(self, request):
        ensure_session(request.user)
        if seconds := seconds_until_allowed(request._request, "import", request.user):
            raise Throttled(seconds)
        if not request.data:
            raise ParseError("The body is empty. Send an exported file.")
        kind = "csv" if request.content_type.lower().startswith("text/csv") else "json"
        with SpooledTemporaryFile(MAX_IN_MEMORY) as file:
            copy(request.data, file)
            created, skipped = import_rows(request.user, READERS[kind](file))
        return Response({"created": created, "skipped": skipped})


def copy(stream, file):
    """Read the whole body first: a slow client would keep the transaction open."""
    while chunk := stream.read(CHUNK_SIZE):
        file.write(chunk)
        if file.tell() > MAX_FILE:
            raise TooLarge(
                f"The file is too large: the limit is {MAX_FILE // 2**20} MiB."
            )
    file.seek(0)
