"""The modules of the pages' script."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from aido.testing.processes import HTTPS_HEADERS, SECRETS, running_server

MODULES = sorted(Path(finders.find("todo/app.js")).parent.glob("*.js"))
OWN = [path for path in MODULES if path.name != "htmx.min.js"]
MAX_LINES = 200
SCRIPTS = """() => performance.getEntriesByType("resource").map(({ name }) => name)
    .filter((name) => name.endsWith(".js"))"""


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_a_module_is_short(path):
    assert len(path.read_text().splitlines()) < MAX_LINES


def test_every_module_is_imported():
    imported = set()
    for path in OWN:
        imported |= set(re.findall(r'(?:import|from) "\./(.+?)"', path.read_text()))

    assert {path.name for path in OWN} - imported == {"app.js", "docs.js", "sw.js"}


@pytest.mark.browser
def test_modules_have_hashed_names_and_run_in_production(
    open_page, proxied_url, checkout
):
    command = [sys.executable, "manage.py", "collectstatic", "--no-input"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    variables = {"DATABASE_URL": proxied_url} | SECRETS

    with running_server("-m", "aido", cwd=checkout, **variables) as url:
        page = open_page(f"{url}/accounts/signup/", extra_http_headers=HTTPS_HEADERS)
        scripts = page.evaluate(SCRIPTS)

        assert len(scripts) == len(MODULES) - 2  # neither the worker nor the API page
        assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in scripts)
        assert page.locator("[name=time_zone]").input_value() == "Asia/Tokyo"
        assert page.problems == []
