"""A TCP proxy that counts round trips and can fail like a network or a server."""

import select
import socket
import threading
from contextlib import suppress


class Proxy:
    """Forwards connections on `port` to an address; counts since the first start.

    A round trip is a message of the client that the server answers. Messages without
    an answer, such as the one that ends a session, are not counted.
    """

    def __init__(self, address: str | tuple[str, int]):
        """The address of the server: a path of a Unix socket, or a host and a port."""
        self.address = address
        self.connections = self.round_trips = 0
        self.is_silent = False  # accept connections and data, but forward nothing
        self.sockets = set()
        self.lock = threading.Lock()
        self.port = 0
        self.start()

    def start(self):
        """Accept connections, on the same port as before."""
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        """Refuse new connections and close the others."""
        with suppress(OSError):  # already stopped
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()

    def cut(self):
        """Close every connection, as a server does that is killed."""
        for end in list(self.sockets):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.connections += 1
                serve = threading.Thread(target=self._serve, args=[client], daemon=True)
                serve.start()

    def _serve(self, client):
        family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        server = socket.socket(family)
        pair = {client, server}
        self.sockets |= pair
        with client, server, suppress(OSError):
            server.connect(self.address)
            self._forward(client, server)
        self.sockets -= pair

    def _forward(self, client, server):
        is_waiting = False  # for the server's answer
        while True:
            for source in select.select([client, server], [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                if self.is_silent:
                    continue
                if source is server and is_waiting:  # count first, then forward
                    with self.lock:
                        self.round_trips += 1
                is_waiting = source is client
                (server if is_waiting else client).sendall(data)
