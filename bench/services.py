"""The services to measure, each with one worker process and at most 15 connections.

Linux only: processor time and memory are read from /proc.
"""

import base64
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jwt
import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from aido.testing.processes import (
    HTTPS_HEADERS,
    ROOT,
    SECRETS,
    free_port,
    get,
    running,
    wait_for_start,
)
from bench.data import TYPICAL_USER, user_id

PEERS = Path(__file__).with_name("peers")
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
    """A running service. Its access tokens name a user by `user_id(number)`."""

    prefix = ""
    user_id = staticmethod(str)

    def __init__(self, name: str, process: subprocess.Popen, port: int):
        self.name, self.process, self.url = name, process, f"http://localhost:{port}"

    def headers(self, user: int = TYPICAL_USER) -> dict[str, str]:
        token = jwt.encode(self.claims(user), SECRETS["JWT_SECRET"], algorithm="HS256")
        return HTTPS_HEADERS | {"Authorization": f"Bearer {token}"}

    def claims(self, user: int) -> dict:
        expiry = int(time.time()) + 24 * 3600  # django-bolt refuses fractions
        return {"sub": self.user_id(user), "exp": expiry, "token_use": "access"}

    def session(self, user: int = TYPICAL_USER) -> requests.Session:
        session = requests.Session()
        session.headers.update(self.headers(user))
        return session

    def task_ids(self) -> list:
        """Return the ids of the first page of tasks."""
        page = self.session().get(self.url + self.path(LIST)).json()
        return [task["id"] for task in page.get("results", page.get("items"))]

    def path(self, path: str) -> str:
        return path if path == "/health" else self.prefix + path

    def cpu_seconds(self) -> float:
        """Return the processor time of the process and all its descendants."""
        times = [stat_fields(pid)[11:15] for pid in process_tree(self.process.pid)]
        ticks = sum(int(time) for fields in times for time in fields)
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return the resident MiB of the worker, which is the largest process."""
        pages = [stat_fields(pid)[21:22] for pid in process_tree(self.process.pid)]
        largest = max(int(page) for [page] in filter(None, pages))
        return largest * os.sysconf("SC_PAGE_SIZE") / 2**20


class Aido(Service):
    """Its tokens name the session that `data.seed_aido` created for each user."""

    prefix = "/api/v1"
    user_id = staticmethod(user_id)
    database_url: str

    def claims(self, user: int) -> dict:
        return super().claims(user) | {"sid": encrypted(user_id(user).replace("-", ""))}


def encrypted(session_key: str) -> str:
    """Encrypt a session key as allauth does for the claim `sid`."""
    key = hashlib.sha256(SECRETS["SECRET_KEY"].encode()).digest()
    vector = os.urandom(16)
    encryptor = Cipher(algorithms.AES(key), modes.CTR(vector)).encryptor()
    return base64.b64encode(vector + encryptor.update(session_key.encode())).decode()


@contextmanager
def running_aido(
    database_url: str, name: str = "aido", project: Path = ROOT, **variables: str
) -> Iterator[Aido]:
    """aido from the checkout `project`, with more environment variables."""
    port = free_port()
    variables |= {"DATABASE_URL": database_url, "API_PORT": str(port)} | SECRETS
    # No line per request: the others log none.
    variables = {"LOG_LEVEL": "WARNING"} | variables
    command = [sys.executable, "-m", "aido"]
    with running_service(command, project, variables, port) as process:
        aido = Aido(name, process, port)
        aido.database_url = database_url
        yield aido


UVICORN = ["uvicorn", "--no-access-log", "--log-level", "error", "--port", "{port}"]
PEER_COMMANDS = {  # each with one process
    "seed FastAPI": [*UVICORN, "seed_fastapi:app"],
    "expert FastAPI": [*UVICORN, "expert_fastapi:app"],
    "django-ninja": [
        *("gunicorn", "--log-level", "error", "--threads", "8"),
        *("--bind", "localhost:{port}", "django_tasks.wsgi"),
    ],
    "django-bolt": [
        *("django-admin", "runbolt", "--host", "localhost", "--port", "{port}")
    ],
}


@contextmanager
def running_peer(name: str, database_url: str, **variables: str) -> Iterator[Service]:
    """One of PEER_COMMANDS, from bench/.venv, with more environment variables."""
    port = free_port()
    variables |= {"DATABASE_URL": database_url, "PYTHONPATH": str(PEERS)} | SECRETS
    variables["DJANGO_SETTINGS_MODULE"] = "django_tasks.settings"
    program, *arguments = (part.format(port=port) for part in PEER_COMMANDS[name])
    command = [PEER_BIN / program, *arguments]
    with running_service(command, PEERS, variables, port) as process:
        yield Service(name, process, port)


@contextmanager
def running_service(command, folder, variables, port):
    """A process on the first processor that serves; its errors are printed."""
    env = {"PATH": os.environ["PATH"]} | variables
    output = {"stdout": sys.stderr, "stderr": sys.stderr}
    with running(*command, cwd=folder, env=env, **output) as process:
        pin(process.pid, 0)
        # Not /health: the first connection to the database is for the benchmark.
        url = f"http://localhost:{port}/livez"
        wait_for_start(process, lambda: get(url), interval=0.005)
        yield process


def pin(pid: int, processor: int) -> None:
    """Run a process on one processor only, if there is another."""
    if os.cpu_count() > 1:
        os.sched_setaffinity(pid, {processor})


def process_tree(pid: int) -> list[int]:
    """Return the ids of a process and all its descendants."""
    children = {}
    for path in Path("/proc").glob("[0-9]*"):
        if fields := stat_fields(path.name):
            children.setdefault(int(fields[1]), []).append(int(path.name))
    tree = [pid]
    for member in tree:
        tree += children.get(member, [])
    return tree


def stat_fields(pid: int | str) -> list[str]:
    """Return the fields of /proc/PID/stat after the name; none if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
