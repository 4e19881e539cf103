"""The headers that tell which task, and which version of it, a client means."""

import re

from django.http.request import HttpHeaders
from rest_framework.exceptions import ParseError, ValidationError

from todo.serializers import Key
from todo.tasks import version

ETAGS = re.compile(r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$')  # RFC 9110, 8.8.3
MAX_LENGTH = 500  # characters of such a header


def etag(row):
    return f'"{version(row):x}"'


def named_versions(request, header):
    """The ETags that the header names, or None if it is not there."""
    value = request.META.get(HttpHeaders.to_wsgi_name(header))
    if value is None:
        return None
    if len(value) > MAX_LENGTH or not ETAGS.match(value):
        message = f'{header} must be an ETag in quotes, such as "5f3a", or *.'
        raise ParseError(message, "etag_invalid")
    # A proxy that compresses an answer weakens its ETag, which says the same here.
    return {tag.strip().removeprefix("W/") for tag in value.split(",")}


def is_named(row, tags):
    return not {"*", etag(row)}.isdisjoint(tags or ())


def idempotency_key(request):
    """The id that the client has chosen for what it makes, or None."""
    text = request.META.get("HTTP_IDEMPOTENCY_KEY")
    try:
        return None if text is None else Key().run_validation(text)
    except ValidationError:
        message = "The Idempotency-Key must be a UUID, new for each task."
        raise ParseError(message, "idempotency_key_invalid") from None
