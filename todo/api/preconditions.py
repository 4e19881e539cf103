"""Request headers that name a task or list, or its version: ETags, Idempotency-Key."""

import re

from django.http.request import HttpHeaders
from rest_framework.exceptions import ParseError, ValidationError

from todo.fields import StrictUUIDField
from todo.tasks import version

ETAGS = re.compile(r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$')  # RFC 9110, 8.8.3
MAX_HEADER = 500  # characters


def etag(row):
    return f'"{version(row):x}"'


def parse_etags(request, header):
    """Return the set of ETags in the header, or None if it is missing."""
    value = request.META.get(HttpHeaders.to_wsgi_name(header))
    if value is None:
        return None
    if len(value) > MAX_HEADER or not ETAGS.match(value):
        message = f'{header} must be an ETag in quotes, such as "5f3a", or *.'
        raise ParseError(message, "etag_invalid")
    # A proxy that compresses a response weakens its ETag. The version is the same.
    return {tag.strip().removeprefix("W/") for tag in value.split(",")}


def matches(row, etags):
    return not {"*", etag(row)}.isdisjoint(etags or ())


def idempotency_key(request):
    """Return the UUID that the client chose for this request, or None."""
    text = request.META.get("HTTP_IDEMPOTENCY_KEY")
    try:
        return None if text is None else StrictUUIDField().run_validation(text)
    except ValidationError:
        message = "The Idempotency-Key must be a UUID, new for each request."
        raise ParseError(message, "idempotency_key_invalid") from None
