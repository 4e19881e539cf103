"""Compare the working tree with another revision: `python -m bench.versus REVISION`

Prints processor time per request and requests per second of both, for the API and for
pages. A ratio is new / old, the median of the ratios of each round: below 1 is better
for processor time, above 1 for requests. Both use this virtual environment, each has a
database of its own, and they take turns.
"""

import argparse
import os
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import psycopg
import requests

from aido.testing import components
from aido.testing.postgres import Postgres, running_postgres
from aido.testing.processes import (
    HTTPS_HEADERS,
    ROOT,
    copy_project,
    reachable_folder,
)
from bench import compare, data, services
from bench.compare import Load, Run
from bench.data import TYPICAL_USER, WRITING_USER
from bench.services import Aido

TASKS = 200_000
PAGES = {  # name: method, path, body, user
    "list page": ("GET", "/", "", TYPICAL_USER),
    "complete on a page": ("POST", "/tasks/{id}/complete", "view=all", TYPICAL_USER),
    "add on a page": ("POST", "/tasks/new", "title=Buy+milk", WRITING_USER),
}
TABLE_HEADER = (
    "| route | CPU µs, old | new | new / old | requests/s, old | new | new / old |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)
CSRF_TOKEN = "x" * 32


class Contender:
    """A running checkout with its database and the session keys of two users."""

    def __init__(self, stack: ExitStack, server: Postgres, name: str, project: Path):
        self.database_url = server.create_database(name)
        data.seed_aido(self.database_url, TASKS, project)
        arguments = ["collectstatic", "--no-input", "--verbosity=0"]
        arguments += ["--ignore=admin", "--ignore=drf_spectacular_sidecar"]
        data.manage(self.database_url, *arguments, project=project)
        users = [TYPICAL_USER, WRITING_USER]
        self.session_keys = data.sign_in(self.database_url, users, project)
        aido = services.running_aido(self.database_url, name, project)
        self.service = stack.enter_context(aido)
        self.ids = self.service.task_ids()

    def load(self, route: str) -> Load:
        if route not in PAGES:
            return compare.api_load(self.service, route, self.ids)
        method, path, body, user = PAGES[route]
        paths = [path.format(id=pk) for pk in self.ids] if "{id}" in path else [path]
        load = Load(method, paths, self.page_headers(user), body)
        check(self.service, load)
        return load

    def page_headers(self, user: int) -> dict[str, str]:
        """Return what a browser sends with htmx."""
        return HTTPS_HEADERS | {
            "Cookie": f"sessionid={self.session_keys[user]}; csrftoken={CSRF_TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.service.url.replace("http:", "https:"),
            "HX-Request": "true",
            "X-CSRFToken": CSRF_TOKEN,
        }

    def delete_added_tasks(self) -> None:
        """Give each run the same number of rows."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute("DELETE FROM task WHERE title = 'Buy milk'")


def check(service: Aido, load: Load) -> None:
    """Exit unless a request succeeds: wrk takes a redirect to sign in for success."""
    response = requests.request(
        load.method,
        service.url + load.paths[0],
        data=load.body,
        headers=load.headers,
        allow_redirects=False,
    )
    if response.status_code != 200:
        text = f"{service.name}: {load.method} {load.paths[0]}: {response.status_code}"
        raise SystemExit(text)


@contextmanager
def worktree(folder: Path, revision: str):
    """A checkout of a revision in a new folder."""
    git = ["git", "-C", ROOT, "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", folder, revision], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", folder], check=True)


def print_ratios(old: Contender, new: Contender) -> None:
    print(TABLE_HEADER)
    contenders = {contender.service: contender for contender in (old, new)}
    for route in [*services.ROUTES, *PAGES]:
        runs = compare.run_in_turns(
            {
                service: contender.load(route)
                for service, contender in contenders.items()
            },
            reset=lambda service: contenders[service].delete_added_tasks(),
        )
        print(table_row(route, runs[old.service], runs[new.service]), flush=True)


def table_row(route: str, old: list[Run], new: list[Run]) -> str:
    cells = [route]
    for name in ("cpu", "rate"):
        before, after = ([getattr(run, name) for run in runs] for runs in (old, new))
        ratios = [b / a for a, b in zip(before, after, strict=True)]
        cells += [f"{median(before):.0f}", f"{median(after):.0f}"]
        cells += [f"{median(ratios):.3f}"]
    return f"| {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision", help="what git calls the old revision")
    parser.add_argument("--rounds", type=int, default=compare.ROUNDS)
    parser.add_argument("--seconds", type=int, default=compare.SECONDS)
    arguments = parser.parse_args()
    compare.ROUNDS, compare.SECONDS = arguments.rounds, arguments.seconds
    components.require("tls", "wrk")
    with (
        reachable_folder() as folder,
        worktree(folder / "old", arguments.revision) as old,
        running_postgres(shared_buffers="512MB") as server,
        ExitStack() as stack,
    ):
        services.pin(server.process.pid, 1)
        services.pin(os.getpid(), 1)  # and wrk with it
        new = copy_project(folder / "new")
        print_ratios(
            Contender(stack, server, "old", old), Contender(stack, server, "new", new)
        )


if __name__ == "__main__":
    main()
