"""What the supervisor needs of the configuration.

For a reload it runs in a process of its own, which reads the code and .env again, and
prints it as JSON. The workers check the rest of the configuration: importing Django in
this process too would double the time to start.
"""

import json
import os
import socket
import sys
from types import ModuleType
from typing import Any

from django.core.exceptions import ImproperlyConfigured

import aido
from aido.listeners import error_text


def main() -> None:
    print(json.dumps(read_configuration()))


def read_configuration() -> dict[str, Any]:
    """Return the configuration; exit with a message on an error."""
    settings = import_settings()
    return {
        "version": aido.__version__,
        "host": settings.API_HOST,
        "port": settings.API_PORT,
        "addresses": addresses(settings.API_HOST, settings.API_PORT),
        "workers": max(1, settings.API_WORKERS),
        "log_level": settings.LOG_LEVEL,
        "metrics": make_metrics_folder() if settings.METRICS else "",
    }


def import_settings() -> ModuleType:
    """Read .env, but leave the environment: a reload must find a changed .env."""
    environment = dict(os.environ)
    try:
        from aido import server_settings
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")
    finally:
        os.environ.clear()
        os.environ.update(environment)
    return server_settings


def make_metrics_folder() -> str:
    import tempfile  # here, because it takes a tenth of the time of this process

    return tempfile.mkdtemp(prefix="aido-metrics-")


def addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, without duplicates."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        sys.exit(error_text(host, port, error))
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


if __name__ == "__main__":
    main()
