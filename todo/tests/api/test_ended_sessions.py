"""Access tokens are verified without the database; the statements check the session."""

import pytest

from todo.models import List, Session, Task, User
from todo.tests.api.helpers import LISTS, TASKS

REQUESTS = {
    "list": ("get", TASKS, None),
    "filtered-list": ("get", f"{TASKS}?due=today&status=all", None),
    "create": ("post", TASKS, {"title": "Buy bread"}),
    "retrieve": ("get", TASKS + "/{pk}", None),
    "replace": ("put", TASKS + "/{pk}", {"title": "Buy bread"}),
    "change": ("patch", TASKS + "/{pk}", {"title": "Buy bread"}),
    "complete": ("patch", TASKS + "/{pk}", {"completed": True}),
    "delete": ("delete", TASKS + "/{pk}", None),
    "restore": ("post", TASKS + "/{pk}/restore", None),
    "bulk": ("post", f"{TASKS}/bulk", {"action": "trash", "ids": ["{pk}"]}),
    "export": ("get", f"{TASKS}/export", None),
    "import": ("post", f"{TASKS}/import", [{"title": "Buy bread"}]),
    "lists": ("get", LISTS, None),
    "list-create": ("post", LISTS, {"name": "Work"}),
    "list-retrieve": ("get", LISTS + "/{list}", None),
    "list-replace": ("put", LISTS + "/{list}", {"name": "Work"}),
    "list-change": ("patch", LISTS + "/{list}", {"name": "Work"}),
    "list-move": ("post", LISTS + "/{list}/move", {"after": None}),
    "list-delete": ("delete", LISTS + "/{list}", None),
    "account": ("get", "/api/v1/account", None),
    "account-change": ("patch", "/api/v1/account", {"name": "Ann"}),
}


def deactivate(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def end_sessions(user):
    Session.objects.filter(user=user).delete()


def expire_sessions(user):
    Session.objects.filter(user=user).update(expire_date="2020-01-01T00:00:00Z")


@pytest.fixture
def send(api, make_task, make_list):
    """Send one of REQUESTS about an existing task or list."""
    home = make_list()
    task = make_task(list=home)

    def send(name):
        method, path, body = REQUESTS[name]
        if body and "ids" in body:
            body = body | {"ids": [str(task.pk)]}
        return getattr(api, method)(path.format(pk=task.pk, list=home.pk), body)

    return send


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize(
    ("end", "code"),
    [
        (deactivate, "account_gone"),
        (end_sessions, "token_invalid"),
        (expire_sessions, "token_invalid"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_a_token_of_an_ended_session_is_refused(send, user, name, end, code):
    before = list(Task.objects.values()), list(List.objects.values())
    end(user)

    response = send(name)

    assert (response.status_code, response.json()["code"]) == (401, code)
    assert (list(Task.objects.values()), list(List.objects.values())) == before


@pytest.mark.parametrize(
    "name",
    [
        *("create", "retrieve", "change", "delete"),
        *(name for name in REQUESTS if name.startswith("list")),
    ],
)
def test_checking_the_session_takes_no_round_trip(
    send, name, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert send(name).status_code < 300


@pytest.mark.django_db(transaction=True)
def test_a_session_of_someone_else_does_not_help(api, user, stranger):
    Session.objects.filter(user=user).update(user=stranger)

    response = api.post(TASKS, {"title": "Buy bread"})

    assert response.status_code == 401
    assert not Task.objects.exists()
