"""Imports that servers and commands do without."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Let imports of these packages fail in this block, unless they are loaded.

    For libraries that import them if they are installed, for features that aido does
    not use. Such imports were 12 % of the time to start and 6 MiB of each worker.
    """
    missing = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type]  # None fails
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]


def import_libraries() -> None:
    """Import libraries without the packages that only some of their features need."""
    with without("cryptography"):  # HS256 needs none
        import_module("jwt")
    with without("pygments", "requests", "yaml"):
        import_module("rest_framework.compat")
