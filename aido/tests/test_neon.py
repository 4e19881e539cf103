import re
from dataclasses import asdict

import pytest

from aido.neon import direct_url, is_neon, is_pooled, mask, provision
from aido.neon.client import Client, validate_host
from aido.neon.files import Checkout
from aido.neon.types import (
    Branch,
    ConnectionURI,
    Database,
    Endpoint,
    NeonError,
    Operation,
    Organization,
    Project,
)
from aido.testing.fake_neon import CONTRACT, KEY


@pytest.fixture
def client(neon):
    return Client(KEY, neon.host)


@pytest.mark.parametrize(
    "url, direct",
    [
        (
            "postgresql://u:p@ep-a-b-1-pooler.us-east-2.aws.neon.tech/d?sslmode=require",
            "postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/d?sslmode=require",
        ),
        (
            "postgresql://u:p@ep-a-b-1-pooler.c-2.us-east-2.aws.neon.tech:5432/d",
            "postgresql://u:p@ep-a-b-1.c-2.us-east-2.aws.neon.tech:5432/d",
        ),
        (
            "postgresql://u:p@ep-a-pooler.eu-1.aws.neon.tech./d",
            "postgresql://u:p@ep-a.eu-1.aws.neon.tech./d",
        ),
        (
            "postgresql://u:p@EP-A-POOLER.EU-1.AWS.NEON.TECH/d",
            "postgresql://u:p@EP-A.EU-1.AWS.NEON.TECH/d",
        ),
        (
            "postgresql://u-pooler:x-pooler@ep-a-pooler.eu-1.aws.neon.tech/d-pooler",
            "postgresql://u-pooler:x-pooler@ep-a.eu-1.aws.neon.tech/d-pooler",
        ),
        (
            "postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/d",
            "postgresql://u:p@ep-a-b-1.us-east-2.aws.neon.tech/d",
        ),
        (
            "postgresql://u:p@my-pooler.example.com/d",
            "postgresql://u:p@my-pooler.example.com/d",
        ),
        (
            "postgresql://u:p@ep-a-pooler.neon.tech.example.com/d",
            "postgresql://u:p@ep-a-pooler.neon.tech.example.com/d",
        ),
    ],
    ids=["pooled", "with a port", "trailing dot", "upper case", "-pooler elsewhere",
         "already direct", "another provider", "neon.tech is not the domain"],
)  # fmt: skip
def test_direct_url_removes_only_the_pooler_of_a_neon_host(url, direct):
    assert direct_url(url) == direct


@pytest.mark.parametrize(
    "host, expected",
    [
        ("ep-a.us-east-2.aws.neon.tech", True),
        ("ep-a.us-east-2.aws.neon.tech.", True),
        ("EP-A.US-EAST-2.AWS.NEON.TECH", True),
        ("ep-a.neon.tech.example.com", False),
        ("ep-a.notneon.tech", False),
        ("localhost", False),
    ],
)
def test_neon_hosts_are_below_neon_tech(host, expected):
    assert is_neon(host) is expected


@pytest.mark.parametrize(
    "host, expected",
    [
        ("ep-a-pooler.c-2.us-east-2.aws.neon.tech", True),
        ("ep-a-pooler.c-2.us-east-2.aws.neon.tech.", True),
        ("EP-A-POOLER.US-EAST-2.AWS.NEON.TECH", True),
        ("ep-a.us-east-2.aws.neon.tech", False),
        ("ep-a.c-2-pooler.us-east-2.aws.neon.tech", False),
        ("ep-a-pooler.neon.tech.example.com", False),
    ],
)
def test_pooled_hosts_have_a_first_label_that_ends_in_pooler(host, expected):
    assert is_pooled(host) is expected


@pytest.mark.parametrize(
    "text, masked",
    [
        ("postgresql://u:secret@h/d", "postgresql://u:***@h/d"),
        ("at postgres://u:se@cret/x@h/d!", "at postgres://u:***@h/d!"),
        (
            "postgresql://h/d?user=u&password=secret",
            "postgresql://h/d?user=u&password=***",
        ),
        (
            "postgresql://h/d?sslpassword=secret&sslmode=require",
            "postgresql://h/d?sslpassword=***&sslmode=require",
        ),
        (
            "postgresql://a:secret@h/d and postgresql://b:secret@h/d",
            "postgresql://a:***@h/d and postgresql://b:***@h/d",
        ),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
    ],
    ids=["user and password", "special characters", "password parameter",
         "sslpassword parameter", "two URLs", "no password"],
)  # fmt: skip
def test_passwords_in_urls_are_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "host, result",
    [
        ("https://console.neon.tech/api/v2/", "https://console.neon.tech/api/v2"),
        ("http://localhost:8080/api/v2", "http://localhost:8080/api/v2"),
        ("http://127.0.0.1/api/v2", "http://127.0.0.1/api/v2"),
        ("http://[::1]:99/api/v2", "http://[::1]:99/api/v2"),
    ],
)
def test_hosts_with_https_or_on_this_machine_are_valid(host, result):
    assert validate_host(host) == result


@pytest.mark.parametrize(
    "host",
    ["http://console.neon.tech/api/v2", "console.neon.tech", "", "ftp://localhost/",
     "http://localhost.example.com/", "https:///api/v2"],
)  # fmt: skip
def test_hosts_that_could_leak_the_key_are_invalid(host):
    with pytest.raises(NeonError, match=re.escape("NEON_API_HOST must be")):
        validate_host(host)


@pytest.mark.parametrize(
    "resource, item",
    [
        (Branch, {"id": "br-1", "name": "main", "default": True}),
        (Project, {"id": "cool-sky-1", "name": "aido-todo"}),
        (Operation, {"id": "op-1", "status": "finished"}),
        (Organization, {"id": "org-one"}),
        (Database, {"name": "neondb", "owner_name": "neondb_owner"}),
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
    body = '{"branches": [{"id": "br-1", "name": "main", "default": true}]}'
    neon.add_fault("GET", "/projects/p/branches", status=200, text=body)

    assert client.list_branches("p") == [Branch("br-1", "main", default=True)]


def test_a_response_without_the_list_is_not_an_empty_list(client, neon):
    neon.add_fault("GET", "/projects", status=200, text="{}")

    with pytest.raises(NeonError, match="no valid projects"):
        client.list_projects(None)


@pytest.mark.parametrize(
    "item", [None, "text", 1, []], ids=["null", "string", "number", "list"]
)
def test_an_item_that_is_not_an_object_is_rejected(item):
    with pytest.raises(NeonError, match="no valid Branch"):
        Branch.read_all({"branches": [item]}, "branches")


def test_a_null_list_is_empty():
    assert Branch.read_all({"branches": None}, "branches") == []


def test_the_only_organization_is_chosen(client, neon):
    neon.organizations = ["org-one"]

    assert provision.choose_organization(client, None) == "org-one"


def test_a_personal_account_has_no_organization(client, neon):
    assert provision.choose_organization(client, None) is None


def test_one_of_several_organizations_must_be_chosen(client, neon):
    neon.organizations = ["org-one", "org-two"]

    with pytest.raises(NeonError, match="--org.*org-one.*org-two"):
        provision.choose_organization(client, None)
    assert provision.choose_organization(client, "org-two") == "org-two"


@pytest.mark.parametrize("names", [["neondb"], ["app", "neondb"], ["app"]], ids=str)
def test_neondb_or_the_only_database_is_chosen(client, neon, names):
    neon.database_names = names

    database = provision.choose_database(client, "p", Branch("br-1", "main", True))

    assert database.name == names[-1]


@pytest.mark.parametrize("names", [[], ["app", "other"]], ids=str)
def test_no_database_is_chosen_among_several_without_neondb(client, neon, names):
    neon.database_names = names

    with pytest.raises(NeonError, match=f"It has: {', '.join(names) or 'none'}"):
        provision.choose_database(client, "p", Branch("br-1", "main", True))


@pytest.mark.parametrize(
    "name, statuses",
    [
        ("is_pending", {"scheduling", "running", "cancelling"}),
        ("has_succeeded", {"finished", "skipped"}),
        ("has_failed", {"failed", "error", "cancelled"}),
    ],
)
def test_each_status_is_pending_succeeded_or_failed(name, statuses):
    documented = CONTRACT["components"]["schemas"]["OperationStatus"]["enum"]

    assert {s for s in documented if getattr(Operation("op-1", s), name)} == statuses


def test_a_given_name_takes_precedence_over_the_project_in_the_context(
    client, neon, tmp_path
):
    checkout = Checkout(tmp_path)
    ids = [neon.add_project(name)["id"] for name in ("aido-todo", "mine")]
    checkout.write_context(Project(ids[0], "aido-todo"), Branch("b", "main", True))

    assert provision.look_up(client, checkout)[1].id == ids[0]
    assert provision.look_up(client, checkout, name="mine")[1].id == ids[1]


def test_the_organization_is_read_from_the_context(client, neon, tmp_path):
    neon.organizations = ["org-one", "org-two"]
    neon.add_project("mine", org_id="org-two")
    (tmp_path / ".neon").write_text('{"orgId": "org-two"}')

    org_id, project = provision.look_up(client, Checkout(tmp_path), name="mine")

    assert org_id == project.org_id == "org-two"


def test_a_branch_is_found_by_name_or_id(client, neon):
    project = neon.add_project("aido-todo")
    branch = neon.add_branch(project["id"], "try")

    for name in ("try", branch["id"]):
        assert provision.find_branch(client, project["id"], name).id == branch["id"]
    assert provision.find_branch(client, project["id"], None).name == "main"


def test_a_project_is_found_by_its_exact_name_on_any_page(client, neon):
    neon.page_size = 1
    for name in ("other-1", "other-2", "aido-todo-2", "my-aido-todo", "aido-todo"):
        neon.add_project(name)

    assert provision.find_project(client, "aido-todo", None).name == "aido-todo"
    assert len(neon.requests) == 4  # three pages of matches and an empty one
    assert provision.find_project(client, "aido", None) is None


def test_two_projects_with_the_same_name_are_reported_with_their_ids(client, neon):
    ids = [neon.add_project("aido-todo")["id"] for _ in range(2)]

    with pytest.raises(NeonError, match="--project: " + ", ".join(ids)):
        provision.find_project(client, "aido-todo", None)


def test_an_incomplete_list_of_projects_is_rejected(client, neon):
    body = '{"projects": [], "unavailable_project_ids": ["lost-sky-1"]}'
    neon.add_fault("GET", "/projects", status=200, text=body)

    with pytest.raises(NeonError, match="cannot list all projects"):
        client.list_projects(None)
