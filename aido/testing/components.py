"""The programs that some tests and benchmarks need, and whether this machine has them.

`python -m aido.testing.components` prints the Debian packages that are missing. It runs
before anything is installed, so this module needs the standard library only.
"""

import importlib.util
import os
import shutil
from pathlib import Path

PATH = f"{os.environ['PATH']}:/usr/sbin"  # where Debian keeps PgBouncer


def find_postgres() -> str | None:
    """Return the path of Debian's `postgres`; unlike the embedded one it has TLS."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return str(programs[-1]) if programs else None


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("google-chrome")


def find_chromium_shell() -> str | None:
    """Return the path of Chromium without windows, which starts fewer processes.

    It keeps no page in memory for the Back button. Other systems than Debian may lack
    it; the whole browser does as well.
    """
    return shutil.which("chromium-headless-shell") or find_chromium()


def find_firefox() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


FINDERS = {
    "postgresql": find_postgres,
    "chromium": find_chromium,
    "chromium-headless-shell": find_chromium_shell,
    "firefox-esr": find_firefox,
}


def find_program(package: str) -> str | None:
    find = FINDERS.get(package)
    package = {"systemd": "systemd-analyze"}.get(package, package)
    return find() if find else shutil.which(package, path=PATH)


PACKAGES = {  # marker of a test: the Debian packages it needs
    "tls": ["postgresql", "openssl"],
    "pgbouncer": ["pgbouncer"],
    "browser": ["chromium", "chromium-headless-shell"],
    "firefox": ["firefox-esr"],
    "wrk": ["wrk"],
    "clients": ["npm"],
    "nginx": ["nginx"],
    "caddy": ["caddy"],
    "systemd": ["systemd"],
    "image": ["podman", "runc"],
}
# Written by .ci/run.
CLIENTS_READY = Path(__file__).parents[2] / ".clients/ready"
WHEELS = CLIENTS_READY.with_name("wheels")


def missing_packages(*markers: str) -> list[str]:
    packages = [name for marker in markers for name in PACKAGES[marker]]
    return [name for name in packages if not find_program(name)]


def missing_markers() -> list[str]:
    """Return the markers of the tests that this machine cannot run."""
    missing = {marker for marker in PACKAGES if missing_packages(marker)}
    if not importlib.util.find_spec("playwright"):  # it has no wheel for musl
        missing.add("browser")
    if not CLIENTS_READY.exists():
        missing.add("clients")
    if not WHEELS.exists():
        missing.add("image")
    return sorted(missing)


def require(*markers: str) -> None:
    """Exit with a message if a package of these markers is missing."""
    if missing := missing_packages(*markers):
        raise SystemExit(f"Install what is missing: apt install {' '.join(missing)}")


if __name__ == "__main__":
    print(*missing_packages(*PACKAGES))
