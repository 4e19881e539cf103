"""What a request costs the database: queries, and round trips on the wire."""

import pytest
import requests

from aido.testing.processes import SECRETS, running_server

TASKS = "/api/v1/tasks"
TASK = TASKS + "/{pk}"
FILTERS = "?status=all&due=overdue&q=m&ordering=due_date"

REQUESTS = {  # name: method, path, body
    "list": ("get", TASKS, None),
    "filtered list": ("get", TASKS + FILTERS, None),
    "get": ("get", TASK, None),
    "create": ("post", TASKS, {"title": "x"}),
    "patch": ("patch", TASK, {"title": "x"}),
    "put": ("put", TASK, {"title": "x"}),
    "account": ("get", "/api/v1/account", None),
    "delete": ("delete", TASK, None),
    "restore": ("post", f"{TASK}/restore", None),
    "health": ("get", "/health", None),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_one_query(api, make_task, django_assert_num_queries, name):
    method, path, body = REQUESTS[name]
    task = make_task(due_date="2000-01-01")

    with django_assert_num_queries(1):
        response = getattr(api, method)(path.format(pk=task.pk), body)

    assert response.status_code < 300


@pytest.mark.django_db(transaction=True)
def test_a_request_is_one_round_trip(headers, make_task, proxied_url, proxy):
    task = make_task(due_date="2000-01-01")
    # More than one connection would be opened, and later closed, while round trips are
    # counted: the pool grows if a request comes before the first connection is open.
    variables = {"DATABASE_URL": proxied_url, "DATABASE_POOL_MAX": "1"} | SECRETS
    round_trips = {}
    with (
        running_server("-m", "aido", **variables) as url,
        requests.Session() as session,
    ):
        session.headers.update(headers)
        session.get(f"{url}/health")  # waits for the connection

        for name, (method, path, body) in REQUESTS.items():
            before = proxy.round_trips
            response = session.request(method, url + path.format(pk=task.pk), json=body)
            assert response.status_code < 300, response.text
            round_trips[name] = proxy.round_trips - before

    assert round_trips == dict.fromkeys(REQUESTS, 1)
