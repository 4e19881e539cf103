"""The API sessions of the documents, pasted into a shell."""

import re
import subprocess

import pytest

from aido.testing.processes import ROOT, running_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paste(proxied_url, tmp_path):
    """Run a document's bash blocks in order, on a server; return what they print."""

    def paste(document):
        text = (ROOT / document).read_text()
        lines = "".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL))
        command = ("manage.py", "runserver", "--noreload")
        with running_server(*command, DATABASE_URL=proxied_url) as url:
            lines = lines.replace("http://localhost:8000", url)
            lines = lines.replace("curl -s ", "curl -s --fail-with-body ")
            run = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", lines],
                cwd=tmp_path,
                capture_output=True,
                text=True,
            )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    return paste


def test_the_session_in_the_readme_adds_a_task_and_lists_it(paste):
    assert paste("README.md").count('"title":"Buy milk"') == 2


def test_the_session_in_the_api_guide_works_in_order(paste, tmp_path):
    printed = paste("docs/api.md")

    assert '"title":"Buy bread"' in printed
    assert printed.count('"title":"Buy milk"') == 3  # added, found, and changed
    assert '"labels":["garden"]' in printed
    assert '{"created":0,"skipped":4}' in printed
    assert (tmp_path / "tasks.csv").read_text().count("Buy ") == 2
