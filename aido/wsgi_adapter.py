"""What lies between the web server and Django.

Sub-paths, chunked bodies, whole responses, and connections of a worker that stops.
"""

from collections.abc import Callable, Iterable
from io import BytesIO
from threading import Event
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpResponse
from django.http.response import HttpResponseBase

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], HttpResponseBase]

stopping = Event()  # `worker.py` sets it when this process is asked to stop


def adapt(application: Application) -> Callable[..., Iterable[bytes]]:
    """Remove SCRIPT_NAME from paths, give chunked bodies a length, and end responses.

    The path of a probe that does not go through the proxy has no SCRIPT_NAME. Each
    response of a worker that stops ends its connection.
    """

    prefix = settings.SCRIPT_NAME

    def adapted(environ: dict[str, Any], respond: StartResponse) -> Iterable[bytes]:
        if prefix and environ["PATH_INFO"].startswith(f"{prefix}/"):
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            read_chunks(environ)
        environ.pop("wsgi.file_wrapper", None)  # would take the place of the response

        def start_response(status: str, headers: list[Any], *error: Any) -> Any:
            if stopping.is_set():
                headers.append(("Connection", "close"))
            return respond(status, headers, *error)

        response = application(environ, start_response)
        response._resource_closers.append(return_connections)
        return whole(response)

    return adapted


def return_connections() -> None:
    """Return this request's connections to their pools.

    As a receiver of request_finished it would take three times as long.
    """
    for each in connections.all(initialized_only=True):
        each.close()


def whole(response: Iterable[bytes]) -> Iterable[bytes]:
    """Return the body of a response as a list, if it is no stream.

    Granian sends a list at once, with its length, and anything else in chunks: a
    response took twice its time, and some waited 40 ms for an acknowledgement of TCP.
    """
    if not isinstance(response, HttpResponse):
        return response
    try:
        return [response.content]
    finally:
        response.close()


def read_chunks(environ: dict[str, Any]) -> None:
    """Read a chunked body up to the limit of bodies, because Django needs its length.

    LengthRequiredMiddleware refuses a request that still has a Transfer-Encoding.
    """
    body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    if len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        del environ["HTTP_TRANSFER_ENCODING"]
        environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
