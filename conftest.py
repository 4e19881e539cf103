"""What all tests share: real servers, and what is left out where one is missing."""

import os
import shutil

import django
import pytest

import aido

aido.command = "test"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
django.setup()

PACKAGES = {"tls": "postgresql and openssl", "pgbouncer": "pgbouncer"}


def missing_components():
    """The markers of the tests that this machine cannot run."""
    from aido.tests import servers

    found = {
        "tls": servers.tls_binaries() and shutil.which("openssl"),
        "pgbouncer": servers.pgbouncer(),
    }
    return {marker for marker, component in found.items() if not component}


def pytest_collection_modifyitems(config, items):
    missing = missing_components()
    left_out = [
        item
        for item in items
        if any(item.get_closest_marker(marker) for marker in missing)
    ]
    if left_out and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI needs every test; missing: {sorted(missing)}")
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
        packages = " and ".join(PACKAGES[marker] for marker in sorted(missing))
        config.left_out = f"{len(left_out)} tests left out: they need {packages}."


def pytest_terminal_summary(terminalreporter, config):
    if left_out := getattr(config, "left_out", None):
        terminalreporter.write_line(left_out, yellow=True)
