"""Build and run the image on a base from this machine's Python, without a registry.

The base has what an image such as python:3.13-slim has for aido: Python with pip, the C
library, a shell and a few programs. pip installs the wheels that .ci/run downloads.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from aido.testing.components import WHEELS
from aido.testing.processes import ROOT

PROGRAMS = ("sh", "ln", "mkdir")  # that RUN lines of the Dockerfile use
# Parts of glibc and GCC that wheels need, beside what Python itself needs.
LIBRARIES = (
    *("libdl.so.2", "libpthread.so.0", "libresolv.so.2", "librt.so.1", "libutil.so.1"),
    *("libgcc_s.so.1", "libstdc++.so.6"),
)
UNUSED = (
    "*.opt-*.pyc",
    "config-*",
    "ensurepip",
    "idlelib",
    "site-packages",
    "test",
    "_test*",
    "tkinter",
    "_tk*",
)
PIP_CONFIG = "[global]\nno-index = true\nfind-links = /wheels\n"
# A process in a container cannot raise the limits of this one.
LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096")
# crun refuses machines that have cgroups of both versions.
IS_HYBRID = Path("/sys/fs/cgroup/unified").exists()
PODMAN = ("podman", *(("--runtime", "runc") if IS_HYBRID else ()))


@contextmanager
def built_image(folder: Path) -> Iterator[str]:
    """The name of an image that was built from the Dockerfile."""
    name = f"localhost/aido-{uuid4().hex}"
    base = f"{name}-base"
    make_base(folder)
    try:
        tar = ["tar", "-C", folder, "-c", "."]
        with subprocess.Popen(tar, stdout=subprocess.PIPE) as archive:
            podman("import", "-", base, stdin=archive.stdout)
        podman(
            *("build", "--format", "docker", "--isolation", "chroot", "--layers=false"),
            *("--volume", f"{WHEELS}:/wheels:ro", "--build-arg", f"BASE={base}"),
            *("--tag", name, ROOT),
        )
        yield name
    finally:
        podman("rmi", "--ignore", "--force", name, base)


@contextmanager
def created_volume() -> Iterator[str]:
    name = f"aido-{uuid4().hex}"
    podman("volume", "create", name)
    try:
        yield name
    finally:
        podman("volume", "rm", "--force", name)


@contextmanager
def running_container(image: str, volume: str, **variables: str) -> Iterator[str]:
    """The id of a container that serves, as `run_container` runs it."""
    options = ("--detach", "--health-interval", "disable")  # which would need systemd
    container = run_container(image, volume, options=options, **variables).strip()
    try:
        yield container
    finally:
        podman("rm", "--force", "--time", "10", container)


def run_container(
    image: str,
    volume: str,
    *command: str,
    options: tuple[str, ...] = ("--rm",),
    **variables: str,
) -> str:
    """Run a command as compose.yaml does, but in this network, and return its output.

    `volume` is the name of a volume for secrets.
    """
    confined = ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges")
    env = [f"--env={name}={value}" for name, value in variables.items()]
    return podman(
        *("run", "--network", "host", "--volume", f"{volume}:/config", *LIMITS),
        *(*confined, *options, *env, image, *command),
    )


def podman(*arguments: object, **options) -> str:
    """Run Podman, and return its output. Raises AssertionError with its errors."""
    command = [*PODMAN, *map(str, arguments)]
    process = subprocess.run(command, capture_output=True, text=True, **options)
    assert process.returncode == 0, f"{process.stdout}{process.stderr}"
    return process.stdout


def make_base(root: Path) -> None:
    """Fill an empty folder with the files of the base image."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    prefix = Path(sys.base_prefix)
    library = root / "usr/local/lib" / version
    ignore = shutil.ignore_patterns(*UNUSED)
    shutil.copytree(
        prefix / "lib" / version, library, ignore=ignore, copy_function=link_or_copy
    )
    pip = Path(importlib.util.find_spec("pip").origin).parent
    shutil.copytree(pip, library / "site-packages/pip")
    for path in ("usr/local/bin", "usr/bin", "usr/lib", "lib64", "etc"):
        (root / path).mkdir(parents=True)
    shutil.copy2(prefix / "bin" / version, root / "usr/local/bin/python")
    programs = [str(shutil.which(name)) for name in PROGRAMS]
    for program in programs:
        shutil.copy2(program, root / "usr/bin")
    extensions = library.glob("lib-dynload/*.so")
    for path in shared_libraries(prefix / "bin" / version, *programs, *extensions):
        is_loader = path.name.startswith("ld-")
        link_or_copy(path, root / ("lib64" if is_loader else "usr/lib") / path.name)
    for name in ("bin", "lib"):
        (root / name).symlink_to(f"usr/{name}")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    (root / "etc/pip.conf").write_text(PIP_CONFIG)


def link_or_copy(source: str | Path, target: str | Path) -> None:
    """Link a file, which takes less time than a copy; copy it from another disk."""
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copy2(source, target)


def shared_libraries(*files: object) -> set[Path]:
    """Return the libraries that these programs and extension modules need."""
    output = subprocess.run(["ldd", *files], capture_output=True, text=True).stdout
    paths = {Path(path) for path in re.findall(r"(/\S+) \(0x", output)}
    libc = next(path for path in paths if path.name.startswith("libc.so"))
    return paths | {
        path for name in LIBRARIES if (path := libc.with_name(name)).exists()
    }
