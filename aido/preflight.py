"""Print what the supervisor needs of the configuration, as JSON.

It runs in a process of its own, because a reload must read the code and .env again. The
workers check the rest, so that Django is imported only once before the first response.
"""

import json
import socket
import sys

from django.core.exceptions import ImproperlyConfigured

import aido


def main() -> None:
    try:
        from aido import server_settings as settings
    except ImproperlyConfigured as error:
        sys.exit(f"Error: {error}")
    configuration = {
        "version": aido.__version__,
        "host": settings.API_HOST,
        "port": settings.API_PORT,
        "addresses": addresses(settings.API_HOST, settings.API_PORT),
        "workers": max(1, settings.API_WORKERS),
        "log_level": settings.LOG_LEVEL,
        "metrics": make_metrics_folder() if settings.METRICS else "",
    }
    print(json.dumps(configuration))


def make_metrics_folder() -> str:
    import tempfile  # here, because it takes a tenth of the time of this process

    return tempfile.mkdtemp(prefix="aido-metrics-")


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
