"""The services that are measured, with one worker and at most 15 connections each.

On Linux only: what a process costs is read from /proc.
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import jwt
import requests

from aido.testing.servers import HTTPS_HEADERS, ROOT, SECRETS, free_port
from bench.data import USUAL, user_id

PEER_BIN = Path(__file__).parent / ".venv" / "bin"
TASK = {"title": "Buy milk", "description": "Two bottles"}
LIST = "/tasks?limit=50"
ROUTES = {  # name: method, path, body
    "health": ("GET", "/health", None),
    "list of 50": ("GET", LIST, None),
    "get": ("GET", "/tasks/{id}", None),
    "post": ("POST", "/tasks", TASK),
    "patch": ("PATCH", "/tasks/{id}", {"completed": True}),
}


class Service:
    """A running one, which takes tokens that name `user`, or `user_id(user)`."""

    prefix = ""
    subject = staticmethod(str)

    def __init__(self, name, process, port):
        self.name, self.process, self.url = name, process, f"http://localhost:{port}"

    def token(self, person=USUAL):
        claims = {"sub": self.subject(person), "exp": time.time() + 24 * 3600}
        claims["token_use"] = "access"
        return jwt.encode(claims, SECRETS["JWT_SECRET"], algorithm="HS256")

    def session(self, person=USUAL):
        session = requests.Session()
        session.headers.update(HTTPS_HEADERS)
        session.headers["Authorization"] = f"Bearer {self.token(person)}"
        return session

    def task_ids(self):
        body = self.session().get(self.url + self.path(LIST)).json()
        return [task["id"] for task in body.get("results", body.get("items"))]

    def path(self, path):
        return path if path == "/health" else self.prefix + path

    def cpu(self):
        """Seconds of processor time, of the process and its children."""
        times = [stat(pid)[11:13] for pid in family(self.process.pid)]
        ticks = sum(int(time) for pair in times for time in pair)
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident MiB of the worker, which is the largest of the processes."""
        pages = [stat(pid)[21:22] for pid in family(self.process.pid)]
        return (
            max(int(page) for [page] in filter(None, pages))
            * os.sysconf("SC_PAGE_SIZE")
            / 2**20
        )


class Aido(Service):
    prefix = "/api/v1"
    subject = staticmethod(user_id)


@contextmanager
def aido(database_url, **variables):
    port = free_port()
    variables |= {"DATABASE_URL": database_url, "API_PORT": str(port)} | SECRETS
    variables["LOG_LEVEL"] = "WARNING"  # no line for each request, as the others
    command = [sys.executable, "-m", "aido"]
    with running(command, ROOT, variables) as process:
        service = Aido("aido", process, port)
        wait_for(service)
        yield service


@contextmanager
def peer(name, database_url, **variables):
    """`seed_fastapi` or `expert_fastapi`, in an environment of their own."""
    port = free_port()
    variables |= {"DATABASE_URL": database_url} | SECRETS
    command = [PEER_BIN / "uvicorn", f"{name}:app", "--port", str(port)]
    command += ["--no-access-log", "--log-level", "error"]
    with running(command, Path(__file__).parent / "peers", variables) as process:
        service = Service(name.split("_")[0] + " FastAPI", process, port)
        wait_for(service)
        yield service


@contextmanager
def running(command, folder, variables):
    """What it complains of is shown. On one processor, if there is another."""
    variables = {"PATH": os.environ["PATH"]} | variables
    process = subprocess.Popen(command, cwd=folder, env=variables, stdout=sys.stderr)
    pin(process.pid, 0)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def pin(pid, cpu):
    if os.cpu_count() > 1:
        os.sched_setaffinity(pid, {cpu})


def wait_for(service):
    """Until it serves, which is asked without the database: that is for later."""
    give_up_at = time.monotonic() + 20
    while True:
        try:
            return requests.get(f"{service.url}/livez", timeout=20)
        except OSError:
            if service.process.poll() is not None or time.monotonic() > give_up_at:
                raise SystemExit(f"{service.name} does not serve.") from None
            time.sleep(0.1)


def family(pid):
    """A process and all that came of it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        if fields := stat(path.name):
            parents.setdefault(int(fields[1]), []).append(int(path.name))
    found = [pid]
    for member in found:
        found += parents.get(member, [])
    return found


def stat(pid):
    """The fields of /proc/PID/stat after the name; none for one that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
