"""A year of a task that repeats daily, completed by two clients at once.

Meanwhile connections to the database are cut. Every day must have one completed copy.
"""

from datetime import date, timedelta
from threading import Event, Thread

import pytest
from django.db import connection

from todo.models import Task
from todo.tests.api.conftest import client_of
from todo.tests.api.helpers import task_url

YEAR = 365
START = date(2030, 1, 1)  # in the future: completed early, one day after the other
END = START + timedelta(days=YEAR)
CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND query LIKE '%FROM%task%'
"""


def complete_all(user, task):
    """Complete the task on each day, unless the other client was first."""
    api = client_of(user)
    response = api.get(task_url(task))
    while response.json()["due_date"] < END.isoformat():
        headers = {"If-Match": response.headers["ETag"]}
        api.post(f"{task_url(task)}/complete", headers=headers)  # 200 or 412
        response = api.get(task_url(task))
    connection.close()


def cut_connections(is_over, cuts):
    with connection.cursor() as cursor:
        while not is_over.wait(0.05):
            cursor.execute(CUT)
            cuts.append(cursor.fetchone()[0])
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_every_day_is_completed_once(user, make_task):
    task = make_task(due_date=START, repeat="FREQ=DAILY")
    is_over, cuts = Event(), []
    clients = [Thread(target=complete_all, args=[user, task]) for _ in range(2)]
    cutter = Thread(target=cut_connections, args=[is_over, cuts])

    for thread in (*clients, cutter):
        thread.start()
    for client in clients:
        client.join()
    is_over.set()
    cutter.join()

    copies = Task.objects.filter(copy_of=task.pk).order_by("due_date")
    dates = list(copies.values_list("due_date", flat=True))
    assert dates == [START + timedelta(days=day) for day in range(YEAR)]
    assert sum(cuts) > 5
