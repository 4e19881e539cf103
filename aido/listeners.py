"""The sockets that the web server listens on."""

import array
import errno
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Any

BACKLOG = 1024  # connections that wait for a worker
CLOSE_TIMEOUT = 2  # seconds until workers must have accepted these
CLOSE_INTERVAL = 0.05  # seconds; long enough for the handshake with a proxy nearby
NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


# Of Linux: a filter of TCP segments, as code, jt, jf and k of struct sock_filter.
SO_ATTACH_FILTER = 26
DROP_SYN = [
    (0x30, 0, 0, 13),  # load byte 13, the flags
    (0x45, 0, 1, 0x02),  # if SYN is set
    (0x06, 0, 0, 0),  # drop the segment
    (0x06, 0, 0, 0xFFFFFFFF),  # otherwise keep it
]


def bind(configuration: dict[str, Any]) -> list[socket.socket]:
    """Return a socket bound to each address; exit with a message on an error.

    The first worker that is ready makes it listen.
    """
    listeners, errors = [], []
    for address in configuration["addresses"]:
        try:
            listeners.append(bind_address(address, configuration["port"]))
        except (OSError, OverflowError) as error:
            errors.append(error)
    # localhost may have an IPv6 address where the machine has no IPv6.
    fatal = [e for e in errors if getattr(e, "errno", None) not in NO_SUCH_ADDRESS]
    if fatal or not listeners:
        error = (fatal or errors)[0]
        sys.exit(error_text(configuration["host"], configuration["port"], error))
    return listeners


def error_text(host: str, port: int, error: Exception) -> str:
    reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    return f"Cannot listen on {host}:{port}: {reason}. Set API_HOST or API_PORT."


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


def close(listeners: list[socket.socket]) -> None:
    """Close the sockets when workers have accepted the connections that wait.

    Linux resets connections that still wait when a socket is closed.
    """
    if sys.platform == "linux":
        empty_queues(listeners)
    for listener in listeners:
        listener.close()


def empty_queues(listeners: list[socket.socket]) -> None:
    with suppress(OSError):  # such as in a sandbox
        for listener in listeners:
            ignore_new_connections(listener)
    give_up_at = time.monotonic() + CLOSE_TIMEOUT
    time.sleep(CLOSE_INTERVAL)
    while time.monotonic() < give_up_at and any(map(has_queue, listeners)):
        time.sleep(CLOSE_INTERVAL)


def ignore_new_connections(listener: socket.socket) -> None:
    """Drop the packets that would open a connection.

    A client sends them again after a second. Then the closed socket refuses it.
    """
    program = array.array("B", b"".join(struct.pack("HBBI", *op) for op in DROP_SYN))
    address, _ = program.buffer_info()
    option = struct.pack("HP", len(DROP_SYN), address)
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, option)


def has_queue(listener: socket.socket) -> bool:
    """Return whether connections wait: tcpi_unacked of struct tcp_info."""
    info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 28)
    return struct.unpack("24xI", info) > (0,)
