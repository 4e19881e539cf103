"""What a request costs the database: queries, and round trips on the wire."""

import pytest
import requests

from aido.testing.processes import SECRETS, running_server
from todo.tests.api.helpers import LISTS, TASKS

TASK = TASKS + "/{pk}"
LIST = LISTS + "/{list}"
FILTERS = "?status=all&due=overdue&q=m&ordering=due_date"

REQUESTS = {  # name: method, path, body
    "list": ("get", TASKS, None),
    "filtered list": ("get", TASKS + FILTERS, None),
    "tasks of a list": ("get", TASKS + "?list={list}&ordering=position", None),
    "get": ("get", TASK, None),
    "create": ("post", TASKS, {"title": "x"}),
    "patch": ("patch", TASK, {"title": "x"}),
    "put": ("put", TASK, {"title": "x"}),
    "account": ("get", "/api/v1/account", None),
    "delete": ("delete", TASK, None),
    "restore": ("post", f"{TASK}/restore", None),
    "lists": ("get", LISTS, None),
    "get list": ("get", LIST, None),
    "create list": ("post", LISTS, {"name": "x"}),
    "patch list": ("patch", LIST, {"color": "red"}),
    "put list": ("put", LIST, {"name": "Home"}),
    "move list": ("post", f"{LIST}/move", {"after": None}),
    "delete list": ("delete", LIST, None),
    "health": ("get", "/health", None),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_one_query(
    api, make_task, make_list, django_assert_num_queries, name
):
    method, path, body = REQUESTS[name]
    home = make_list()
    task = make_task(due_date="2000-01-01", list=home)

    with django_assert_num_queries(1):
        response = getattr(api, method)(path.format(pk=task.pk, list=home.pk), body)

    assert response.status_code < 300


@pytest.mark.django_db(transaction=True)
def test_a_request_is_one_round_trip(headers, make_task, make_list, proxied_url, proxy):
    home = make_list()
    task = make_task(due_date="2000-01-01", list=home)
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
            path = path.format(pk=task.pk, list=home.pk)
            response = session.request(method, url + path, json=body)
            assert response.status_code < 300, response.text
            round_trips[name] = proxy.round_trips - before

    assert round_trips == dict.fromkeys(REQUESTS, 1)
