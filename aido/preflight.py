"""What the supervisor needs of the configuration.

For a reload it runs in a process of its own, which reads the code and .env again, and
prints it as JSON. The workers check the rest of the configuration: importing Django in
this process too would double the time to start.
"""

import json
import logging
import os
import socket
import sys
from types import ModuleType
from typing import Any

from django.core.exceptions import ImproperlyConfigured

import aido
from aido.listeners import error_text

logger = logging.getLogger("aido")


def main() -> None:
    configuration = read_configuration()
    configuration["metrics"] = make_metrics_folder(configuration)
    print(json.dumps(configuration))


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
        "has_metrics": settings.METRICS,
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


def make_metrics_folder(configuration: dict[str, Any]) -> str:
    """Return a new folder for the metrics of all workers, or "" without one."""
    if not configuration["has_metrics"]:
        return ""
    import tempfile  # here, because it takes a tenth of the time of this process

    try:
        return tempfile.mkdtemp(prefix="aido-metrics-")
    except OSError as error:  # a full disk is no reason not to serve
        logger.warning("Each worker has metrics of its own: %s", error)
        return ""


def addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, without duplicates."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        sys.exit(error_text(host, port, error))
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


if __name__ == "__main__":
    main()
