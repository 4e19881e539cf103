"""The command line as a newcomer meets it, in a copy with nothing configured."""

import socket
import sys

import pytest

from aido.testing.processes import free_port, has_stopped

SUPERUSER = {"DJANGO_SUPERUSER_PASSWORD": "correct horse battery"}


def assert_ends_plainly(process, *parts):
    assert process.returncode != 0
    assert "Traceback" not in process.stderr
    for part in parts:
        assert part in process.stderr
    told = [line for line in process.stderr.splitlines() if "Development" not in line]
    assert 1 <= len(told) <= 4, process.stderr


@pytest.mark.parametrize("command", [["check"], ["--help"], ["help", "migrate"]])
def test_a_command_without_a_database_starts_none(manage, checkout, command):
    assert manage(*command).returncode == 0
    assert not (checkout / ".postgres").exists()


def test_the_first_run_needs_nothing(manage, checkout):
    migrated = manage("migrate")
    assert migrated.returncode == 0, migrated.stderr
    assert migrated.stderr == "Development: DEBUG is on, data in .postgres/.\n"

    made = manage("createsuperuser", "--noinput", "--email=a@example.com", **SUPERUSER)
    assert made.returncode == 0, made.stderr

    verified = manage("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert has_stopped(checkout / ".postgres")


def test_a_missing_table_is_told(manage):
    process = manage("createsuperuser", "--noinput", "--email=a@b.example", **SUPERUSER)

    assert_ends_plainly(process, 'relation "user" does not exist', "manage.py migrate")


@pytest.mark.parametrize("command", [["migrate"], ["runserver"]])
@pytest.mark.parametrize(
    "url, part",
    [
        ("mysql://u:topsecret@h/d", "aido.E001"),
        ("postgresql://u:topsecret@localhost:1/d", "Connection refused"),
        ("postgresql://u:topsecret@no-such-host.invalid/d", "Check the host"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(manage, command, url, part):
    process = manage(*command, DATABASE_URL=url, API_PORT=str(free_port()))

    assert process.returncode != 0
    assert "Traceback" not in process.stderr
    assert part in process.stderr
    assert "topsecret" not in process.stderr + process.stdout


def test_a_port_in_use_is_told(manage):
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = manage("runserver", str(server.getsockname()[1]))

    assert_ends_plainly(process, "Address already in use", "API_PORT")


def test_a_folder_that_cannot_be_written_is_told(manage, checkout):
    (checkout / ".postgres").write_text("in the way")

    assert_ends_plainly(manage("migrate"), ".postgres", "set DATABASE_URL")
    (checkout / ".postgres").unlink()


def test_a_malformed_setting_is_told(manage):
    assert_ends_plainly(manage("runserver", API_PORT="x"), "API_PORT must be a whole")


def test_a_traceback_is_had_by_asking(manage):
    assert "Traceback" in manage("migrate", "--traceback", API_PORT="x").stderr


def test_an_old_python_is_told(monkeypatch):
    import manage

    monkeypatch.setattr(sys, "version_info", (3, 11, 7))

    with pytest.raises(SystemExit, match="needs Python 3.12 or newer"):
        manage.main()


def test_a_missing_django_is_told(monkeypatch):
    import manage

    monkeypatch.setitem(sys.modules, "django.core.management", None)

    with pytest.raises(SystemExit, match="pip install -r requirements.txt"):
        manage.main()
