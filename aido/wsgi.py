"""The WSGI application, for a server such as granian."""

import gc
import os
from collections.abc import Callable, Iterable
from importlib import import_module
from io import BytesIO
from typing import Any

import django
from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, reset_queries

from aido.checks import refuse_misconfiguration

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def adapt(application: Application) -> Application:
    """Remove SCRIPT_NAME from paths, and give chunked bodies a length.

    The path of a probe that does not go through the proxy has no SCRIPT_NAME.
    """

    def adapted(environ: dict[str, Any], respond: StartResponse) -> Iterable[bytes]:
        prefix = settings.SCRIPT_NAME
        if prefix and environ["PATH_INFO"].startswith(f"{prefix}/"):
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            read_chunks(environ)
        return application(environ, respond)

    return adapted


def read_chunks(environ: dict[str, Any]) -> None:
    """Read a chunked body up to the limit of bodies, because Django needs its length.

    LengthRequiredMiddleware refuses a request that still has a Transfer-Encoding.
    """
    body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    if len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        del environ["HTTP_TRANSFER_ENCODING"]
        environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
django.setup(set_prefix=False)
refuse_misconfiguration()
application = adapt(get_wsgi_application())
import_module(settings.ROOT_URLCONF)  # otherwise the first request would import it
gc.freeze()  # the garbage collector need not scan what stays for the whole process
connection.open_pool()


def return_connection(**kwargs: object) -> None:
    """Return this request's connection to the pool."""
    connection.close()


# Skip what Django does at the start and end of each request without need: looking for
# old connections, clearing the queries that DEBUG logs, and closing the cache, which
# is in the database.
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.connect(return_connection)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)
    request_finished.disconnect(close_caches)
