"""Half a minute of random acts: nothing is lost, nothing is doubled."""

import random

import pytest
from django.db import connection

from aido.testing.processes import running_server
from bench import expected
from bench.choices import ACTS
from bench.machine import Machine

SECONDS = 30


def read_tasks():
    with connection.cursor() as cursor:
        return expected.read_tasks(cursor)


@pytest.mark.browser
@pytest.mark.long
def test_nothing_is_lost_or_doubled(
    browser, transactional_db, user, proxied_url, proxy
):
    seed = random.randrange(10**6)
    print(f"Seed {seed}")
    command = ("manage.py", "runserver", "--noreload")
    with running_server(*command, DATABASE_URL=proxied_url) as site:
        machine = Machine(
            browser, site, user.email, seed, read_tasks, proxy.stop, proxy.start
        )
        machine.sign_in()
        machine.prepare()
        machine.run(SECONDS, ACTS)
        machine.context.close()

    assert machine.done.total() > 10
