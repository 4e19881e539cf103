import os

import environ
import pytest

from aido.neon.files import Checkout, is_same, read_dotenv, write_dotenv
from aido.neon.types import Branch, NeonError, Project

URL = "postgresql://u:p@ep-a-pooler.neon.tech/d?sslmode=require"
PROJECT = Project("cool-sky-1", "aido-todo", "aws-eu-central-1", 18, "org-1")
BRANCH = Branch("br-1", "main", default=True)


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


@pytest.mark.parametrize(
    "value",
    [
        "a=b#c",
        "it's",
        'say "hi"',
        "back\\slash",
        "end\\",
        "#x",
        "a b",
        "ä",
        "\\n",
        "${HOME}",
    ],
)
def test_python_dotenv_and_django_environ_read_the_value_that_was_written(
    checkout, value, monkeypatch
):
    write_dotenv(checkout.dotenv, {"AIDO_TEST": value})

    monkeypatch.delenv("AIDO_TEST", raising=False)
    environ.Env.read_env(checkout.dotenv)
    assert os.environ.pop("AIDO_TEST") == value
    assert read_dotenv(checkout.dotenv) == {"AIDO_TEST": value}


@pytest.mark.parametrize("line_break", ["\n", "\r"])
def test_a_value_with_a_line_break_is_rejected(checkout, line_break):
    with pytest.raises(NeonError, match="line break"):
        write_dotenv(checkout.dotenv, {"A": f"1{line_break}DEBUG=on"})

    assert not checkout.dotenv.exists()


def test_other_lines_stay_unchanged(checkout):
    before = "# mine\n\nDEBUG=on\nDATABASE_URL=\nOTHER='x y' # comment\nbroken line\n"
    checkout.dotenv.write_text(before)

    step = checkout.write_urls({"DATABASE_URL": URL}, force=False)

    after = checkout.dotenv.read_text()
    assert after == before.replace("DATABASE_URL=", f'DATABASE_URL="{URL}"')
    assert (step.state, step.detail) == ("written", "DATABASE_URL")


def test_a_missing_final_newline_is_added(checkout):
    checkout.dotenv.write_text("A=1")

    write_dotenv(checkout.dotenv, {"B": "2"})

    assert checkout.dotenv.read_text() == 'A=1\nB="2"\n'


def test_the_rest_of_an_interrupted_write_is_discarded(checkout):
    rest = checkout.folder / ".env.new"
    rest.write_text("OLD=1\n")
    rest.chmod(0o644)

    write_dotenv(checkout.dotenv, {"A": "1"})

    assert read_dotenv(checkout.dotenv) == {"A": "1"}
    assert checkout.dotenv.stat().st_mode & 0o777 == 0o600


def test_only_the_owner_can_read_the_file(checkout):
    checkout.dotenv.write_text("A=1\n")
    checkout.dotenv.chmod(0o644)

    write_dotenv(checkout.dotenv, {"B": "2"})

    assert checkout.dotenv.stat().st_mode & 0o777 == 0o600


def test_an_interrupted_write_leaves_the_old_file(checkout, monkeypatch):
    checkout.dotenv.write_text("A=1\n")
    monkeypatch.setattr(os, "replace", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_dotenv(checkout.dotenv, {"A": "2"})

    assert checkout.dotenv.read_text() == "A=1\n"
    assert list(checkout.folder.iterdir()) == [checkout.dotenv]


def interrupt(*args):
    raise KeyboardInterrupt


def test_a_symbolic_link_is_not_replaced(checkout):
    (checkout.folder / "real").write_text("A=1\n")
    checkout.dotenv.symlink_to("real")

    with pytest.raises(NeonError, match="symbolic link"):
        write_dotenv(checkout.dotenv, {"A": "2"})


def test_a_read_only_file_is_not_replaced(checkout):
    checkout.dotenv.write_text("A=1\n")
    checkout.dotenv.chmod(0o400)

    with pytest.raises(NeonError, match="read-only"):
        write_dotenv(checkout.dotenv, {"A": "2"})


def test_a_different_url_is_kept_and_shown_without_its_password(checkout):
    before = "DATABASE_URL=postgresql://me:hunter2@h/d\n"
    checkout.dotenv.write_text(before)

    with pytest.raises(NeonError) as error:
        checkout.write_urls({"DATABASE_URL": URL}, force=False)

    assert "postgresql://me:***@h/d" in str(error.value)
    assert "--force" in str(error.value)
    assert checkout.dotenv.read_text() == before


def test_a_mistyped_url_is_a_different_url(checkout):
    checkout.dotenv.write_text("DATABASE_URL=postgresql://me:hunter2[@h/d\n")

    with pytest.raises(NeonError, match="--force"):
        checkout.write_urls({"DATABASE_URL": URL}, force=False)


def test_force_replaces_a_different_url(checkout):
    checkout.dotenv.write_text("DATABASE_URL=postgresql://me:hunter2@h/d\n")

    checkout.write_urls({"DATABASE_URL": URL}, force=True)

    assert checkout.read_urls() == {"DATABASE_URL": URL}


def test_urls_are_the_same_in_any_order_of_parameters(checkout):
    url = "postgresql://u:p@h/d?sslmode=require&channel_binding=require"
    reordered = "postgresql://u:p@h/d?channel_binding=require&sslmode=require"
    assert is_same(url, reordered)

    checkout.write_urls({"DATABASE_URL": url}, force=False)
    assert checkout.write_urls({"DATABASE_URL": reordered}, False).state == "unchanged"


@pytest.mark.parametrize(
    "other",
    [
        None,
        "",
        "postgresql://u:p@h/d",
        "postgresql://u:q@h/d?sslmode=require",
        "postgresql://u:p@i/d?sslmode=require",
        "postgresql://u:p@h/e?sslmode=require",
    ],
    ids=["none", "empty", "parameters", "password", "host", "database"],
)
def test_urls_that_differ_are_not_the_same(other):
    assert not is_same(other, "postgresql://u:p@h/d?sslmode=require")


def test_secrets_are_generated_once(checkout):
    checkout.dotenv.write_text("JWT_SECRET=mine\nSECRET_KEY=\n")

    assert checkout.write_secrets().detail == "SECRET_KEY"
    values = read_dotenv(checkout.dotenv)
    assert len(values["SECRET_KEY"]) >= 32 and values["JWT_SECRET"] == "mine"

    assert checkout.write_secrets().state == "unchanged"
    assert read_dotenv(checkout.dotenv) == values


def test_other_keys_of_the_context_are_kept(checkout):
    checkout.context_file.write_text('{"git": {"x": 1}, "branch": "old"}')

    assert checkout.write_context(PROJECT, BRANCH).state == "written"
    assert checkout.read_context() == {
        "git": {"x": 1},
        "branch": "main",
        "projectId": "cool-sky-1",
        "orgId": "org-1",
    }
    assert checkout.write_context(PROJECT, BRANCH).state == "unchanged"
    assert checkout.branch_of(PROJECT) == "main"


def test_the_context_of_a_personal_account_has_no_organization(checkout):
    checkout.write_context(Project("cool-sky-1", "aido-todo"), BRANCH)

    assert checkout.read_context() == {"projectId": "cool-sky-1", "branch": "main"}


@pytest.mark.parametrize("text", ["not json", "[]", '"x"'])
def test_an_invalid_context_is_reported(checkout, text):
    checkout.context_file.write_text(text)

    with pytest.raises(NeonError, match=".neon"):
        checkout.read_context()


def test_the_context_of_another_project_is_ignored_and_kept(checkout):
    checkout.context_file.write_text('{"projectId": "other-sky-1", "branch": "try"}')

    checkout.delete_context(PROJECT)

    assert checkout.branch_of(PROJECT) is None
    assert checkout.read_context()["branch"] == "try"


def test_variables_with_another_value_in_the_environment_are_overridden(
    checkout, monkeypatch
):
    checkout.write_urls({"DATABASE_URL": URL}, force=False)
    monkeypatch.delenv("DATABASE_URL_UNPOOLED", raising=False)

    monkeypatch.setenv("DATABASE_URL", URL)
    assert checkout.overridden_variables() == []

    monkeypatch.setenv("DATABASE_URL", "postgresql://h/other")
    assert checkout.overridden_variables() == ["DATABASE_URL"]
