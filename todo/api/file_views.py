"""Export and import over HTTP."""

from tempfile import SpooledTemporaryFile

from rest_framework.exceptions import (
    ErrorDetail,
    ParseError,
    Throttled,
    ValidationError,
)
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from aido.problems import TooLarge
from todo.accounts.rate_limits import seconds_until_allowed
from todo.api.auth import ensure_session
from todo.api.filters import check_parameters
from todo.api.parsers import StreamParser
from todo.transfer.exports import WRITERS, export_response
from todo.transfer.imports import MAX_FILE, import_rows
from todo.transfer.readers import READERS

MAX_IN_MEMORY = 2**20  # bytes; a larger file is spooled to disk
CHUNK_SIZE = 2**16  # bytes


class AnyAccept(BaseContentNegotiation):
    """Ignores the Accept header: the parameter `as` chooses the type."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class ExportView(APIView):
    """Download all your tasks, including the trash, as a file that can be imported."""

    content_negotiation_class = AnyAccept

    def get(self, request):
        check_parameters(request.query_params, {"as"})
        kind = request.query_params.get("as", "json")
        if kind not in WRITERS:
            error = ErrorDetail("Send json or csv.", "invalid_choice")
            raise ValidationError({"as": [error]})
        ensure_session(request.user)
        return export_response(request.user, kind)


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
            raise TooLarge("The file is too large: the limit is 64 MiB.")
    file.seek(0)
