"""The sockets that the web server listens on."""

import errno
import socket
import sys
from typing import Any

BACKLOG = 1024  # connections that wait for a worker
NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def bind(configuration: dict[str, Any]) -> list[socket.socket]:
    """Return a socket bound to each address; exit with a message on an error.

    The first worker that is ready makes it listen.
    """
    host, port = configuration["host"], configuration["port"]
    listeners, errors = try_to_bind(configuration["addresses"], port)
    # localhost may have an IPv6 address where the machine has no IPv6.
    fatal = [e for e in errors if getattr(e, "errno", None) not in NO_SUCH_ADDRESS]
    if fatal or not listeners:
        sys.exit(error_text(host, port, (fatal or errors)[0]))
    return listeners


def try_to_bind(
    addresses: list[str], port: int
) -> tuple[list[socket.socket], list[Exception]]:
    listeners: list[socket.socket] = []
    errors: list[Exception] = []
    for address in addresses:
        try:
            listeners.append(bind_address(address, port))
        except (OSError, OverflowError) as error:
            errors.append(error)
    return listeners, errors


def error_text(host: str, port: int | str, error: Exception) -> str:
    """Return why nothing can listen there, and what to do."""
    place = authority(host, port)
    reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    return f"Cannot listen on {place}: {reason}. Set API_HOST or API_PORT."


def authority(host: str, port: int | str) -> str:
    """Return a host and a port as in a URL, where an IPv6 address is in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listen_error(address: str, port: int | str) -> str:
    """Return why a server cannot listen there, and what to do, or "" if it can."""
    listeners, errors = try_to_bind([address], int(port))
    for listener in listeners:
        listener.close()
    return error_text(address, port, errors[0]) if errors else ""


def bind_address(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. Without it, a response would wait up to 40 ms for the
        # client to acknowledge the one before.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((address, port))
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener
