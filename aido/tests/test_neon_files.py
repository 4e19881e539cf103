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
def test_a_value_survives_both_readers(checkout, value, monkeypatch):
    write_dotenv(checkout.dotenv, {"AIDO_TEST": value})

    monkeypatch.delenv("AIDO_TEST", raising=False)
    environ.Env.read_env(checkout.dotenv)
    assert os.environ.pop("AIDO_TEST") == value
    assert read_dotenv(checkout.dotenv) == {"AIDO_TEST": value}


def test_every_other_line_is_left(checkout):
    before = "# mine\n\nDEBUG=on\nDATABASE_URL=\nOTHER='x y' # why\nbroken line\n"
    checkout.dotenv.write_text(before)

    step = checkout.write_urls({"DATABASE_URL": URL}, force=False)

    after = checkout.dotenv.read_text()
    assert after == before.replace("DATABASE_URL=", f'DATABASE_URL="{URL}"')
    assert (step.state, step.detail) == ("written", "DATABASE_URL")


def test_a_file_without_a_last_newline_is_mended(checkout):
    checkout.dotenv.write_text("A=1")

    write_dotenv(checkout.dotenv, {"B": "2"})

    assert checkout.dotenv.read_text() == 'A=1\nB="2"\n'


def test_only_its_owner_may_read_it(checkout):
    checkout.dotenv.write_text("A=1\n")
    checkout.dotenv.chmod(0o644)

    write_dotenv(checkout.dotenv, {"B": "2"})

    assert checkout.dotenv.stat().st_mode & 0o777 == 0o600


def test_an_interrupt_leaves_the_file_whole(checkout, monkeypatch):
    checkout.dotenv.write_text("A=1\n")
    monkeypatch.setattr(os, "replace", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_dotenv(checkout.dotenv, {"A": "2"})

    assert checkout.dotenv.read_text() == "A=1\n"
    assert list(checkout.folder.iterdir()) == [checkout.dotenv]


def interrupt(*args):
    raise KeyboardInterrupt


def test_a_symbolic_link_is_told(checkout):
    (checkout.folder / "real").write_text("A=1\n")
    checkout.dotenv.symlink_to("real")

    with pytest.raises(NeonError, match="symbolic link"):
        write_dotenv(checkout.dotenv, {"A": "2"})


def test_a_read_only_file_is_told(checkout):
    checkout.dotenv.write_text("A=1\n")
    checkout.dotenv.chmod(0o400)

    with pytest.raises(NeonError, match="read-only"):
        write_dotenv(checkout.dotenv, {"A": "2"})


def test_another_url_is_left_and_shown_masked(checkout):
    before = "DATABASE_URL=postgresql://me:hunter2@h/d\n"
    checkout.dotenv.write_text(before)

    with pytest.raises(NeonError) as refusal:
        checkout.write_urls({"DATABASE_URL": URL}, force=False)

    assert "postgresql://me:***@h/d" in str(refusal.value)
    assert "--force" in str(refusal.value)
    assert checkout.dotenv.read_text() == before


def test_a_mistyped_url_is_another_one(checkout):
    checkout.dotenv.write_text("DATABASE_URL=postgresql://me:hunter2[@h/d\n")

    with pytest.raises(NeonError, match="--force"):
        checkout.write_urls({"DATABASE_URL": URL}, force=False)


def test_another_url_is_replaced_by_force(checkout):
    checkout.dotenv.write_text("DATABASE_URL=postgresql://me:hunter2@h/d\n")

    checkout.write_urls({"DATABASE_URL": URL}, force=True)

    assert checkout.urls() == {"DATABASE_URL": URL}


def test_the_order_of_parameters_makes_no_other_url(checkout):
    one = URL + "&channel_binding=require"
    other = one.replace("sslmode=require&channel_binding=require",
                        "channel_binding=require&sslmode=require")  # fmt: skip
    assert is_same(one, other) and not is_same(one, URL) and not is_same(None, URL)

    checkout.write_urls({"DATABASE_URL": one}, force=False)
    assert checkout.write_urls({"DATABASE_URL": other}, False).state == "unchanged"


def test_secrets_are_made_once(checkout):
    checkout.dotenv.write_text("JWT_SECRET=mine\n")

    assert checkout.write_secrets().detail == "SECRET_KEY"
    made = read_dotenv(checkout.dotenv)
    assert len(made["SECRET_KEY"]) >= 32 and made["JWT_SECRET"] == "mine"

    assert checkout.write_secrets().state == "unchanged"
    assert read_dotenv(checkout.dotenv) == made


def test_the_context_keeps_what_others_wrote(checkout):
    checkout.context_file.write_text('{"git": {"x": 1}, "branch": "old"}')

    assert checkout.write_context(PROJECT, BRANCH).state == "written"
    assert checkout.context() == {
        "git": {"x": 1},
        "branch": "main",
        "projectId": "cool-sky-1",
        "orgId": "org-1",
    }
    assert checkout.write_context(PROJECT, BRANCH).state == "unchanged"
    assert checkout.branch_of(PROJECT) == "main"


@pytest.mark.parametrize("text", ["not json", "[]", '"x"'])
def test_a_context_that_is_none_is_told(checkout, text):
    checkout.context_file.write_text(text)

    with pytest.raises(NeonError, match=".neon"):
        checkout.context()
