"""A pytest plugin that prepares the process before pytest-django reads the settings."""

import os

import aido

aido.command = "test"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aido.settings")
