"""JSON by orjson, which writes dates and UUIDs, and refuses what is no UTF-8."""

import orjson
from django.http import HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.metadata import BaseMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


def dump(data):
    return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class JSONResponse(HttpResponse):
    """Written at once; a DRF Response is a template, which is rendered later."""

    def __init__(self, data, **options):
        super().__init__(dump(data), content_type="application/json", **options)


class JSONNegotiation(DefaultContentNegotiation):
    """Parses no Accept header of those that nearly all clients send."""

    def select_renderer(self, request, renderers, format_suffix=None):
        if request.META.get("HTTP_ACCEPT", "*/*") in {"*/*", "application/json"}:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)


class NoMetadata(BaseMetadata):
    """OPTIONS says in its header what is allowed; the schema says the rest."""

    def determine_metadata(self, request, view):
        return {}


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            return orjson.loads(parser_context["request"].body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}") from None


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else dump(data)
