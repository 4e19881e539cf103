"""The accept queue of a listening socket: connections that no worker has accepted."""

import array
import socket
import struct
import sys
import time
from contextlib import suppress

CLOSE_TIMEOUT = 2  # seconds until workers must have accepted these
CLOSE_INTERVAL = 0.05  # seconds; long enough for the handshake with a proxy nearby
# Of Linux: a filter of TCP segments, as code, jt, jf and k of struct sock_filter.
SO_ATTACH_FILTER = 26
DROP_SYN = [
    (0x30, 0, 0, 13),  # load byte 13, the flags
    (0x45, 0, 1, 0x02),  # if SYN is set
    (0x06, 0, 0, 0),  # drop the segment
    (0x06, 0, 0, 0xFFFFFFFF),  # otherwise keep it
]


def close_when_empty(listeners: list[socket.socket]) -> None:
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
    wait_until_empty(listeners)


def wait_until_empty(listeners: list[socket.socket]) -> None:
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
