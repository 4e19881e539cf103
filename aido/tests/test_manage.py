"""The command line in a fresh copy of the project, without any configuration."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import tomllib
from textwrap import dedent

import pytest

import aido
from aido.testing.processes import (
    ROOT,
    SECRETS,
    WAIT_TIMEOUT,
    free_port,
    has_stopped,
)

DEPLOYING = (ROOT / "docs" / "deploy.md").read_text()
# As long as those of the command in docs/deploy.md.
LONG_SECRETS = {name: secret * 2 for name, secret in SECRETS.items()}
SUPERUSER = {"DJANGO_SUPERUSER_PASSWORD": "correct horse battery"}


def assert_fails_with_message(process, *parts):
    assert process.returncode != 0
    assert "Traceback" not in process.stderr
    for part in parts:
        assert part in process.stderr
    lines = [line for line in process.stderr.splitlines() if "Development" not in line]
    assert 1 <= len(lines) <= 4, process.stderr


@pytest.mark.parametrize("command", [["check"], ["--help"], ["help", "migrate"]])
def test_a_command_without_a_database_starts_no_server(manage, checkout, command):
    assert manage(*command).returncode == 0
    assert not (checkout / ".postgres").exists()


def test_the_first_run_needs_no_configuration(manage, checkout):
    migrate = manage("migrate")
    assert migrate.returncode == 0, migrate.stderr
    assert migrate.stderr == "Development: DEBUG is on, data in .postgres/.\n"

    create = manage(
        "createsuperuser", "--noinput", "--email=a@example.com", **SUPERUSER
    )
    assert create.returncode == 0, create.stderr

    verify = manage("verify")
    assert verify.returncode == 0, verify.stdout + verify.stderr
    assert has_stopped(checkout / ".postgres")


def test_dbshell_opens_the_embedded_database(manage):
    process = manage("dbshell", "--", "--no-psqlrc", "--command=SELECT 6 * 7")

    assert "42" in process.stdout, process.stderr


@pytest.mark.parametrize(
    "python, is_replaced", [("exit 0", False), ("exit 1", True)], ids=["new", "old"]
)
def test_make_replaces_a_virtual_environment_of_an_old_python(
    tmp_path, python, is_replaced
):
    for name in ("Makefile", "requirements.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    interpreter = tmp_path / ".venv/bin/python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text(f"#!/bin/sh\n{python}\n")
    interpreter.chmod(0o755)
    (tmp_path / ".venv/ready").touch()

    command = ["make", "--dry-run", ".venv/ready"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert ("test -z 'stale' || rm -rf .venv" in process.stdout) == is_replaced


def test_manage_is_executable(checkout):
    assert os.access(checkout / "manage.py", os.X_OK)


def accept_sigint():
    """Undo what a shell does for its background jobs, the tests among them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("seconds", [0.3, 0.8])
@pytest.mark.parametrize(
    "command", [["manage.py", "runserver"], ["-m", "aido"]], ids=["runserver", "aido"]
)
def test_ctrl_c_while_it_starts_prints_no_traceback(checkout, command, seconds):
    env = {"PATH": os.environ["PATH"], "API_PORT": str(free_port())}
    command = [sys.executable, *command]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=checkout, env=env, stderr=pipe, preexec_fn=accept_sigint
    ) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=WAIT_TIMEOUT)
        finally:
            process.kill()

    assert b"Traceback" not in errors


def test_ctrl_c_in_a_callback_of_a_weak_reference_ends_a_command(manage):
    code = """
        import signal, weakref
        signal.signal(signal.SIGINT, signal.default_int_handler)
        name = type("Name", (), {})()
        reference = weakref.ref(name, lambda _: signal.raise_signal(signal.SIGINT))
        del name
        print("goes on")
    """
    process = manage("shell", "--no-imports", "--command", dedent(code))

    assert process.returncode == 130, process.stderr
    assert "goes on" not in process.stdout
    assert "Traceback" not in process.stderr


def test_a_missing_table_is_reported(manage):
    process = manage("createsuperuser", "--noinput", "--email=a@b.example", **SUPERUSER)

    missing = 'relation "user" does not exist'
    assert_fails_with_message(process, missing, "manage.py migrate")


@pytest.mark.parametrize("command", [["migrate"], ["runserver"]])
@pytest.mark.parametrize(
    "url, part",
    [
        ("mysql://u:topsecret@h/d", "aido.E001"),
        ("postgresql://u:topsecret@localhost:1/d", "Connection refused"),
        ("postgresql://u:topsecret@no-such-host.invalid/d", "Check the host"),
    ],
    ids=["MySQL", "closed port", "unknown host"],
)
def test_an_unusable_database_is_reported(manage, command, url, part):
    process = manage(*command, DATABASE_URL=url, API_PORT=str(free_port()))

    assert process.returncode != 0
    assert "Traceback" not in process.stderr
    assert part in process.stderr
    assert "topsecret" not in process.stderr + process.stdout


def test_a_port_in_use_is_reported(manage):
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = manage("runserver", str(server.getsockname()[1]))

    assert_fails_with_message(process, "Address already in use", "API_PORT")


def test_a_folder_that_cannot_be_created_is_reported(manage, checkout):
    (checkout / ".postgres").write_text("in the way")

    assert_fails_with_message(manage("migrate"), ".postgres", "set DATABASE_URL")
    (checkout / ".postgres").unlink()


def test_an_invalid_setting_is_reported(manage):
    process = manage("runserver", API_PORT="x")

    assert_fails_with_message(process, "API_PORT must be a whole number")


def test_traceback_shows_a_traceback(manage):
    assert "Traceback" in manage("migrate", "--traceback", API_PORT="x").stderr


def test_an_old_python_is_reported(monkeypatch):
    import manage

    monkeypatch.setattr(sys, "version_info", (3, 11, 7))

    with pytest.raises(SystemExit, match="needs Python 3.12 or newer"):
        manage.main()


def test_a_missing_django_is_reported(monkeypatch):
    import manage

    monkeypatch.setitem(sys.modules, "django.core.management", None)

    with pytest.raises(SystemExit, match="pip install -r requirements.txt"):
        manage.main()


def test_the_version_is_that_of_pyproject():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert pyproject["project"]["version"] == aido.__version__


def block_after(text):
    """Return the lines of the first block of code in docs/deploy.md after a text."""
    block = re.search(r"\n\n((?: {4}.*\n)+)", DEPLOYING.partition(text)[2])
    return dedent(block[1]).splitlines()


@pytest.mark.parametrize(
    "example", ["For example:", "### A home network without TLS"], ids=["TLS", "home"]
)
@pytest.mark.django_db
def test_the_commands_of_an_installation_succeed_in_their_order(
    manage, checkout, test_database_url, example
):
    own = {"DATABASE_URL": test_database_url} | LONG_SECRETS
    lines = [line for line in block_after(example) if line.partition("=")[0] not in own]
    lines += [f"{name}={value}" for name, value in own.items()]
    (checkout / ".env").write_text("\n".join(lines))
    _, *commands, serve = block_after("## Install and start")

    assert serve.endswith("python -m aido")
    for command in commands:
        python, program, *arguments = shlex.split(command)
        assert (python, program) == (".venv/bin/python", "manage.py")
        process = manage(*arguments)
        assert process.returncode == 0, process.stdout + process.stderr


def test_django_finds_no_mistake_in_the_settings_of_its_security_middleware(
    manage, checkout
):
    settings = checkout / "aido" / "settings.py"
    source = settings.read_text()
    ours, djangos = (
        f"{package}.SecurityMiddleware"
        for package in ("aido.middleware", "django.middleware.security")
    )
    assert ours in source
    settings.write_text(source.replace(ours, djangos))

    process = manage(
        *("check", "--deploy", "--tag=security", "--fail-level=WARNING"),
        DATABASE_URL="postgresql://localhost/aido",
        **LONG_SECRETS,
    )

    assert process.returncode == 0, process.stderr
