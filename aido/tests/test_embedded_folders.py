"""The folders, binaries and environment of the embedded PostgreSQL."""

import os
import subprocess
from pathlib import Path

import pytest

from aido import embedded
from aido.embedded import EmbeddedError, Server


def test_the_keeper_releases_its_lock_before_it_ends(home, monkeypatch):
    monkeypatch.setattr(Server, "run", lambda server: subprocess.Popen(["true"]))
    home.mkdir()

    with pytest.raises(SystemExit):
        embedded.run_keeper(Server(home))

    assert not embedded._is_locked(home / "keeper")


def test_the_keeper_ignores_the_users_of_a_folder_that_replaced_its_own(
    home, monkeypatch
):
    def replace_folder(server):
        home.rename(home.with_name("deleted"))
        home.mkdir()
        return subprocess.Popen(["sleep", "5"])  # until the keeper stops it

    monkeypatch.setattr(Server, "run", replace_folder)
    monkeypatch.setattr(embedded, "_wait_until_ready", lambda server, postgres: None)
    monkeypatch.setattr(embedded.signal, "signal", lambda *arguments: None)
    home.mkdir()

    embedded.run_keeper(Server(home))

    assert not (home / "users").exists()


def test_the_server_does_not_inherit_the_environment(home, monkeypatch):
    monkeypatch.setattr(Server, "_binaries", lambda server: Path("/usr/bin"))

    process = Server(home)._spawn("env", stdout=subprocess.PIPE)

    output, _ = process.communicate()
    assert output.decode().split() == [f"PATH={os.defpath}", "LC_ALL=C"]


def test_an_interrupted_first_start_leaves_no_data(home, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "_spawn", interrupt)
    home.mkdir()

    with pytest.raises(KeyboardInterrupt):
        Server(home)._initialise()

    assert not Server(home).data.exists()


def test_root_copies_binaries_that_other_users_cannot_access(home, monkeypatch):
    monkeypatch.setattr(embedded, "_is_root", lambda: True)
    monkeypatch.setattr(embedded, "_is_accessible_to_all", lambda path: False)
    home.mkdir()

    user = embedded.identity() if os.geteuid() == 0 else {}

    copy = Server(home)._binaries()

    assert copy.is_relative_to(home)
    for program in ("initdb", "postgres", "pg_ctl"):
        command = [copy / program, "--version"]
        found = subprocess.check_output(command, cwd="/", text=True, **user)
        assert "(PostgreSQL) 18" in found


def test_a_folder_that_cannot_be_created_is_reported(home):
    home.write_text("in the way")

    with pytest.raises(EmbeddedError, match="File exists.*DATABASE_URL"):
        Server(home).start()


def test_a_socket_folder_that_others_can_write_is_refused(home):
    Server(home).sockets.mkdir(mode=0o777)
    Server(home).sockets.chmod(0o777)

    with pytest.raises(EmbeddedError, match="accessible to other users"):
        Server(home).start()

    Server(home).sockets.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner")
def test_a_socket_folder_of_another_user_is_refused(home):
    Server(home).sockets.mkdir(mode=0o700)
    os.chown(Server(home).sockets, 12345, 12345)

    with pytest.raises(EmbeddedError, match="accessible to other users"):
        Server(home).start()

    Server(home).sockets.rmdir()


def test_without_the_wheel_the_error_says_to_set_database_url(home, monkeypatch):
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)

    with pytest.raises(
        EmbeddedError, match="DATABASE_URL is not set, .* set DATABASE_URL"
    ):
        Server(home).start()
