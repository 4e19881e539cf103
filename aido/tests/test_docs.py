"""The documents name only what exists: files, headings, commands, variables."""

import ast
import re

import pytest
from django.core.management import get_commands

from aido.management.commands.neon import ACTIONS, BRANCH_ACTIONS
from aido.testing.processes import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
CODE = re.compile(r"```\w*\n(.*?)```|^((?: {4}.*\n)+)|`([^`\n]+)`", re.DOTALL | re.M)
LINK = re.compile(r"(?:\]\(|srcset=\"|src=\")(?!https?:)([^)\"]+)")
NOT_AIDOS = {"CONN_MAX_AGE", "ERR_TOO_MANY_REDIRECTS"}

every_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


def code_in(document):
    """The code blocks and code spans of a document, as one text."""
    found = CODE.findall(document.read_text())
    return "\n".join("".join(groups) for groups in found)


def anchors(document, level="#+"):
    """The fragments that lead to the headings of a document, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
    headings = re.findall(rf"^{level} (.+)$", text, re.M)
    return [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings]


def names(requirements):
    return set(re.findall(r"^[\w.-]+==\S+", requirements.read_text(), re.M))


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


@every_document
def test_links_lead_to_files_and_headings(document):
    for link in LINK.findall(document.read_text()):
        path, _, fragment = link.partition("#")
        target = (document.parent / path) if path else document
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


@every_document
def test_files_exist(document):
    for path in re.findall(r"\b(?:aido|todo|bench)/[\w/]+\.\w+", code_in(document)):
        assert (ROOT / path).exists(), path


@every_document
def test_contents_name_every_section(document):
    contents = re.findall(r"^- \[.*?\]\(#(.*?)\)", document.read_text(), re.M)

    assert not contents or contents == anchors(document, "##")


def test_the_layout_names_every_module_and_every_folder():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    layout = text.partition("## Layout")[2].partition("**Doors")[0]
    modules = {path.name for path in ROOT.glob("[at]*do/*.py")}
    folders = {f"{path.parent.name}/" for path in ROOT.glob("[at]*do/*/*.*")}

    ordinary = {"__init__.py", "__main__.py", "apps.py", "__pycache__/"}
    ordinary |= {"tests/", "migrations/", "static/"}
    for name in (modules | folders) - ordinary:
        assert name in layout, name
    for name in re.findall(r"\w+\.py\b", layout):
        assert [*ROOT.glob(f"[at]*do/{name}")], name


@every_document
def test_make_targets_exist(document):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M)

    assert set(re.findall(r"\bmake ([a-z]+)", code_in(document))) <= set(targets)


@every_document
def test_commands_exist(document):
    code = code_in(document)

    assert set(re.findall(r"manage\.py ([a-z]\w+)", code)) <= get_commands().keys()
    actions = set(re.findall(r"manage\.py neon ([a-z-]+)", code))
    assert actions <= ACTIONS.keys() | {"branch"}


def test_the_table_of_neon_commands_is_complete():
    table = (ROOT / "docs/deploy.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", table, re.M)
    spans = [span.split() for row in rows for span in re.findall("`(.*?)`", row)]

    assert {words[0] for words in spans} >= {*ACTIONS, "branch"}
    actions = {words[1] for words in spans if words[0] == "branch"}
    assert actions == BRANCH_ACTIONS.keys()


@every_document
def test_variables_exist(document):
    variables = re.findall(r"^#(\w+)=", (ROOT / ".env.example").read_text(), re.M)
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", code_in(document)))

    assert named <= {*variables, *NOT_AIDOS}


def test_messages_of_aido_exist():
    document = (ROOT / "docs/operations.md").read_text()
    _, table = document.split("### Messages from aido\n")
    table, _ = table.split("### Messages from elsewhere\n")
    messages = re.findall(r"^\| `(.*?)`", table, re.M)
    texts = [
        node.value
        for path in (ROOT / "aido").glob("**/*.py")
        if "tests" not in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]

    assert messages
    for message in messages:
        assert any(message in text for text in texts), message


def test_the_numbers_of_packages_are_those_on_linux():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    for_windows = [line for line in lines if "sys_platform == 'win32'" in line]
    all_packages = len(names(ROOT / "requirements.txt")) - len(for_windows)
    production = len(names(ROOT / "requirements-serve.txt"))

    numbers = f"{production} packages instead of {all_packages}"
    assert numbers in (ROOT / "docs/deploy.md").read_text()


def test_production_uses_the_versions_that_are_tested():
    production = names(ROOT / "requirements-serve.txt")

    assert production < names(ROOT / "requirements.txt")
    assert not [name for name in production if re.match("pytest|pixeltable", name)]
