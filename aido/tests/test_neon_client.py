import json
import time
from ssl import SSLError

import pytest
import requests

from aido.neon import client as client_module
from aido.neon import provision
from aido.neon.client import Client
from aido.neon.files import Checkout
from aido.neon.types import LostResponse, NeonError, Operation
from aido.testing.fake_neon import KEY

PROJECTS = "/projects"
PROJECT = {"id": "cool-sky-1", "name": "aido-todo"}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(client_module, "BACKOFF_FACTOR", 0.01)
    monkeypatch.setattr(client_module, "POLL_INTERVAL", 0.01)
    monkeypatch.setattr(provision, "LOOKUP_INTERVAL", 0.01)


@pytest.fixture
def client(short_waits, neon):
    return Client(KEY, neon.host)


def create_project(client):
    return provision.create_project(client, "aido-todo", None, None, None, print)


def test_all_pages_are_listed_up_to_an_empty_one(client, neon):
    neon.page_size = 2
    names = [f"aido-todo-{number}" for number in range(5)]
    for name in names:
        neon.add_project(name)

    projects = client.list_projects(None)

    assert [project.name for project in projects] == names
    assert len(neon.requests) == 4  # three pages and an empty one


def test_an_empty_page_is_the_last_whatever_its_cursor(client, neon):
    body = '{"projects": [], "pagination": {"cursor": "another"}}'
    neon.add_fault("GET", PROJECTS, status=200, text=body)

    assert client.list_projects(None) == []
    assert len(neon.requests) == 1


def test_a_repeated_cursor_ends_the_list(client, neon):
    page = {"projects": [PROJECT], "pagination": {"cursor": "same"}}
    neon.add_fault("GET", PROJECTS, status=200, text=json.dumps(page), times=3)

    assert len(client.list_projects(None)) == 2
    assert len(neon.requests) == 2


def test_the_next_cursor_of_branches_is_followed(client, neon):
    neon.page_size = 1
    project = neon.add_project("aido-todo")
    neon.add_branch(project["id"], "try")

    branches = client.list_branches(project["id"])

    assert [branch.name for branch in branches] == ["main", "try"]


def test_redirects_are_not_followed(client, neon):
    headers = (("Location", f"{neon.host}/projects?limit=1"),)
    neon.add_fault("GET", PROJECTS, status=302, text="<html>", headers=headers)

    with pytest.raises(NeonError, match="302"):
        client.list_projects(None)


@pytest.mark.parametrize("status", [423, 429, 503])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_that_changed_nothing_are_retried(client, neon, method, status):
    neon.add_fault(method, PROJECTS, status=status, times=3)

    create_project(client) if method == "POST" else client.list_projects(None)

    assert len(neon.sent(method)) >= 4
    assert len(neon.projects) == (method == "POST")


@pytest.mark.parametrize("status", [500, 502, 504, 524])
def test_reads_are_retried_after_any_server_error(client, neon, status):
    neon.add_fault("GET", PROJECTS, status=status, text="<html>", times=2)

    assert client.list_projects(None) == []


@pytest.fixture
def sleeps(monkeypatch):
    """Record the durations of all sleeps, in seconds, instead of waiting."""
    durations = []
    monkeypatch.setattr(time, "sleep", durations.append)
    return durations


@pytest.mark.parametrize("requested, actual", [("2", 2), ("3600", 30)])
def test_retry_after_is_respected_up_to_30_seconds(
    client, neon, sleeps, requested, actual
):
    neon.add_fault("GET", PROJECTS, status=429, headers=(("Retry-After", requested),))

    client.list_projects(None)

    assert sleeps == [actual]


def test_retries_back_off_up_to_10_seconds_and_end(neon, monkeypatch, sleeps):
    monkeypatch.setattr(client_module, "BACKOFF_FACTOR", 0.5)
    neon.add_fault("GET", PROJECTS, status=423, times=99)

    with pytest.raises(NeonError, match="Try again in a minute"):
        Client(KEY, neon.host).list_projects(None)

    assert len(neon.requests) == 7
    assert sleeps == [1, 2, 4, 8, 10]


@pytest.mark.parametrize(
    "fault",
    [{"lost": True}, {"status": 504}, {"status": 200}],
    ids=["connection closed", "gateway timeout", "success without JSON"],
)
def test_a_project_is_looked_up_and_not_created_twice(client, neon, fault):
    neon.add_fault("POST", PROJECTS, text="<html>", **fault)
    if not fault.get("lost"):  # Neon created it, although a proxy responded.
        neon.add_project("aido-todo")

    project = create_project(client)

    assert project.name == "aido-todo"
    assert neon.sent("POST") == ["POST /projects"]
    assert len(neon.projects) == 1


def test_a_project_that_was_not_created_is_reported(client, neon, sleeps):
    neon.add_fault("POST", PROJECTS, status=504, text="<html>")

    with pytest.raises(NeonError, match="Run this command again in a minute"):
        create_project(client)

    assert neon.sent("POST") == ["POST /projects"]
    assert sleeps == [provision.LOOKUP_INTERVAL] * 5


def test_a_branch_is_looked_up_and_not_created_twice(client, neon):
    project = neon.add_project("aido-todo")
    path = f"/projects/{project['id']}/branches"
    neon.add_fault("POST", path, lost=True)

    branch = provision.get_or_create_branch(client, project["id"], "try", print)

    assert branch.name == "try"
    assert len(neon.sent("POST")) == 1


def test_progress_is_shown_until_operations_have_finished(client, neon):
    neon.pending = 3
    lines = []

    provision.create_project(client, "aido-todo", None, None, None, lines.append)

    assert "create timeline: running" in lines
    assert neon.pending <= 0


@pytest.mark.parametrize("status", ["failed", "error", "cancelled"])
def test_a_failed_operation_is_reported_with_its_id(client, status):
    operation = Operation("op-1", status, "start_compute", "no capacity")

    with pytest.raises(NeonError, match=f"op-1.*start_compute.*{status}.*no capacity"):
        client.wait_for_operations("p", [operation])


def test_an_operation_that_times_out_is_reported_with_its_id(client, neon, monkeypatch):
    monkeypatch.setattr(client_module, "OPERATION_TIMEOUT", 0.1)
    neon.pending = 10**9

    with pytest.raises(NeonError, match="did not finish within") as error:
        create_project(client)

    assert neon.operations["cool-sky-00000001"][0]["id"] in str(error.value)


def test_operations_of_an_earlier_run_are_waited_for(client, neon, tmp_path):
    project = neon.add_project("aido-todo")
    neon.pending = 2
    neon.add_operation(project["id"])

    provision.provision(client, Checkout(tmp_path), print)

    assert neon.pending <= 0


@pytest.mark.parametrize(
    "status, text, message",
    [
        (401, "{}", "NEON_API_KEY is wrong"),
        (403, "{}", "lacks the permission"),
        (402, "{}", "quota of your plan is used up"),
        (404, "{}", "may have been deleted"),
        (422, '{"message": "too many projects"}', "too many projects.*Billing"),
        (200, "<html>", "NEON_API_HOST"),
        (200, "[]", "NEON_API_HOST"),
        (301, "<html>", "NEON_API_HOST"),
        (503, "{}", "Neon is failing"),
        (400, f'{{"message": "bad key {KEY}"}}', r"bad key \*\*\*"),
    ],
    ids=["401", "403", "402", "404", "422", "HTML", "JSON list", "redirect",
         "503", "message with the key"],
)  # fmt: skip
def test_error_messages_say_what_to_do(client, neon, status, text, message):
    neon.add_fault("GET", PROJECTS, status=status, text=text, times=9)

    with pytest.raises(NeonError, match=message) as error:
        client.list_projects(None)

    assert KEY not in str(error.value)


def test_a_wrong_key_is_reported(neon):
    with pytest.raises(NeonError, match="NEON_API_KEY is wrong"):
        Client("napi_wrong", neon.host).list_projects(None)


def test_an_unreachable_host_is_reported_after_three_attempts(monkeypatch):
    attempts = fail_each_call(monkeypatch, "socket.socket.connect", OSError)

    with pytest.raises(NeonError, match="Check the network and NEON_API_HOST") as error:
        Client(KEY, "http://127.0.0.1:1/api/v2").create_project("x", None, None, None)

    assert not isinstance(error.value, LostResponse)  # nothing was sent
    assert len(attempts) == 3


def test_a_write_is_not_retried_after_a_connect_timeout(client, monkeypatch):
    fail_each_call(monkeypatch, "socket.socket.connect", TimeoutError)

    with pytest.raises(NeonError, match="ConnectTimeout") as error:
        create_project(client)

    assert not isinstance(error.value, LostResponse)  # nothing was sent


def test_a_write_is_not_retried_after_a_tls_error(client, monkeypatch):
    attempts = fail_each_call(
        monkeypatch, "urllib3.connection.HTTPConnection.getresponse", SSLError
    )

    with pytest.raises(LostResponse):
        client.create_project("x", None, None, None)

    assert len(attempts) == 1


def test_requests_have_a_timeout(client, monkeypatch):
    calls = fail_each_call(
        monkeypatch, "requests.adapters.HTTPAdapter.send", requests.ReadTimeout
    )

    with pytest.raises(NeonError, match="ReadTimeout"):
        client.list_projects(None)

    assert calls[0]["timeout"] == client_module.REQUEST_TIMEOUT


def fail_each_call(monkeypatch, function, error):
    """Make the function raise the error; return the keyword arguments of its calls."""
    calls = []

    def fail(*args, **kwargs):
        calls.append(kwargs)
        raise error

    monkeypatch.setattr(function, fail)
    return calls


def test_a_branch_that_was_already_deleted_has_no_operations(client, neon):
    neon.add_fault("DELETE", "/projects/p/branches/b", status=204, text="")

    assert client.delete_branch("p", "b") == []


def test_credentials_in_netrc_are_ignored(client, neon, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine localhost login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert client.list_projects(None) == []
