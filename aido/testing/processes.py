"""Start processes, wait for them, and always end them; aido's web server among them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR

from aido.embedded import Server, identity

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {"SECRET_KEY": "test-secret-key-" * 3, "JWT_SECRET": "test-jwt-secret-" * 3}
HTTPS_HEADERS = {"X-Forwarded-Proto": "https"}  # a proxy sets this in production
# The limit of every wait for something that must happen. Only a hang reaches it: a busy
# machine may need half a minute to start a server.
WAIT_TIMEOUT = 120  # seconds
# Of /health, as `get` returns it.
HEALTHY = (200, '{"status":"healthy","database":"connected"}')
UNHEALTHY = (
    503,
    '{"status":"unhealthy","database":"unavailable","detail":"Database unavailable"}',
)


def wait_until[T](condition: Callable[[], T], interval: float = 0.05) -> T:
    """Poll until the condition is true and return its value; raise TimeoutError."""
    give_up_at = time.monotonic() + WAIT_TIMEOUT
    while not (value := condition()):
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"Still false after {WAIT_TIMEOUT} s: {condition}")
        time.sleep(interval)
    return value


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's user can reach even when root runs it."""
    with tempfile.TemporaryDirectory(prefix="aido-tests-") as folder:
        os.chmod(folder, 0o711)
        yield Path(folder)


def copy_project(folder: Path) -> Path:
    """Copy the code that runs, without .env, and return the path of the copy.

    Bytecode is copied too, except files that another process is writing.
    """
    ignored = shutil.ignore_patterns(
        *(".*", "*.pyc.*", "bench", "docs", "staticfiles", "tests")
    )
    return Path(shutil.copytree(ROOT, folder, ignore=ignored))


class ProjectCopy:
    """A copy of the project that is restored between tests: copying it takes longer."""

    def __init__(self, path: Path):
        self.path = copy_project(path)
        self.entries = self._read_entries()

    def restore(self) -> None:
        """Undo all changes of files, except of bytecode."""
        entries = self._read_entries()
        for path in entries.keys() - self.entries.keys():
            remove(path)
        for path, entry in self.entries.items():
            if entries.get(path) != entry:
                shutil.copy2(ROOT / path.relative_to(self.path), path)

    def _read_entries(self) -> dict[Path, tuple[int, int] | None]:
        """Return the time and size of all files, and None for folders."""
        entries = {}
        for path in self.path.rglob("*"):
            stat = path.lstat()
            is_folder = S_ISDIR(stat.st_mode)
            if "__pycache__" not in path.parts:
                entries[path] = None if is_folder else (stat.st_mtime_ns, stat.st_size)
        return entries


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def running(*command, **options) -> Iterator[subprocess.Popen]:
    """A process that is ended afterwards; `options` are those of Popen."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen, by: signal.Signals = signal.SIGTERM) -> None:
    """End a process that leads a session, and kill what is left of the session.

    Raises TimeoutExpired if the process itself had to be killed.
    """
    process.send_signal(by)
    try:
        process.wait(WAIT_TIMEOUT)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def child_ids(process: subprocess.Popen) -> set[int]:
    """Return the ids of its children, such as the workers of `python -m aido`."""
    path = f"/proc/{process.pid}/task/{process.pid}/children"
    return {int(child) for child in Path(path).read_text().split()}


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError), open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_for_start(
    process: subprocess.Popen, is_ready: Callable[[], object], interval: float = 0.05
) -> None:
    """Wait until a server is ready; raise ChildProcessError if it ends before.

    An OSError of `is_ready` means that it is not.
    """

    def check():
        if process.poll() is not None:
            raise ChildProcessError(f"It ended with code {process.returncode}.")
        with suppress(OSError):
            return is_ready()

    wait_until(check, interval)


def unprivileged() -> dict:
    """Return Popen options for a quiet server that refuses to run as root."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return {"cwd": "/"} | quiet | identity()


@contextmanager
def running_server(*command: str, **options) -> Iterator[str]:
    """A web server process of aido, as its URL. See `running_server_process`."""
    with running_server_process(*command, **options) as (url, _):
        yield url


@contextmanager
def running_server_process(
    *command: str, cwd: Path = ROOT, log: Path | None = None, **variables: str
) -> Iterator[tuple[str, subprocess.Popen]]:
    """A web server process of aido, as its URL and the process.

    `command` holds Python's arguments. The environment has only `variables`, PATH and
    API_PORT; the output goes to the file `log`.
    """
    port = free_port()
    url = f"http://localhost:{port}"
    env = {"PATH": os.environ["PATH"], "API_PORT": str(port)} | variables
    with (
        open(log, "w+") if log else tempfile.TemporaryFile("w+") as output,
        running(
            *(sys.executable, *command), cwd=cwd, env=env, stdout=output, stderr=output
        ) as process,
    ):
        try:
            wait_for_start(process, lambda: get(f"{url}/livez"))
        except OSError as error:
            output.seek(0)
            raise AssertionError(
                f"{command} does not serve: {output.read()}"
            ) from error
        yield url, process


def becomes_healthy(url: str) -> bool:
    """Wait until /health reports that the database is back."""

    def is_healthy():
        response = get(f"{url}/health")
        assert response in (HEALTHY, UNHEALTHY)
        return response == HEALTHY

    return wait_until(is_healthy, interval=0.2)


def has_stopped(home: Path) -> bool:
    """Wait until an embedded server stops, which it does after its last user."""
    return wait_until(lambda: not Server(home).sockets.exists(), interval=0.02)


def get(url: str) -> tuple[int, str]:
    """Return the status and the text of a response."""
    request = urllib.request.Request(url, headers=HTTPS_HEADERS)
    try:
        with urllib.request.urlopen(request, timeout=WAIT_TIMEOUT) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
