"""Check the configuration and print what the supervisor needs of it, as JSON.

It runs in a process of its own, because a reload must read the code, .env and the
installed packages again.
"""

import json
import os
import socket
import sys
import tempfile

import django
from django.conf import settings

import aido
from aido.checks import refuse_misconfiguration
from aido.database.errors import errors_as_messages


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
    with errors_as_messages():
        django.setup()
    refuse_misconfiguration()
    configuration = {
        "version": aido.__version__,
        "host": settings.API_HOST,
        "port": settings.API_PORT,
        "addresses": addresses(settings.API_HOST, settings.API_PORT),
        "workers": max(1, settings.API_WORKERS),
        "log_level": settings.LOG_LEVEL,
        "metrics": tempfile.mkdtemp(prefix="aido-metrics-") if settings.METRICS else "",
    }
    print(json.dumps(configuration))


def addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, without duplicates."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        reason = str(error.strerror).rstrip(".")
        sys.exit(f"Cannot listen on {host}:{port}: {reason}. Set API_HOST or API_PORT.")
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


if __name__ == "__main__":
    main()
