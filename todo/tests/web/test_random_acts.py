"""Half a minute of random acts: nothing is lost, nothing is doubled."""

import random

import pytest

from aido.testing.processes import running_server
from bench.machine import Machine
from todo.models import Task

SECONDS = 30
FIELDS = ("title", "description", "priority")


def read_tasks():
    return [
        {name: getattr(task, name) for name in FIELDS}
        | {
            "id": str(task.pk),
            "completed": task.completed_at is not None,
            "trashed": task.deleted_at is not None,
        }
        for task in Task.objects.all()
    ]


@pytest.mark.browser
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
        machine.tabs[0].goto(site)
        machine.run(SECONDS)
        machine.context.close()

    assert machine.done.total() > 10
