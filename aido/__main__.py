"""`python -m aido` serves as in production, with granian on API_HOST and API_PORT."""

import logging
import os
import socket
import sys

import django
from django.conf import settings
from granian import Granian
from granian.log import LogLevels

from aido.checks import refuse_misconfiguration, why_not_listen
from aido.database.errors import in_plain_words

# For each process. More than connections in its pool, so that requests which wait for
# one, and fail in the end, leave threads to /livez; many more cost speed.
THREADS = 24
SPARE_THREADS = 9


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
    with in_plain_words():
        django.setup()
    refuse_misconfiguration()
    if problem := why_not_listen(settings.API_HOST, settings.API_PORT):
        sys.exit(problem)
    # It warns of many threads. These wait for the database, most of the time.
    logging.getLogger("_granian").addFilter(
        lambda r: "seems quite high" not in str(r.msg)
    )
    Granian(
        "aido.wsgi:application",
        interface="wsgi",
        address=address_of(settings.API_HOST),
        port=settings.API_PORT,
        workers=settings.API_WORKERS,
        blocking_threads=max(THREADS, settings.DATABASE_POOL_MAX + SPARE_THREADS),
        respawn_failed_workers=True,
        websockets=False,
        log_dictconfig=settings.LOGGING,
        log_level=LogLevels(settings.LOG_LEVEL.lower()),
    ).serve()


def address_of(host):
    """Granian takes no names."""
    return socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0]


if __name__ == "__main__":
    main()
