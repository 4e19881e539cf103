import io
import json

import pytest
from django.core.management import CommandError, call_command

from aido.neon import client as client_module
from aido.neon import provision
from aido.neon.files import Checkout
from aido.testing.fake_neon import KEY, PASSWORD


@pytest.fixture
def run(neon, settings, tmp_path, monkeypatch, capfd):
    """Run the command in an empty checkout and return its output."""
    monkeypatch.setattr(client_module, "POLL_INTERVAL", 0.01)
    monkeypatch.setattr(client_module, "BACKOFF_FACTOR", 0.01)
    monkeypatch.setattr(provision, "LOOKUP_INTERVAL", 0.01)
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
    for text in printed:
        assert KEY not in text
        # Only connection-string prints the password.
        assert PASSWORD not in text or text.startswith("postgresql://")


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def test_provision_creates_the_project_and_writes_the_files(run, neon, checkout):
    neon.organizations = ["org-one"]

    output = run("provision")

    project = next(iter(neon.projects.values()))
    assert (project["name"], project["org_id"]) == ("aido-todo", "org-one")
    urls = checkout.read_urls()
    assert "-pooler." in urls["DATABASE_URL"]
    assert urls["DATABASE_URL"].replace("-pooler", "") == urls["DATABASE_URL_UNPOOLED"]
    assert checkout.read_context() == {
        "orgId": "org-one",
        "projectId": project["id"],
        "branch": "main",
    }
    assert "Creating the project ..." in output
    assert "created" in output and project["id"] in output


def test_a_second_provision_only_reads(run, neon, checkout):
    run("provision")
    files = [checkout.dotenv.read_text(), checkout.context_file.read_text()]
    neon.requests.clear()

    output = run("provision")

    assert output.count("unchanged") == 3
    assert "created" not in output and "written" not in output
    assert {method for method, _ in neon.requests} == {"GET"}
    assert [checkout.dotenv.read_text(), checkout.context_file.read_text()] == files


def test_provision_without_the_files_finds_the_project_by_name(run, neon, checkout):
    run("provision")
    urls = checkout.read_urls()
    checkout.dotenv.unlink()
    checkout.context_file.unlink()

    run("provision")

    assert len(neon.projects) == 1
    assert checkout.read_urls() == urls


def test_provision_passes_on_name_region_and_version(run, neon):
    run("provision", "--name=mine", "--region=aws-us-east-1", "--pg-version=17")

    project = next(iter(neon.projects.values()))
    assert project["name"] == "mine"
    assert (project["region_id"], project["pg_version"]) == ("aws-us-east-1", 17)


def test_provision_finds_the_project_by_id(run, neon, checkout):
    ids = [neon.add_project("aido-todo")["id"] for _ in range(2)]

    run("provision", f"--project={ids[1]}")

    assert checkout.read_context()["projectId"] == ids[1]


def test_provision_outputs_json(run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # lets the spinner take pipes for terminals

    steps = json.loads(run("provision", "--json"))["steps"]

    assert [step["what"] for step in steps][:2] == ["project", "branch"]


def test_provision_replaces_a_different_database_url_only_by_force(run, neon, checkout):
    checkout.dotenv.write_text("DATABASE_URL=postgresql://me:hunter2@h/d\n")

    with pytest.raises(CommandError, match="--force"):
        run("provision")
    assert checkout.read_urls() == {"DATABASE_URL": "postgresql://me:hunter2@h/d"}

    run("provision", "--force")
    assert "neon.tech" in checkout.read_urls()["DATABASE_URL"]


def test_an_environment_that_overrides_dotenv_is_reported(run, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/other")

    assert "DATABASE_URL in the environment overrides .env" in run("provision")


def test_provision_migrates_the_database_and_reports_a_failure(run, tmp_path):
    manage = tmp_path / "manage.py"
    manage.write_text(
        "import os, sys; assert 'migrate' in sys.argv and os.environ['DATABASE_URL']"
    )
    run("provision", "--migrate")

    manage.write_text("raise SystemExit(1)")
    with pytest.raises(CommandError, match="migrations failed"):
        run("provision", "--migrate")


def test_list_shows_every_project(run, neon):
    neon.add_project("one")
    neon.add_project("two")

    output = run("list")
    assert "one" in output and "two" in output and "None" not in output
    projects = json.loads(run("list", "--json"))["projects"]
    assert [project["name"] for project in projects] == ["one", "two"]


def test_list_reports_that_there_are_no_projects(run):
    assert "no projects" in run("list")
    assert json.loads(run("list", "--json")) == {"projects": []}


def test_create_creates_no_second_project_with_the_same_name(run, neon):
    run("create", "--name=mine")

    with pytest.raises(CommandError, match="already exists"):
        run("create", "--name=mine")
    assert len(neon.projects) == 1


def test_describe_shows_the_project_and_its_branches(run, neon):
    run("provision")

    assert "main" in run("describe")
    output = json.loads(run("describe", "--json"))
    assert output["project"]["name"] == "aido-todo"
    branch = {"id": "br-main-000001", "name": "main", "default": True}
    assert output["branches"] == [branch]


def test_describe_reports_a_missing_project(run):
    with pytest.raises(CommandError, match="neon provision"):
        run("describe")


def test_connection_string_prints_only_the_url(run, checkout):
    run("provision")
    urls = checkout.read_urls()

    assert run("connection-string") == urls["DATABASE_URL"] + "\n"
    assert run("connection-string", "--direct") == urls["DATABASE_URL_UNPOOLED"] + "\n"


def test_delete_requires_the_name_as_confirmation(run, neon, monkeypatch, checkout):
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

    run("delete", "--yes")
    assert not neon.projects


def test_a_branch_can_be_created_and_used(run, neon, checkout):
    run("provision")
    main = checkout.read_urls()

    run("branch", "create", "try")
    assert "try" in run("branch", "list")
    assert checkout.read_urls() == main

    run("branch", "use", "try")
    assert "ep-try" in checkout.read_urls()["DATABASE_URL"]
    assert checkout.read_context()["branch"] == "try"
    assert "ep-try" in run("connection-string")
    assert "unchanged" in run("provision")

    run("branch", "use", "main")
    assert checkout.read_urls() == main


def test_creating_a_branch_is_idempotent(run, neon):
    run("provision")

    run("branch", "create", "try")
    run("branch", "create", "try")
    assert len(neon.branches["cool-sky-00000001"]) == 2


def test_the_branch_in_use_cannot_be_deleted(run, neon):
    run("provision")
    run("branch", "create", "try")
    run("branch", "use", "try")

    with pytest.raises(CommandError, match="branch use"):
        run("branch", "delete", "try", "--yes")

    run("branch", "use", "main")
    neon.pending = 2
    run("branch", "delete", "try", "--yes")
    assert len(neon.branches["cool-sky-00000001"]) == 1
    assert neon.pending <= 0


def test_branch_use_does_not_replace_the_url_of_another_database(run, neon, checkout):
    run("provision")
    for url in ("postgresql://me:hunter2@h/d", "postgresql://me:hunter2[@h/d"):
        checkout.dotenv.write_text(f"DATABASE_URL={url}\n")

        with pytest.raises(CommandError, match="--force"):
            run("branch", "use", "main")


def test_the_default_branch_cannot_be_deleted(run, neon):
    run("provision")

    with pytest.raises(CommandError, match="default branch"):
        run("branch", "delete", "main", "--yes")

    assert neon.sent("DELETE") == []


def test_ids_are_not_wrapped(run, neon):
    project = neon.add_project("a-project-with-a-rather-long-name-of-its-own")

    output = run("list")
    assert project["id"] in output
    assert "…" not in output  # other columns are wrapped, not truncated


def test_a_missing_branch_is_reported(run):
    run("provision")

    with pytest.raises(CommandError, match="no branch nowhere. Choose one of: main"):
        run("branch", "use", "nowhere")


def test_a_missing_key_is_reported(run, settings):
    settings.NEON_API_KEY = ""

    with pytest.raises(CommandError, match="NEON_API_KEY is not set"):
        run("list")


def test_a_deleted_project_is_reported(run, neon):
    run("provision")
    neon.projects.clear()

    with pytest.raises(CommandError, match="delete .neon"):
        run("provision")
