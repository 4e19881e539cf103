"""/metrics of servers with several workers, behind proxies, and turned off."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from aido.preflight import make_metrics_folder
from aido.testing.processes import ROOT, SECRETS, running_server_process, wait_until
from aido.testing.proxies import running_caddy, running_nginx

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not os.path.exists("/proc/self"), reason="reads Linux's /proc"),
]
PATHS = ["/metrics", "//metrics", "/%6Detrics", "/todo/metrics", "/x/../metrics"]
HTTPS = {"X-Forwarded-Proto": "https"}


@contextmanager
def running_two_workers(database_url, folder):
    """The URL and the process of a server with two workers, its files in the folder."""
    variables = SECRETS | {"METRICS": "on", "API_WORKERS": "2", "TMPDIR": str(folder)}
    with running_server_process(
        *("-m", "aido"),
        log=folder / "log",
        DATABASE_URL=database_url,
        ALLOWED_HOSTS="127.0.0.1,localhost",
        **variables,
    ) as (url, process):
        wait_until(lambda: (folder / "log").read_text().count("Started worker ") == 2)
        yield url, process


@pytest.fixture
def server(proxied_url, tmp_path):
    with running_two_workers(proxied_url, tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def url(test_database_url, tmp_path_factory):
    """The URL of a server that the tests share."""
    folder = tmp_path_factory.mktemp("server")
    with running_two_workers(test_database_url, folder) as (url, _):
        yield url


def read(url):
    """Return the values of the metrics by name and labels."""
    response = requests.get(f"{url}/metrics", headers={"Host": "10.0.0.7"})
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = re.findall(r"^([^#].*) (\S+)$", response.text, re.M)
    return {name: float(value) for name, value in lines}


def count(url, route, method="GET", status=200):
    labels = f'method="{method}",route="{route}",status="{status}"'
    return read(url).get(f"aido_http_requests_total{{{labels}}}", 0)


def requests_in(metrics):
    return [n for name, n in metrics.items() if name.startswith("aido_http_requests_t")]


def send(url, path, number, method="GET", **headers):
    """Send requests on a connection each, so that every worker gets some."""
    for _ in range(number):
        requests.request(method, f"{url}{path}", headers=HTTPS | headers)


def folders(path):
    return [folder for folder in path.iterdir() if folder.name.startswith("aido-m")]


def worker_ids(process):
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(child) for child in path.read_text().split()]


def test_the_requests_of_all_workers_are_added_up(url):
    before = count(url, "/livez")  # of the start

    send(url, "/livez", 40)

    assert [count(url, "/livez") - before for _ in range(10)] == [40] * 10
    seconds = 'aido_http_request_duration_seconds_count{method="GET",route="/livez"}'
    assert read(url)[seconds] == before + 40


def test_the_number_of_series_does_not_depend_on_the_clients(url):
    series = [
        {"route": "other", "status": 404},
        {"route": "/livez", "method": "other", "status": 405},
        {"route": "/api/v1/tasks/<task_id:pk>", "status": 401},
    ]
    before = [count(url, **labels) for labels in series]

    send(url, "/no-such-page", 2)
    send(url, "/livez", 2, method="BREW")
    send(url, "/api/v1/tasks/00000000-0000-7000-8000-000000000000", 2)

    assert [count(url, **labels) for labels in series] == [n + 2 for n in before]
    assert not re.search("no-such-page|BREW|00000000", str(read(url).keys()))


def test_each_worker_reports_its_memory_and_its_connections(url):
    last = 'aido_database_requests_waiting{worker="1"}'

    metrics = wait_until(lambda: last in (found := read(url)) and found)

    for number in (0, 1):
        labels = f'{{worker="{number}"}}'
        assert 40 < metrics[f"process_resident_memory_bytes{labels}"] / 2**20 < 400
        assert metrics[f"process_cpu_seconds_total{labels}"] > 0.1
        assert metrics[f"aido_database_connections{labels}"] <= 15
        assert metrics[f"aido_database_connections_idle{labels}"] <= 15
        assert metrics[f"aido_database_requests_waiting{labels}"] == 0


def test_counters_continue_when_a_worker_is_killed(server, tmp_path):
    url, process = server
    send(url, "/livez", 20)
    before = count(url, "/livez")
    files = sorted(os.listdir(folders(tmp_path)[0]))

    os.kill(worker_ids(process)[0], signal.SIGKILL)
    wait_until(lambda: (tmp_path / "log").read_text().count("Started worker ") == 3)
    send(url, "/livez", 20)

    assert count(url, "/livez") == before + 20 + 1  # that of the new worker's start
    assert sorted(os.listdir(folders(tmp_path)[0])) == files


def test_a_reload_and_a_stop_delete_the_files(server, tmp_path):
    url, process = server
    before = folders(tmp_path)
    send(url, "/livez", 20)

    process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(folders(tmp_path)) == 1 and folders(tmp_path) != before)

    assert count(url, "/livez") < 20
    process.terminate()
    wait_until(lambda: process.poll() is not None)
    assert folders(tmp_path) == []


def test_the_files_have_no_holes(server, tmp_path):
    url, _ = server
    send(url, "/livez", 20)

    files = [file.stat() for file in folders(tmp_path)[0].iterdir()]

    assert files
    assert all(file.st_blocks * 512 >= file.st_size for file in files)


GROWING = """
from pathlib import Path
from aido.metrics import MetricsFile

path = Path("{}") / "counter_0.db"
file = MetricsFile(str(path))
for number in range(5000):
    file.write_value(f"metric {{number}}", number, 0)
    assert path.stat().st_blocks * 512 >= path.stat().st_size, number
file.close()
values = [value for _, value, _ in MetricsFile(str(path)).read_all_values()]
assert values == [*range(5000)]
assert path.stat().st_size > 2**17
"""
FULL = """
from django.http import HttpResponse
from django.test import RequestFactory
from aido.metrics import MetricsMiddleware, metrics

resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
middleware = MetricsMiddleware(lambda request: HttpResponse("served"))
request = RequestFactory().get("/")
assert [middleware(request).text for _ in range(3)] == ["served"] * 3
assert metrics(request).status_code == 200
"""


def run_with_metrics(folder, code):
    """Run code whose metrics are in the folder, without the thread of a server."""
    start = "import resource, aido, django; aido.command = 'check'; django.setup()"
    return subprocess.run(
        [sys.executable, "-c", f"{start}\n{code}"],
        cwd=ROOT,
        env=os.environ | {"METRICS": "on", "PROMETHEUS_MULTIPROC_DIR": str(folder)},
        capture_output=True,
        text=True,
    )


def test_a_file_that_grows_has_no_holes(tmp_path):
    process = run_with_metrics(tmp_path, GROWING.format(tmp_path))

    assert process.returncode == 0, process.stderr


def test_requests_are_served_on_a_full_disk(tmp_path):
    process = run_with_metrics(tmp_path, FULL)

    assert process.returncode == 0, process.stderr
    assert process.stderr.count("Metrics are lost: ") == 1


def test_a_server_starts_without_a_folder_for_its_metrics(monkeypatch, caplog):
    def refuse(prefix):
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)

    assert make_metrics_folder({"has_metrics": True}) == ""
    assert caplog.messages == [
        "Each worker has metrics of its own: No usable temporary directory found"
    ]


def test_a_start_on_a_port_in_use_leaves_no_files(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        env = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), "METRICS": "on"}
        process = subprocess.run(
            [sys.executable, "-m", "aido"],
            cwd=ROOT,
            env=env | {"API_HOST": "127.0.0.1", "API_PORT": port},
            capture_output=True,
            text=True,
        )

    assert "Address already in use" in process.stderr
    assert folders(tmp_path) == []


@pytest.mark.parametrize(
    "running_proxy",
    [
        pytest.param(running_nginx, marks=pytest.mark.nginx, id="nginx"),
        pytest.param(running_caddy, marks=pytest.mark.caddy, id="Caddy"),
    ],
)
def test_proxies_do_not_pass_it_on(url, running_proxy):
    with running_proxy(url) as proxy:
        before = sum(requests_in(read(url)))
        for path in PATHS:
            request = requests.Request("GET", proxy).prepare()
            request.url = f"{proxy}{path}"  # as it is
            assert requests.Session().send(request).status_code == 404, path
        after = sum(requests_in(read(url)))

    assert after == before + 1  # only that of the first `read`


def test_a_request_through_a_proxy_is_refused(url):
    headers = HTTPS | {"X-Forwarded-For": "192.0.2.7"}

    response = requests.get(f"{url}/metrics", headers=headers)

    assert response.status_code == 404


def test_it_is_off_by_default(client, settings):
    assert client.get("/metrics").status_code == 404
    assert not [name for name in settings.MIDDLEWARE if "metrics" in name]
    assert "prometheus_client" not in sys.modules
