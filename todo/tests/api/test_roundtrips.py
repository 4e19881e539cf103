"""What a request costs the database: statements, and round_trips on the wire."""

import pytest
import requests

from aido.testing.servers import SECRETS, running_server
from bench.roundtrips import settle

TASKS = "/api/v1/tasks"

OPERATIONS = {  # name: method, path, body, statements
    "list": ("get", TASKS, None, 1),
    "filtered": (
        "get",
        f"{TASKS}?status=all&due=overdue&q=m&ordering=due_date",
        None,
        1,
    ),
    "get": ("get", TASKS + "/{pk}", None, 1),
    "create": ("post", TASKS, {"title": "x"}, 1),
    "patch": ("patch", TASKS + "/{pk}", {"title": "x"}, 1),
    "put": ("put", TASKS + "/{pk}", {"title": "x"}, 1),
    "account": ("get", "/api/v1/account", None, 1),
    "delete": ("delete", TASKS + "/{pk}", None, 1),
    "restore": ("post", TASKS + "/{pk}/restore", None, 1),
    "health": ("get", "/health", None, 1),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_statements(api, make_task, django_assert_num_queries, name):
    method, path, body, statements = OPERATIONS[name]
    task = make_task(due_date="2000-01-01")

    with django_assert_num_queries(statements):
        response = getattr(api, method)(path.format(pk=task.pk), body)

    assert response.status_code < 300


@pytest.mark.django_db(transaction=True)
def test_flights(headers, make_task, proxied_url, proxy):
    task = make_task(due_date="2000-01-01")
    with (
        running_server("-m", "aido", DATABASE_URL=proxied_url, **SECRETS) as url,
        requests.Session() as session,
    ):
        session.headers.update(headers)
        session.get(f"{url}/health")
        settle(proxy)  # the pool connects beside the first request

        round_trips = {}
        for name, (method, path, body, _) in OPERATIONS.items():
            before = proxy.round_trips
            response = session.request(method, url + path.format(pk=task.pk), json=body)
            assert response.status_code < 300, response.text
            round_trips[name] = proxy.round_trips - before

    assert round_trips == {name: operation[3] for name, operation in OPERATIONS.items()}
