"""Do random acts in Chromium, and check that nothing is lost or doubled.

`python -m bench.acts` takes 10 minutes. It adds, edits, ticks, moves and deletes tasks,
one or several at once, undoes that, goes offline, reloads, signs out and in, opens a
second tab, drops the session, and restarts the database. The seed is printed;
`python -m bench.acts SEED MINUTES` does the same acts again.

Every act has to queue one change. The changes that were neither refused nor withdrawn,
done one after the other, say what the database must hold once all of them are sent.
"""

import random
import sys
from collections import Counter

from playwright.sync_api import Browser, expect, sync_playwright

from aido.testing import components
from aido.testing.postgres import running_postgres
from aido.testing.processes import WAIT_TIMEOUT, running_server
from bench import data, expected
from bench.choices import ACTS
from bench.machine import PASSWORD, Machine

MINUTES = 10


def main() -> None:
    components.require("tls", "browser")
    expect.set_options(timeout=WAIT_TIMEOUT * 1000)
    seed = int(sys.argv[1]) if sys.argv[1:] else random.randrange(10**6)
    minutes = float(sys.argv[2]) if sys.argv[2:] else MINUTES
    print(f"Seed {seed}, {minutes} minutes.")
    with running_postgres() as server, sync_playwright() as playwright:
        data.manage(server.url, "migrate", "--verbosity", "0")
        command = ("manage.py", "runserver", "--noreload")
        chromium = playwright.chromium.launch(
            executable_path=components.find_chromium_shell(), args=["--no-sandbox"]
        )
        with running_server(*command, DATABASE_URL=server.url) as site:
            done = run(chromium, site, server, seed, minutes * 60)
        chromium.close()
    print(", ".join(f"{name} {number}" for name, number in done.most_common()))
    print("Nothing was lost, nothing doubled.")


def run(browser: Browser, site: str, server, seed: int, seconds: float) -> Counter:
    def read_tasks() -> list[dict]:
        with server.connect() as connection:
            return expected.read_tasks(connection.cursor())

    email = "ann@example.com"
    machine = Machine(
        *(browser, site, email, seed), read_tasks, server.stop, server.start
    )
    [tab] = machine.tabs
    tab.goto(f"{site}/accounts/signup/")
    tab.get_by_label("Email").fill(email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(tab.get_by_label("New task")).to_be_visible()
    machine.prepare()
    machine.run(seconds, ACTS)
    return machine.done


if __name__ == "__main__":
    main()
