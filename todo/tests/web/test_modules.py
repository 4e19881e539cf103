"""The modules of the pages' script."""

import re
import subprocess
import sys
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import expect

from aido.testing.processes import (
    HTTPS_HEADERS,
    SECRETS,
    copy_project,
    reachable_folder,
    running_server,
)

MODULES = sorted(Path(finders.find("todo/app.js")).parent.glob("*.js"))
OWN = [path for path in MODULES if path.name != "htmx.min.js"]
ENTRIES = {"app.js", "docs.js", "offline.js", "sw.js"}  # no module imports them
ON_USE = {"chips.js", "reads.js"}  # with htmx
ON_DETAILS = {"details.js"}  # the page of one task
LOADED = {path.name for path in OWN} - ON_USE - ON_DETAILS - ENTRIES | {"app.js"}
MAX_LINES = 200
MAX_SENT = 61_000  # bytes, with headers
SCRIPTS = """() => performance.getEntriesByType("resource").map(({ name }) => name)
    .filter((name) => name.endsWith(".js"))"""


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_a_module_is_short(path):
    assert len(path.read_text().splitlines()) < MAX_LINES


def test_every_module_is_imported():
    imported = set()
    for path in OWN:
        imported |= set(re.findall(r'(?:import|from)[ (]"\./(.+?)"', path.read_text()))

    assert {path.name for path in OWN} - imported == ENTRIES


@pytest.fixture(scope="module")
def collected():
    """A copy of the project with the collected static files of its pages."""
    command = [sys.executable, "manage.py", "collectstatic", "--no-input"]
    command += ["--ignore=admin", "--ignore=drf_spectacular_sidecar"]
    with reachable_folder() as folder:
        copy = copy_project(folder / "aido")
        subprocess.run(command, cwd=copy, check=True, capture_output=True)
        yield copy


@pytest.fixture(scope="module")
def production(collected, test_database_url):
    """The URL of a production server on the test database."""
    variables = {"DATABASE_URL": test_database_url} | SECRETS
    with running_server("-m", "aido", cwd=collected, **variables) as url:
        yield url


@pytest.fixture
def open_in_production(open_page, production, settings):
    settings.SECRET_KEY = SECRETS["SECRET_KEY"]  # signs sessions

    def open_path(path, user=None):
        headers = {"extra_http_headers": HTTPS_HEADERS}
        return open_page(production + path, user, **headers)

    return open_path


@pytest.mark.browser
def test_modules_have_hashed_names_and_run_in_production(open_in_production):
    page = open_in_production("/accounts/signup/")
    scripts = page.evaluate(SCRIPTS)

    assert len(scripts) == len(LOADED)
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in scripts)
    assert page.locator("[name=time_zone]").input_value() == "Asia/Tokyo"
    assert page.problems == []


@pytest.mark.browser
def test_other_scripts_are_loaded_when_they_are_used(
    open_in_production, user, make_task
):
    make_task(title="Buy milk")
    page = open_in_production("/", user)
    first = set(page.evaluate(SCRIPTS))

    page.get_by_label("New task").press_sequentially("Call Ann tomorrow")
    expect(page.locator("#chips .chip")).to_have_count(1)
    page.get_by_role("link", name="Details of Buy milk").press("Enter")
    expect(page.get_by_label("Title")).to_have_value("Buy milk")

    names = {name.rpartition("/")[2] for name in {*page.evaluate(SCRIPTS)} - first}
    assert {re.sub(r"\.[0-9a-f]{12}\.", ".", name) for name in names} == {
        *("htmx.min.js", *ON_USE)
    }
    assert page.problems == []


def count_bytes(page):
    """Return a list to which the size of each response is added, with its headers."""
    sizes = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.append(event["encodedDataLength"]),
    )
    return sizes


@pytest.mark.browser
@pytest.mark.parametrize("count", [0, 50], ids=["welcome page", "list of 50 tasks"])
def test_a_page_is_small_with_all_its_files(
    open_in_production, production, user, make_task, count
):
    for number in range(count):  # ids of one moment would be much alike
        pk = uuid5(NAMESPACE_OID, f"{number}")
        make_task(pk=pk, title=f"Read chapter {number}", labels=["home"])
    page = open_in_production("/livez", user if count else None)

    sizes = count_bytes(page)
    page.goto(production, wait_until="networkidle")

    expect(page.get_by_test_id("todo-item")).to_have_count(count)
    assert len(sizes) > len(LOADED)  # nothing comes from the cache
    assert sum(sizes) < MAX_SENT


@pytest.mark.browser
def test_a_script_that_cannot_be_loaded_is_loaded_at_the_next_use(
    open_page, site, user, make_task
):
    make_task(title="Buy milk")
    page = open_page(site, user)
    details = page.get_by_role("link", name="Details of Buy milk")
    page.route("**/htmx.min*", lambda route: route.abort())

    details.press("Enter")
    expect(page.locator("#toast")).to_contain_text("That did not work.")
    page.unroute("**/htmx.min*")
    details.press("Enter")

    expect(page.get_by_label("Title")).to_have_value("Buy milk")
