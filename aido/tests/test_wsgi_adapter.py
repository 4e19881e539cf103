"""What reaches the server and what it receives, around Django's application."""

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from aido import wsgi_adapter

# A response that is closed ends the request, which closes old connections.
pytestmark = pytest.mark.django_db


def respond_with(response):
    """Return what the server receives."""
    application = wsgi_adapter.adapt(lambda environ, start_response: response)
    return application({"PATH_INFO": "/"}, None)


def test_a_response_is_sent_at_once():
    assert respond_with(HttpResponse("text")) == [b"text"]


def test_a_response_is_closed_before_it_is_sent():
    """Its connection is free for others while a slow client reads."""
    response = HttpResponse("text")

    respond_with(response)

    assert response.closed


def test_connections_are_returned_when_the_response_is_closed(monkeypatch):
    calls = []
    monkeypatch.setattr(wsgi_adapter, "return_connections", lambda: calls.append(1))
    response = StreamingHttpResponse([b"a"])

    respond_with(response)
    assert not calls
    response.close()

    assert calls


@pytest.mark.parametrize(
    "response",
    [StreamingHttpResponse([b"a", b"b"]), FileResponse([b"a", b"b"])],
    ids=["stream", "file"],
)
def test_a_stream_is_left_to_the_server(response):
    assert respond_with(response) is response
    assert not response.closed
