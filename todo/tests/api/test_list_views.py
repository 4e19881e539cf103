"""Lists over HTTP: create, read, change, move and delete."""

from uuid import uuid4

import pytest

from todo import lists
from todo.models import List, Task
from todo.tests.api.helpers import (
    LISTS,
    MISSING_ID,
    TASKS,
    error_codes,
    list_names,
    list_url,
)
from todo.tests.helpers import version

INVALID_LISTS = {  # body, field, code
    "no name": ({}, "name", "required"),
    "name null": ({"name": None}, "name", "null"),
    "name blank": ({"name": " \n"}, "name", "blank"),
    "name invisible": ({"name": "\u200b"}, "name", "blank"),
    "name long": ({"name": "x" * 101}, "name", "max_length"),
    "name number": ({"name": 5}, "name", "invalid"),
    "name NUL": ({"name": "a\0b"}, "name", "null_characters_not_allowed"),
    "unknown color": ({"name": "x", "color": "beige"}, "color", "invalid_choice"),
    "empty color": ({"name": "x", "color": ""}, "color", "invalid_choice"),
    "color list": ({"name": "x", "color": ["red"]}, "color", "invalid_choice"),
    "misspelled field": ({"name": "x", "colour": "red"}, "colour", "unknown_field"),
    "position": ({"name": "x", "position": "1"}, "position", "read_only"),
    "owner": ({"name": "x", "owner": MISSING_ID}, "owner", "unknown_field"),
}
REQUESTS = {  # of a list: method, end of the path, body
    "read": ("get", "", None),
    "replace": ("put", "", {"name": "x"}),
    "change": ("patch", "", {"name": "x"}),
    "delete": ("delete", "", None),
    "move": ("post", "/move", {"after": None}),
}
WRITES = {name: request for name, request in REQUESTS.items() if name != "read"}


def send(api, request, pk, **options):
    method, end, body = request
    return getattr(api, method)(f"{LISTS}/{pk}{end}", body, **options)


def all_rows():
    return [list(model.objects.order_by("pk").values()) for model in (List, Task)]


def test_a_list_is_created_with_the_values_of_the_body(api, user):
    response = api.post(LISTS, {"name": " Home ", "color": "green"})

    row = List.objects.get()
    assert response.status_code == 201
    assert response.headers["Location"] == list_url(row)
    assert response.headers["ETag"] == f'"{version(row):x}"'
    assert response.json() == {
        "id": str(row.pk),
        "name": "Home",
        "color": "green",
        "position": str(row.position),
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": response.json()["created_at"],
    }
    assert row.owner == user


@pytest.mark.parametrize("body", [{}, {"color": None}], ids=["left out", "null"])
def test_a_list_needs_no_color(api, body):
    response = api.post(LISTS, {"name": "Home"} | body)

    assert response.json()["color"] is None
    assert List.objects.get().color == ""


@pytest.mark.parametrize("method", ["post", "put"])
@pytest.mark.parametrize(
    ("body", "field", "code"), INVALID_LISTS.values(), ids=INVALID_LISTS
)
def test_an_invalid_list_is_rejected_by_field(
    api, make_list, method, body, field, code
):
    url = LISTS if method == "post" else list_url(make_list())
    before = all_rows()

    response = getattr(api, method)(url, body)

    assert response.headers["Content-Type"] == "application/problem+json"
    assert error_codes(response, field) == [code]
    assert all_rows() == before


@pytest.mark.parametrize("method", ["post", "put", "patch"])
@pytest.mark.django_db(transaction=True)
def test_a_name_that_exists_in_another_case_is_rejected(api, make_list, method):
    make_list("Café")
    url = LISTS if method == "post" else list_url(make_list("Work"))
    before = all_rows()

    response = getattr(api, method)(url, {"name": "cafÉ"})

    assert error_codes(response, "name") == ["unique"]
    assert all_rows() == before


def test_a_list_can_be_renamed_to_its_own_name_in_another_case(api, make_list):
    home = make_list("home")

    assert api.patch(list_url(home), {"name": "HOME"}).json()["name"] == "HOME"


@pytest.mark.django_db(transaction=True)
def test_too_many_lists_are_refused(api, user, make_list):
    List.objects.bulk_create(
        List(owner=user, name=f"{number}") for number in range(lists.MAX_LISTS)
    )

    response = api.post(LISTS, {"name": "x"})

    assert response.status_code == 409
    assert response.json()["code"] == "too_many_lists"
    assert response.json()["detail"] == "You have 500 lists. Delete one of them first."
    assert len(list_names(api)) == 500


@pytest.mark.django_db(transaction=True)
def test_a_repeated_request_creates_one_list(api):
    headers = {"Idempotency-Key": str(uuid4())}

    first = api.post(LISTS, {"name": "Home"}, headers=headers)
    second = api.post(LISTS, {"name": "Home"}, headers=headers)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert str(List.objects.get().pk) == headers["Idempotency-Key"]


@pytest.mark.django_db(transaction=True)
def test_another_body_with_the_same_key_is_a_conflict(api, strangers_api):
    headers = {"Idempotency-Key": str(uuid4())}
    api.post(LISTS, {"name": "Home"}, headers=headers)

    for client in (api, strangers_api):
        response = client.post(LISTS, {"name": "Work"}, headers=headers)
        assert response.status_code == 409
        assert response.json()["code"] == "idempotency_key_reused"
    assert List.objects.get().name == "Home"


def test_lists_are_listed_in_their_order(api, strangers_api, make_list, stranger):
    for place, name in enumerate(["c", "a", "b"]):
        make_list(name, place, color="red" if name == "a" else "")

    response = api.get(LISTS)

    assert list_names(api) == ["c", "a", "b"]
    assert [row["color"] for row in response.json()["results"]] == [None, "red", None]
    assert list_names(strangers_api) == []


def test_the_list_of_lists_has_no_parameters(api):
    assert error_codes(api.get(LISTS, {"q": "x"}), "q") == ["unknown_field"]


def test_an_unchanged_list_is_not_sent_again(api, make_list):
    url = list_url(make_list())
    first = api.get(url)

    response = api.get(url, headers={"If-None-Match": first.headers["ETag"]})

    assert first.json()["name"] == "Home"
    assert (response.status_code, response.content) == (304, b"")


def test_a_change_keeps_and_a_replacement_resets_what_is_not_sent(api, make_list):
    url = list_url(make_list(color="red"))

    changed = api.patch(url, {"name": "Work"})
    replaced = api.put(url, {"name": "Play"})

    assert (changed.json()["name"], changed.json()["color"]) == ("Work", "red")
    assert (replaced.json()["name"], replaced.json()["color"]) == ("Play", None)
    assert replaced.headers["ETag"] != changed.headers["ETag"]


def test_a_deleted_list_leaves_its_tasks_in_the_trash(api, make_list, make_task):
    home = make_list()
    task = make_task(list=home)

    response = api.delete(list_url(home))

    assert (response.status_code, response.content) == (204, b"")
    assert not List.objects.exists()
    assert api.get(TASKS).json()["results"] == []
    restored = api.post(f"{TASKS}/{task.pk}/restore").json()
    assert (restored["list"], restored["deleted_at"]) == (None, None)


def test_a_deleted_list_is_not_found(api, make_list):
    url = list_url(make_list())
    api.delete(url)

    assert api.delete(url).status_code == 404
    assert api.get(url).status_code == 404


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("kind", ["missing", "stranger's"])
def test_another_users_list_is_not_found(
    api, stranger, make_list, make_task, name, kind
):
    other = make_list(owner=stranger)
    make_task(owner=stranger, list=other)
    before = all_rows()

    response = send(api, REQUESTS[name], MISSING_ID if kind == "missing" else other.pk)

    assert response.status_code == 404
    assert response.json()["detail"] == "There is no such list."
    assert all_rows() == before


@pytest.mark.parametrize("name", REQUESTS)
def test_an_anonymous_request_is_refused(anonymous, make_list, name):
    home = make_list()
    before = all_rows()

    response = send(anonymous, REQUESTS[name], home.pk)

    assert response.status_code == 401
    assert all_rows() == before


def test_anonymous_requests_without_an_id_are_refused(anonymous):
    assert anonymous.get(LISTS).status_code == 401
    assert anonymous.post(LISTS, {"name": "x"}).status_code == 401


@pytest.mark.parametrize("name", WRITES)
def test_a_write_to_another_version_is_rejected(api, make_list, make_task, name):
    home = make_list()
    make_task(list=home)
    before = all_rows()

    response = send(api, WRITES[name], home.pk, headers={"If-Match": '"1"'})

    assert response.status_code == 412
    assert response.json()["detail"].startswith("The list has changed")
    assert all_rows() == before


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("header", ["{}", "*"], ids=["the version", "any"])
def test_a_write_to_the_expected_version_succeeds(api, make_list, name, header):
    home = make_list()
    tag = api.get(list_url(home)).headers["ETag"]

    response = send(
        api, WRITES[name], home.pk, headers={"If-Match": header.format(tag)}
    )

    assert response.status_code == (204 if name == "delete" else 200)
