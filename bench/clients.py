"""Clients that read and write tasks, and know what the table must then contain."""

import random
import threading
import time
from collections import Counter
from uuid import uuid4

import psycopg
import requests

from aido.testing.processes import get

CLIENTS = 8
PAUSE = 0.05  # seconds between two requests of a client


class Livez(threading.Thread):
    """Requests /livez every 0.2 s; records the slowest response in seconds."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.slowest, self.is_stopped = url, 0.0, False

    def run(self):
        while not self.is_stopped:
            started = time.monotonic()
            try:
                get(f"{self.url}/livez")
            except OSError:  # nobody listens
                self.slowest = float("inf")
            self.slowest = max(self.slowest, time.monotonic() - started)
            time.sleep(0.2)


class Client(threading.Thread):
    """Sends each kind of request in turn, and records the writes that succeeded."""

    def __init__(self, service, until):
        super().__init__()
        self.url, self.until = service.url + service.path("/tasks"), until
        self.session = service.session()
        self.titles = {}  # by task id; None for a deleted task
        self.sent, self.failed, self.slowest = 0, Counter(), 0.0
        self.wrong = 0  # failures that are no 503 with Retry-After

    def run(self):
        actions = [self.create, self.create, self.read, self.change, self.list]
        actions += [self.delete]
        turn = random.randrange(len(actions))
        while time.monotonic() < self.until:
            actions[turn % len(actions)]()
            turn += 1
            time.sleep(PAUSE)

    def send(self, method, path="", **options):
        """Return the response, or None if the request failed."""
        started = time.monotonic()
        response, status = self.exchange(method, path, **options)
        self.sent += 1
        self.slowest = max(self.slowest, time.monotonic() - started)
        if status not in {200, 201, 204}:
            self.failed[f"{method} {status}"] += 1
            self.wrong += status != 503 or "Retry-After" not in response.headers
            return None
        return response

    def exchange(self, method, path, **options):
        """Return the response and its status code, or None and the name of an error."""
        try:
            response = self.session.request(
                method, self.url + path, timeout=30, **options
            )
            return response, response.status_code
        except requests.RequestException as error:
            return None, type(error).__name__

    def random_id(self):
        ids = [pk for pk, title in self.titles.items() if title]
        return random.choice(ids) if ids else None

    def create(self):
        title = str(uuid4())
        if response := self.send("POST", json={"title": title}):
            self.titles[response.json()["id"]] = title

    def read(self):
        if pk := self.random_id():
            self.send("GET", f"/{pk}")

    def list(self):
        self.send("GET", "?limit=50")

    def change(self):
        if pk := self.random_id():
            title = str(uuid4())
            if self.send("PATCH", f"/{pk}", json={"title": title}):
                self.titles[pk] = title

    def delete(self):
        pk = self.random_id()
        if pk and self.send("DELETE", f"/{pk}") is not None:
            self.titles[pk] = None


def run_clients(service, seconds, interrupt=None, count=CLIENTS, kind=Client):
    """Return the clients after so many seconds; call `interrupt` after a third.

    They go on for another third when it returns late.
    """
    end = time.monotonic() + seconds
    clients = [kind(service, float("inf") if interrupt else end) for _ in range(count)]
    for client in clients:
        client.start()
    if interrupt:
        time.sleep(seconds / 3)
        try:
            interrupt()
        finally:
            end = max(end, time.monotonic() + seconds / 3)
            for client in clients:
                client.until = end
    for client in clients:
        client.join()
    return clients


def count_errors(database_url, clients):
    """Return how many acknowledged writes were lost, and how many duplicated."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT id::text, title, deleted_at FROM task"
        ).fetchall()
    table = {pk: None if deleted_at else title for pk, title, deleted_at in rows}
    expected = {pk: title for client in clients for pk, title in client.titles.items()}
    lost = sum(table.get(pk, "absent") != title for pk, title in expected.items())
    titles = Counter(title for _, title, _ in rows)
    return lost, sum(count - 1 for count in titles.values())
