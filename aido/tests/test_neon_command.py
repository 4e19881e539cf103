"""`manage.py neon` as people and scripts call it."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from aido.neon import client as module
from aido.neon import provision
from aido.neon.files import Checkout
from aido.testing.fake_neon import KEY, PASSWORD


@pytest.fixture
def run(neon, settings, tmp_path, monkeypatch, capfd):
    """Runs the command in an empty checkout: what it printed."""
    monkeypatch.setattr(module, "PAUSE", 0.01)
    monkeypatch.setattr(module, "BACKOFF", 0.01)
    monkeypatch.setattr(provision, "PAUSE", 0.01)
    for key in ("DATABASE_URL", "DATABASE_URL_UNPOOLED"):
        monkeypatch.delenv(key, raising=False)
    settings.BASE_DIR = tmp_path
    settings.NEON_API_KEY, settings.NEON_API_HOST = KEY, neon.host
    printed = []

    def run(*arguments):
        try:
            call_command("neon", *arguments)
        finally:
            output, errors = capfd.readouterr()
            printed.append(output + errors)
        return output if "--json" in arguments else printed[-1]

    yield run
    allowed = "postgresql://"  # connection-string alone prints a password
    for text in printed:
        assert KEY not in text
        assert PASSWORD not in text or text.startswith(allowed)


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def test_provision_makes_the_project_and_fills_the_files(run, neon, checkout):
    neon.organizations = ["org-one"]

    told = run("provision")

    project = next(iter(neon.projects.values()))
    assert (project["name"], project["org_id"]) == ("aido-todo", "org-one")
    urls = checkout.urls()
    assert "-pooler." in urls["DATABASE_URL"]
    assert urls["DATABASE_URL"].replace("-pooler", "") == urls["DATABASE_URL_UNPOOLED"]
    assert checkout.context() == {
        "orgId": "org-one",
        "projectId": project["id"],
        "branch": "main",
    }
    assert "made" in told and project["id"] in told


def test_a_second_run_changes_nothing_and_only_reads(run, neon, checkout):
    run("provision")
    files = [checkout.dotenv.read_text(), checkout.context_file.read_text()]
    neon.requests.clear()

    told = run("provision")

    assert told.count("unchanged") == 3
    assert "made" not in told and "written" not in told
    assert {method for method, _ in neon.requests} == {"GET"}
    assert [checkout.dotenv.read_text(), checkout.context_file.read_text()] == files


def test_without_the_files_it_finds_the_project_by_its_name(run, neon, checkout):
    run("provision")
    urls = checkout.urls()
    checkout.dotenv.unlink()
    checkout.context_file.unlink()

    run("provision")

    assert len(neon.projects) == 1
    assert checkout.urls() == urls


def test_provision_asks_for_what_was_chosen(run, neon):
    run("provision", "--name=mine", "--region=aws-us-east-1", "--pg-version=17")

    project = next(iter(neon.projects.values()))
    assert project["name"] == "mine"
    assert (project["region_id"], project["pg_version"]) == ("aws-us-east-1", 17)


def test_a_project_may_be_chosen_by_its_id(run, neon, checkout):
    ids = [neon.add_project("aido-todo")["id"] for _ in range(2)]

    run("provision", f"--project={ids[1]}")

    assert checkout.context()["projectId"] == ids[1]


def test_provision_reports_as_json(run):
    steps = json.loads(run("provision", "--json"))["steps"]

    assert [step["what"] for step in steps][:2] == ["project", "branch"]


def test_another_database_url_stays(run, neon, checkout):
    checkout.dotenv.write_text("DATABASE_URL=postgresql://me:hunter2@h/d\n")

    with pytest.raises(CommandError, match="--force"):
        run("provision")
    assert checkout.urls() == {"DATABASE_URL": "postgresql://me:hunter2@h/d"}

    run("provision", "--force")
    assert "neon.tech" in checkout.urls()["DATABASE_URL"]


def test_an_environment_that_wins_is_told(run, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/other")

    assert "DATABASE_URL in the environment wins over .env" in run("provision")


def test_list_shows_every_project(run, neon):
    neon.add_project("one")
    neon.add_project("two")

    assert "one" in run("list") and "two" in run("list")
    found = json.loads(run("list", "--json"))["projects"]
    assert [project["name"] for project in found] == ["one", "two"]


def test_list_says_when_there_is_none(run):
    assert "no projects" in run("list")
    assert json.loads(run("list", "--json")) == {"projects": []}


def test_create_makes_one_and_no_second(run, neon):
    run("create", "--name=mine")

    with pytest.raises(CommandError, match="already"):
        run("create", "--name=mine")
    assert len(neon.projects) == 1


def test_describe_shows_project_and_branches(run, neon):
    run("provision")

    assert "main" in run("describe")
    found = json.loads(run("describe", "--json"))
    assert found["project"]["name"] == "aido-todo"
    assert found["branches"][0]["default"] is True


def test_describe_says_when_there_is_none(run):
    with pytest.raises(CommandError, match="neon provision"):
        run("describe")


def test_connection_string_is_the_url_alone(run, checkout):
    run("provision")
    urls = checkout.urls()

    assert run("connection-string") == urls["DATABASE_URL"] + "\n"
    assert run("connection-string", "--direct") == urls["DATABASE_URL_UNPOOLED"] + "\n"


def test_delete_asks_for_the_name(run, neon, monkeypatch, checkout):
    run("provision")

    monkeypatch.setattr("builtins.input", lambda prompt: "yes")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        run("delete")
    assert len(neon.projects) == 1

    monkeypatch.setattr("builtins.input", lambda prompt: "aido-todo")
    run("delete")
    assert not neon.projects
    assert not checkout.context_file.exists()


def test_delete_without_a_terminal_deletes_nothing(run, neon, monkeypatch):
    run("provision")
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(CommandError, match="--yes"):
        run("delete")

    assert len(neon.projects) == 1


def test_delete_need_not_ask(run, neon):
    run("provision")

    run("delete", "--yes")

    assert not neon.projects


def test_a_branch_is_made_used_and_left_again(run, neon, checkout):
    run("provision")
    main = checkout.urls()

    run("branch", "create", "try")
    assert "try" in run("branch", "list")
    assert checkout.urls() == main

    run("branch", "use", "try")
    assert "ep-try" in checkout.urls()["DATABASE_URL"]
    assert checkout.context()["branch"] == "try"
    assert "unchanged" in run("provision")

    run("branch", "use", "main")
    assert checkout.urls() == main


def test_a_branch_is_made_once(run, neon):
    run("provision")

    run("branch", "create", "try")
    run("branch", "create", "try")

    assert len(neon.branches["cool-sky-00000001"]) == 2


def test_a_branch_in_use_is_not_deleted(run, neon):
    run("provision")
    run("branch", "create", "try")
    run("branch", "use", "try")

    with pytest.raises(CommandError, match="branch use"):
        run("branch", "delete", "try", "--yes")

    run("branch", "use", "main")
    run("branch", "delete", "try", "--yes")
    assert len(neon.branches["cool-sky-00000001"]) == 1


def test_using_a_branch_replaces_no_foreign_url(run, neon, checkout):
    run("provision")
    for url in ("postgresql://me:hunter2@h/d", "postgresql://me:hunter2[@h/d"):
        checkout.dotenv.write_text(f"DATABASE_URL={url}\n")

        with pytest.raises(CommandError, match="--force"):
            run("branch", "use", "main")


def test_the_default_branch_is_not_deleted(run, neon):
    run("provision")

    with pytest.raises(CommandError, match="default branch"):
        run("branch", "delete", "main", "--yes")

    assert neon.sent("DELETE") == []


def test_ids_are_shown_whole(run, neon):
    project = neon.add_project("a-project-with-a-rather-long-name-of-its-own")

    assert project["id"] in run("list")


def test_a_branch_that_is_not_there_is_told(run):
    run("provision")

    with pytest.raises(CommandError, match="no branch nowhere; it has: main"):
        run("branch", "use", "nowhere")


def test_a_key_that_is_missing_is_told(run, settings):
    settings.NEON_API_KEY = ""

    with pytest.raises(CommandError, match="NEON_API_KEY is not set"):
        run("list")


def test_a_project_that_is_gone_is_told(run, neon):
    run("provision")
    neon.projects.clear()

    with pytest.raises(CommandError, match=".neon may name what is gone"):
        run("provision")
