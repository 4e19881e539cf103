"""Parsers of request bodies. They reject bodies with a Content-Encoding."""

from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser

from aido import rest


class EncodedBody(APIException):
    status_code = 415
    default_code = "unsupported_encoding"
    default_detail = "Send the body as it is: no Content-Encoding is supported."


class JSONParser(rest.JSONParser):
    def parse(self, stream, media_type=None, parser_context=None):
        reject_encoded(parser_context["request"])
        return super().parse(stream, media_type, parser_context)


class StreamParser(BaseParser):
    """Leaves the body unread."""

    def parse(self, stream, media_type=None, parser_context=None):
        reject_encoded(parser_context["request"])
        return stream


def reject_encoded(request):
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise EncodedBody
