"""The client under a bad network."""

import json
import re
import time
from dataclasses import asdict

import pytest

from aido.neon import client as module
from aido.neon import provision
from aido.neon.client import Client, checked_host
from aido.neon.types import (
    Branch,
    ConnectionURI,
    Database,
    Endpoint,
    LostResponse,
    NeonError,
    Operation,
    Organization,
    Project,
)
from aido.testing.fake_neon import KEY

PROJECTS = "/projects"


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr(module, "BACKOFF", 0.01)
    monkeypatch.setattr(module, "PAUSE", 0.01)
    monkeypatch.setattr(provision, "PAUSE", 0.01)


@pytest.fixture
def client(fast, neon):
    return Client(KEY, neon.host)


def make(client):
    return provision.make_project(client, "aido-todo", None, None, None, print)


def test_all_pages_are_read_and_the_last_cursor_ends_it(client, neon):
    neon.page_size = 2
    for number in range(5):
        neon.add_project(f"aido-todo-{number}")

    found = client.projects(None)

    assert [one.name for one in found] == [f"aido-todo-{n}" for n in range(5)]
    assert len(neon.requests) == 4  # three pages, and the one that is empty


def test_an_empty_page_ends_it_whatever_its_cursor(client, neon):
    body = '{"projects": [], "pagination": {"cursor": "another"}}'
    neon.fail("GET", PROJECTS, status=200, text=body)

    assert client.projects(None) == []
    assert len(neon.requests) == 1


def test_the_key_follows_no_redirect(client, neon):
    elsewhere = (("Location", f"{neon.host}/projects?limit=1"),)
    neon.fail("GET", PROJECTS, status=302, text="<html>", headers=elsewhere)

    with pytest.raises(NeonError, match="302"):
        client.projects(None)


def test_names_are_matched_exactly_over_all_pages(client, neon):
    neon.page_size = 1
    for name in ("aido-todo-2", "my-aido-todo", "aido-todo"):
        neon.add_project(name)

    assert provision.find_project(client, "aido-todo", None).name == "aido-todo"
    assert provision.find_project(client, "aido", None) is None


def test_two_projects_of_one_name_are_told_with_their_ids(client, neon):
    ids = [neon.add_project("aido-todo")["id"] for _ in range(2)]

    with pytest.raises(NeonError, match="--project") as refusal:
        provision.find_project(client, "aido-todo", None)

    assert all(one in str(refusal.value) for one in ids)


def test_a_list_that_is_not_whole_is_not_trusted(client, neon):
    body = '{"projects": [], "unavailable_project_ids": ["lost-sky-1"]}'
    neon.fail("GET", PROJECTS, status=200, text=body)

    with pytest.raises(NeonError, match="could not list every project"):
        client.projects(None)


def test_the_only_organization_is_taken(client, neon):
    neon.organizations = ["org-one"]

    assert provision.choose_organization(client, None) == "org-one"


def test_a_personal_account_has_none(client, neon):
    assert provision.choose_organization(client, None) is None


def test_of_several_organizations_one_must_be_chosen(client, neon):
    neon.organizations = ["org-one", "org-two"]

    with pytest.raises(NeonError, match="--org.*org-one.*org-two"):
        provision.choose_organization(client, None)
    assert provision.choose_organization(client, "org-two") == "org-two"


@pytest.mark.parametrize("status", [423, 429, 503])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_changed_nothing_is_sent_again(client, neon, method, status):
    neon.fail(method, PROJECTS, status=status, times=3)

    make(client) if method == "POST" else client.projects(None)

    assert len(neon.sent(method)) >= 4
    assert len(neon.projects) == (method == "POST")


@pytest.mark.parametrize("status", [500, 502, 504, 524])
def test_a_read_is_sent_again_after_any_fault(client, neon, status):
    neon.fail("GET", PROJECTS, status=status, text="<html>", times=2)

    assert client.projects(None) == []


def test_retry_after_is_heeded(client, neon):
    neon.fail("GET", PROJECTS, status=429, headers=(("Retry-After", "1"),))

    started = time.monotonic()
    client.projects(None)

    assert time.monotonic() - started >= 1


def test_there_is_an_end_to_it(client, neon):
    neon.fail("GET", PROJECTS, status=423, times=99)

    with pytest.raises(NeonError, match="try again in a minute"):
        client.projects(None)

    assert 3 < len(neon.requests) < 10


@pytest.mark.parametrize(
    "how", [{"lost": True}, {"status": 504, "text": "<html>"}, {"status": 200}]
)
def test_a_create_without_an_answer_is_looked_up_and_never_repeated(client, neon, how):
    neon.fail("POST", PROJECTS, **{"text": "<html>"} | how)
    if not how.get("lost"):  # another's machine has carried it out
        neon.add_project("aido-todo")

    project = make(client)

    assert project.name == "aido-todo"
    assert neon.sent("POST") == ["POST /projects"]
    assert len(neon.projects) == 1


def test_a_create_that_was_lost_on_its_way_is_told(client, neon):
    neon.fail("POST", PROJECTS, status=504, text="<html>")

    with pytest.raises(NeonError, match="run this again in a minute"):
        make(client)

    assert neon.sent("POST") == ["POST /projects"]


def test_a_branch_without_an_answer_is_looked_up_too(client, neon):
    project = neon.add_project("aido-todo")
    path = f"/projects/{project['id']}/branches"
    neon.fail("POST", path, lost=True)

    branch = provision.make_branch(client, project["id"], "try", print)

    assert branch.name == "try"
    assert len(neon.sent("POST")) == 1


def test_an_operation_is_waited_for_with_progress(client, neon):
    neon.pending = 3
    told = []

    provision.make_project(client, "aido-todo", None, None, None, told.append)

    assert "create timeline: running" in told
    assert neon.pending <= 0


@pytest.mark.parametrize("status", ["failed", "error", "cancelled"])
def test_an_operation_that_fails_is_told_with_its_id(client, status):
    operation = Operation("op-1", status, "start_compute", "no capacity")

    with pytest.raises(NeonError, match=f"op-1.*start_compute.*{status}.*no capacity"):
        client.wait("p", [operation])


def test_an_operation_that_does_not_end_is_told_with_its_id(client, neon, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    neon.pending = 10**9

    with pytest.raises(NeonError, match="did not end within") as refusal:
        make(client)

    assert neon.operations["cool-sky-00000001"][0]["id"] in str(refusal.value)


def test_what_an_earlier_run_has_begun_is_waited_for(client, neon):
    project = neon.add_project("aido-todo")
    neon.pending = 2
    neon.add_operation(project["id"])

    provision.wait_for_all(client, project["id"], print)

    assert neon.pending <= 0


@pytest.mark.parametrize(
    "status, text, told",
    [
        (401, None, "NEON_API_KEY is wrong"),
        (403, None, "lacks the permission"),
        (402, None, "quota is used up"),
        (404, None, "may have been deleted"),
        (422, None, "projects limit exceeded.*limit of the plan"),
        (200, "<html>", "NEON_API_HOST"),
        (200, "[]", "NEON_API_HOST"),
        (301, "<html>", "NEON_API_HOST"),
        (400, f'{{"message": "bad key {KEY}"}}', r"bad key \*\*\*"),
    ],
)
def test_a_refusal_says_what_to_do(client, neon, status, text, told):
    message = "projects limit exceeded"
    neon.fail("GET", PROJECTS, status=status, text=text, message=message, times=9)

    with pytest.raises(NeonError, match=told) as refusal:
        client.projects(None)

    assert KEY not in str(refusal.value)


def test_a_wrong_key_is_told(neon):
    with pytest.raises(NeonError, match="NEON_API_KEY is wrong"):
        Client("napi_wrong", neon.host).projects(None)


BRANCH = {"id": "br-1", "name": "main", "default": True}
PROJECT = {"id": "cool-sky-1", "name": "aido-todo"}
OPERATION = {"id": "op-1", "status": "finished"}
DATABASE = {"name": "neondb", "owner_name": "neondb_owner"}


@pytest.mark.parametrize(
    "resource, item",
    [
        (Branch, BRANCH),
        (Project, PROJECT),
        (Operation, OPERATION),
        (Organization, {"id": "org-one"}),
        (Database, DATABASE),
        (Endpoint, {"host": "ep-a.eu-1.aws.neon.tech"}),
        (ConnectionURI, {"uri": "postgresql://h/d"}),
    ],
    ids=["branch", "project", "operation", "organization", "database", "endpoint",
         "connection URI"],
)  # fmt: skip
def test_only_the_fields_that_aido_uses_are_required(resource, item):
    parsed = resource.parse(item | {"unknown": 1})

    assert asdict(parsed).items() >= item.items()
    for name in item:
        with pytest.raises(NeonError, match=f"no valid {resource.__name__}"):
            resource.parse({key: item[key] for key in item if key != name})


def test_branches_without_optional_fields_are_listed(client, neon):
    body = json.dumps({"branches": [BRANCH]})
    neon.fail("GET", "/projects/p/branches", status=200, text=body)

    assert client.branches("p") == [Branch("br-1", "main", default=True)]


@pytest.mark.parametrize(
    "item", [None, "text", 1, []], ids=["null", "string", "number", "list"]
)
def test_an_item_that_is_not_an_object_is_rejected(item):
    with pytest.raises(NeonError, match="no valid Branch"):
        Branch.read_all({"branches": [item]}, "branches")


def test_a_null_list_is_empty():
    assert Branch.read_all({"branches": None}, "branches") == []


def test_a_response_without_the_list_is_not_an_empty_list(client, neon):
    neon.fail("GET", PROJECTS, status=200, text="{}")

    with pytest.raises(NeonError, match="no valid projects"):
        client.projects(None)


def test_a_host_that_is_not_there_is_told():
    with pytest.raises(NeonError, match="check the network and NEON_API_HOST") as error:
        Client(KEY, "http://localhost:1/api/v2").create_project("x", None, None, None)

    assert not isinstance(error.value, LostResponse)  # nothing was sent


def test_a_netrc_does_not_replace_the_key(client, neon, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine localhost login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert client.projects(None) == []


@pytest.mark.parametrize(
    "host, result",
    [
        ("https://console.neon.tech/api/v2/", "https://console.neon.tech/api/v2"),
        ("http://localhost:8080/api/v2", "http://localhost:8080/api/v2"),
        ("http://127.0.0.1/api/v2", "http://127.0.0.1/api/v2"),
        ("http://[::1]:99/api/v2", "http://[::1]:99/api/v2"),
    ],
)
def test_a_host_is_taken_over_tls_or_on_this_machine(host, result):
    assert checked_host(host) == result


@pytest.mark.parametrize(
    "host",
    ["http://console.neon.tech/api/v2", "console.neon.tech", "", "ftp://localhost/",
     "http://localhost.example.com/"],
)  # fmt: skip
def test_a_host_that_a_key_could_leak_to_is_refused(host):
    with pytest.raises(NeonError, match=re.escape("NEON_API_HOST must be")):
        checked_host(host)
