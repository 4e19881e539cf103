"""Serve aido with granian, as in production: `python -m aido`."""

import logging
import os
import socket
import sys

import django
from django.conf import settings
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

import aido
from aido.checks import listen_error, refuse_misconfiguration
from aido.database.errors import errors_as_messages
from aido.threads import thread_count

logger = logging.getLogger("aido")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
    with errors_as_messages():
        django.setup()
    refuse_misconfiguration()
    if error := listen_error(settings.API_HOST, settings.API_PORT):
        sys.exit(error)
    log_start()
    serve()


def log_start() -> None:
    fields = {
        "version": aido.__version__,
        "address": f"http://{settings.API_HOST}:{settings.API_PORT}",
        "workers": settings.API_WORKERS,
    }
    message = "aido %(version)s at %(address)s, workers: %(workers)s"
    logger.info(message, fields, extra=fields)


def serve() -> None:
    # Granian warns about many threads, but ours mostly wait for the database.
    logging.getLogger("_granian").addFilter(
        lambda record: "seems quite high" not in str(record.msg)
    )
    Granian(
        "aido.wsgi:application",
        interface=Interfaces.WSGI,
        address=resolve(settings.API_HOST),
        port=settings.API_PORT,
        workers=settings.API_WORKERS,
        blocking_threads=thread_count(),
        respawn_failed_workers=True,
        websockets=False,
        log_dictconfig=settings.LOGGING,
        log_level=LogLevels(settings.LOG_LEVEL.lower()),
    ).serve()


def resolve(host: str) -> str:
    """Return the IP address of a host, because granian accepts no names."""
    return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])


if __name__ == "__main__":
    main()
