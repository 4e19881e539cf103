"""The README's lines about the API, pasted into a shell."""

import re
import subprocess

import pytest

from aido.testing.processes import ROOT, running_server


@pytest.mark.django_db(transaction=True)
def test_the_curl_lines_work_in_order(proxied_url, tmp_path):
    readme = (ROOT / "README.md").read_text()
    (lines,) = re.findall(r"```bash\n(api=.*?)```", readme, re.DOTALL)
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
    assert '"title":"Buy bread"' in run.stdout
    assert (tmp_path / "tasks.csv").read_text().count("Buy ") == 2
