"""A pytest plugin that prepares the process before pytest-django reads the settings."""

import gc
import os

import pytest

import aido

gc.disable()  # a third of the time of collection; see pytest_collection
aido.command = "test"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Leave the modules and tests, which last as long as the process, out of it."""
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
