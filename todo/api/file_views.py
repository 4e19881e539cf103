"""Export and import over HTTP."""

from tempfile import SpooledTemporaryFile

from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.response import Response
from rest_framework.views import APIView

from aido.problems import TooLarge
from todo.api import docs
from todo.api.auth import ensure_account
from todo.api.filters import refuse_unknown
from todo.transfer import MAX_FILE, READERS, WRITERS, export_response, import_rows

IN_MEMORY = 2**20  # bytes; more goes to the disk
CHUNK = 2**16  # bytes


class AnyAccept(BaseContentNegotiation):
    """What `as` asks for is no matter of the Accept header; errors are JSON."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


@docs.export
class ExportView(APIView):
    """All one's tasks, those in the trash too, as a file that an import takes."""

    content_negotiation_class = AnyAccept

    def get(self, request):
        refuse_unknown(request.query_params, {"as"})
        kind = request.query_params.get("as", "json")
        if kind not in WRITERS:
            error = ErrorDetail("Send json or csv.", "invalid_choice")
            raise ValidationError({"as": [error]})
        ensure_account(request.user)
        return export_response(request.user, kind)


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
