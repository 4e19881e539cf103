"""A worker process of the supervisor: granian on the sockets that it inherits.

Its arguments are file descriptors: a pipe that ends with the supervisor, a pipe to
write to when the worker is ready, and the listening sockets.
"""

import gc

gc.disable()  # in a tenth of the time to start it would find nothing; see wsgi.py

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.net import SocketHolder
from granian.server.common import AbstractServer
from granian.server.mt import MTServer

from aido.database.errors import errors_as_messages
from aido.listeners import BACKLOG, error_text
from aido.threads import thread_count
from aido.worker_process import (
    DRAIN_TIMEOUT,
    MAX_MESSAGE,
    READY,
    RETIRE_TIMEOUT,
    STOP_TIMEOUT,
)
from aido.wsgi_adapter import stopping

DRAIN_INTERVAL = 0.1  # seconds

logger = logging.getLogger("aido.worker")


class Server(MTServer):
    """Granian's server with a thread per listening socket instead of per worker.

    Granian starts MTServer only without a GIL, and makes its own sockets. Here the
    threads wait in Rust, and the sockets are the supervisor's.
    """

    def __init__(self, listeners: list[socket.socket], on_ready: Callable[[], None]):
        self.listeners = listeners
        self.on_ready = on_ready
        self.give_up_at = float("inf")  # time.monotonic() at which granian must stop
        super().__init__(
            "aido.wsgi:application",
            interface=Interfaces.WSGI,
            workers=len(listeners),
            backlog=BACKLOG,
            backpressure=BACKLOG,
            blocking_threads=thread_count(),
            websockets=False,
            log_dictconfig=settings.LOGGING,
            log_level=LogLevels.warning,  # its address is wrong; the supervisor logs
        )

    def serve_application(self, application: Callable[..., Any]) -> None:
        # MTServer.serve would only warn that the build without a GIL is experimental.
        AbstractServer.serve(self, target_loader=lambda: application, wrap_loader=False)

    def _serve(self, spawn_target: Any, target_loader: Callable[[], Any]) -> None:
        self.startup(spawn_target, target_loader())
        self.on_ready()
        self._serve_loop(spawn_target, target_loader)
        self.shutdown()

    def _init_shared_socket(self) -> None:
        """Make no socket."""

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        descriptor = self.listeners[idx].fileno()
        self._shd = SocketHolder(descriptor, False, BACKLOG)
        return super()._spawn_worker(idx, target, callback_loader)

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        self.stop_within(DRAIN_TIMEOUT)

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        self.stop_within(RETIRE_TIMEOUT)

    def stop_within(self, seconds: float) -> None:
        self.give_up_at = min(self.give_up_at, time.monotonic() + seconds)
        if not stopping.is_set():
            stopping.set()
            ports = {listener.getsockname()[1] for listener in self.listeners}
            stop_accepting(self.listeners)
            threading.Thread(target=self.drain, args=[ports]).start()

    def drain(self, ports: set[int]) -> None:
        """Stop granian when no client is connected, or when it is time to give up."""
        time.sleep(DRAIN_INTERVAL)  # a connection may be being accepted
        while time.monotonic() < self.give_up_at and has_clients(ports):
            time.sleep(DRAIN_INTERVAL)
        super().signal_handler_interrupt()


def main() -> None:
    lifeline, ready, *descriptors = map(int, sys.argv[1:])
    threading.Thread(target=end_with_supervisor, args=[lifeline], daemon=True).start()
    listeners = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    try:
        application = load_application()
        # Not before: a proxy that is refused asks another machine instead of waiting.
        listen(listeners)
    except SystemExit as error:
        report_message(ready, error.code)
        raise
    server = Server(listeners, partial(report_ready, ready))
    server.serve_application(application)


def load_application() -> Callable[..., Any]:
    """Import the application; exit with a message if it cannot start.

    In the main thread: signals end the process until granian handles them.
    """
    with errors_as_messages():
        from aido.wsgi import application

    check_liveness(application)
    return application


def listen(listeners: list[socket.socket]) -> None:
    """Listen; exit with a message if another server bound the port at the same time."""
    for listener in listeners:
        try:
            listener.listen(BACKLOG)
        except OSError as error:
            sys.exit(error_text(settings.API_HOST, settings.API_PORT, error))


def report_message(pipe: int, message: object) -> None:
    """Let the supervisor print a message, once for all workers, and exit."""
    if isinstance(message, str):
        os.write(pipe, message.encode()[:MAX_MESSAGE])
        sys.exit(1)


def report_ready(pipe: int) -> None:
    os.write(pipe, READY)
    os.close(pipe)


def end_with_supervisor(lifeline: int) -> None:
    """Wait until the supervisor ends, by whatever cause, and stop as for SIGTERM."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(STOP_TIMEOUT)
    os._exit(1)


def check_liveness(application: Callable[..., Any]) -> None:
    """Exit unless the application answers /livez."""
    environ: dict[str, Any] = {"PATH_INFO": "/livez"}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    logging.disable(logging.INFO)  # nobody sent this request
    application(environ, lambda status, headers: statuses.append(status))
    logging.disable(logging.NOTSET)
    if statuses != ["200 OK"]:
        logger.error("/livez answers %s", statuses)
        os._exit(1)


def stop_accepting(listeners: list[socket.socket]) -> None:
    """Replace the listening sockets of this process by one that nobody knows.

    The supervisor keeps the sockets, so that its other workers accept from them. The
    new one needs no file: the disk may be full or read-only.
    """
    inodes = {os.fstat(listener.fileno()).st_ino for listener in listeners}
    with socket.create_server(("127.0.0.1", 0), backlog=0) as dummy:
        dummy.setblocking(False)
        for descriptor in open_descriptors():
            with suppress(OSError):  # closed since, such as that of listdir
                if os.fstat(descriptor).st_ino in inodes:
                    os.dup2(dummy.fileno(), descriptor)


def has_clients(ports: set[int]) -> bool:
    """Return whether a connection to one of these ports is open in this process."""
    return any(is_connection(each, ports) for each in open_descriptors())


def open_descriptors() -> list[int]:
    return [int(name) for name in os.listdir("/dev/fd")]


def is_connection(descriptor: int, ports: set[int]) -> bool:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            connection.getpeername()
            is_unix = connection.family == socket.AF_UNIX
            return not is_unix and connection.getsockname()[1] in ports
    except OSError:  # closed since, no socket, or not connected
        return False


if __name__ == "__main__":
    main()
