"""The sockets that the web server listens on."""

import errno
import socket
import sys
from typing import Any

BACKLOG = 1024  # connections that wait for a worker
NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def bind(configuration: dict[str, Any]) -> list[socket.socket]:
    """Return a listening socket for each address; exit with a message on an error."""
    listeners, errors = [], []
    for address in configuration["addresses"]:
        try:
            listeners.append(listen(address, configuration["port"]))
        except (OSError, OverflowError) as error:
            errors.append(error)
    # localhost may have an IPv6 address where the machine has no IPv6.
    fatal = [e for e in errors if getattr(e, "errno", None) not in NO_SUCH_ADDRESS]
    if fatal or not listeners:
        error = (fatal or errors)[0]
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        host, port = configuration["host"], configuration["port"]
        sys.exit(f"Cannot listen on {host}:{port}: {reason}. Set API_HOST or API_PORT.")
    return listeners


def listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. Without it, a response would wait up to 40 ms for the
        # client to acknowledge the one before.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener
