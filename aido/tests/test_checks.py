import os
import socket
import subprocess
import sys

import pytest
from django.core.checks import run_checks

from aido.checks import TAG, refuse_misconfiguration, why_not_listen
from aido.testing.processes import SECRETS, free_port


def found_ids():
    return [error.id for error in run_checks(tags=[TAG])]


def test_a_complete_configuration_passes(settings):
    settings.SECRET_KEY, settings.JWT_SECRET = SECRETS.values()

    assert found_ids() == []
    assert refuse_misconfiguration() is None


@pytest.mark.parametrize(
    "check_id, wrong",
    [
        ("aido.E001", {"DATABASE_ERROR": "DATABASE_URL is not set."}),
        ("aido.E002", {"SECRET_KEY": ""}),
        ("aido.E002", {"SECRET_KEY": "short"}),
        ("aido.E003", {"JWT_SECRET": ""}),
        ("aido.E003", {"JWT_SECRET": "x" * 31}),
        ("aido.E004", {"SECRET_KEY": "x" * 32, "JWT_SECRET": "x" * 32}),
        ("aido.E005", {"DATABASE_POOL_MIN": 9, "DATABASE_POOL_MAX": 8}),
        ("aido.E005", {"DATABASE_POOL_MIN": 0, "DATABASE_POOL_MAX": 0}),
        ("aido.E006", {"FRONTEND_URL": "https://app.example.com/"}),
        ("aido.E006", {"FRONTEND_URL": "app.example.com"}),
        ("aido.E006", {"FRONTEND_URL": "*"}),
    ],
)
def test_a_mistake_is_told_by_its_id_with_a_hint(settings, check_id, wrong):
    for name, value in wrong.items():
        setattr(settings, name, value)

    errors = run_checks(tags=[TAG])

    assert [error.id for error in errors] == [check_id]
    assert errors[0].hint


def test_a_server_is_told_all_at_once(settings):
    settings.SECRET_KEY = settings.JWT_SECRET = ""
    settings.DATABASE_ERROR = "DATABASE_URL is not set."

    with pytest.raises(SystemExit) as refusal:
        refuse_misconfiguration()

    for name in ("DATABASE_URL", "SECRET_KEY", "JWT_SECRET"):
        assert f"{name} is not set." in refusal.value.code


def test_granian_refuses_to_start_with_nothing_configured(checkout):
    process = subprocess.run(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi"),
            *("--port", str(free_port()), "aido.wsgi:application"),
        ],
        cwd=checkout,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert process.returncode != 0
    for name in ("DATABASE_URL", "SECRET_KEY", "JWT_SECRET"):
        assert f"{name} is not set." in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("module", ["aido", "aido.wsgi", "aido.asgi"])
def test_each_way_to_serve_refuses_to_start_with_nothing_configured(checkout, module):
    process = subprocess.run(
        [sys.executable, "-m", module],
        cwd=checkout,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert process.returncode == 1
    assert process.stderr.count("is not set.") == 3
    assert "Traceback" not in process.stderr


def test_a_port_in_use_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert "in use" in why_not_listen("localhost", port)
    assert why_not_listen("localhost", free_port()) == ""
    assert "no.such.host.invalid" in why_not_listen("no.such.host.invalid", 80)
    assert "99999" in why_not_listen("localhost", 99999)
