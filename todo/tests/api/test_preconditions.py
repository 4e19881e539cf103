"""ETags, and Idempotency-Keys of repeated requests."""

from uuid import uuid4

import pytest

from todo.api.task_views import TaskViewSet
from todo.models import Task
from todo.serializers import TaskSerializer
from todo.tests.api.helpers import TASKS, task_url

INVALID_ETAGS = {
    "empty": "",
    "no quotes": "5f3a",
    "one quote": '"5f3a',
    "text after quotes": '""x',
    "too long": '"x",' * 200 + '"x"',
}


def test_an_unchanged_task_is_not_sent_again(api, make_task):
    url = task_url(make_task())
    tag = api.get(url).headers["ETag"]

    same = api.get(url, headers={"If-None-Match": tag})
    weak = api.get(url, headers={"If-None-Match": f'"x", W/{tag}'})
    other = api.get(url, headers={"If-None-Match": '"x"'})

    assert same.status_code == weak.status_code == 304
    assert same.content == b""
    assert same.headers["ETag"] == tag
    assert other.status_code == 200


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_a_write_to_another_version_is_rejected(api, make_task, method):
    url = task_url(make_task())
    old_tag = api.get(url).headers["ETag"]
    api.patch(url, {"priority": 1})

    response = getattr(api, method)(
        url, {"title": "Lost"}, headers={"If-Match": old_tag}
    )

    assert response.status_code == 412
    assert response.json()["code"] == "precondition_failed"
    assert api.get(url).json()["title"] == "Buy milk"


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
@pytest.mark.parametrize(
    "header",
    ["{}", "W/{}", '"x", {}', "*"],
    ids=["strong", "weak", "second of a list", "any"],
)
def test_a_write_to_the_expected_version_succeeds(api, make_task, method, header):
    url = task_url(make_task())
    tag = api.get(url).headers["ETag"]

    response = getattr(api, method)(
        url, {"title": "Kept"}, headers={"If-Match": header.format(tag)}
    )

    assert response.status_code == (204 if method == "delete" else 200)


@pytest.mark.parametrize("header", INVALID_ETAGS.values(), ids=INVALID_ETAGS)
def test_an_invalid_etag_is_rejected(api, make_task, header):
    url = task_url(make_task())

    for response in (
        api.patch(url, {"priority": 1}, headers={"If-Match": header}),
        api.delete(url, headers={"If-Match": header}),
        api.get(url, headers={"If-None-Match": header}),
    ):
        assert response.status_code == 400
        assert response.json()["code"] == "etag_invalid"
    assert Task.objects.in_status("open").get().priority == 0


@pytest.fixture
def create(api):
    """Send the text of a body with the same Idempotency-Key each time."""
    headers = {"Idempotency-Key": str(uuid4())}

    def create(body):
        return api.generic("POST", TASKS, body, "application/json", headers=headers)

    return create


@pytest.mark.django_db(transaction=True)
def test_the_order_of_keys_does_not_make_another_request(create):
    first = create('{"title": "x", "priority": 1}')
    second = create('{ "priority": 1,\n"title": "x" }')

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()


@pytest.mark.django_db(transaction=True)
def test_a_request_can_be_repeated_after_an_update_of_aido_added_a_field(
    create, monkeypatch
):
    class OldSerializer(TaskSerializer):
        class Meta(TaskSerializer.Meta):
            fields = ["title", "completed"]

    with monkeypatch.context() as before_the_update:
        before_the_update.setattr(TaskViewSet, "input_serializer", OldSerializer())
        first = create('{"title": "x"}')

    second = create('{"title": "x"}')

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
