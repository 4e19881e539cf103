"""Deleting tasks permanently."""

import pytest
from django.urls import reverse
from django.utils import timezone

from todo import trash
from todo.models import Task, User
from todo.tests.helpers import HTMX, web_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def trashed(make_task):
    return make_task(title="Old", deleted_at=timezone.now())


def exists(task):
    return Task.objects.filter(pk=task.pk).exists()


def delete_url(task):
    return reverse("task_delete", args=[task.pk])


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_script_a_page_asks_first(web, trashed, method):
    for url in (delete_url(trashed), reverse("trash_empty")):
        response = getattr(web, method)(url)

        assert response.status_code == 200
        assert 'name="sure"' in response.text
    assert exists(trashed)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_task_in_the_trash_is_deleted(web, user, trashed, make_task, script):
    other = make_task(deleted_at=timezone.now())
    options = {"headers": HTMX} if script else {"data": {"sure": "1"}, "follow": True}

    response = web.post(delete_url(trashed), **options)

    assert "Deleted permanently." in response.text
    assert (exists(trashed), exists(other)) == (False, True)
    assert User.objects.get(pk=user.pk).purged_until is not None


def test_deleting_with_script_takes_two_round_trips(
    web, trashed, django_assert_num_queries
):
    with django_assert_num_queries(2):
        response = web.post(delete_url(trashed), headers=HTMX)
    again = web.post(delete_url(trashed), headers=HTMX)

    assert f'<li id="task-{trashed.pk}" hidden></li>' in response.text
    assert again.status_code == 200
    assert "This task is gone." in again.text


def test_a_task_that_is_not_in_the_trash_is_not_deleted(web, make_task):
    task = make_task()

    web.post(delete_url(task), headers=HTMX)

    assert exists(task)
    assert web.get(delete_url(task)).status_code == 404


def test_another_users_task_is_neither_shown_nor_deleted(stranger, trashed):
    web = web_client(stranger)

    assert web.get(delete_url(trashed)).status_code == 404
    web.post(delete_url(trashed), headers=HTMX)
    web.post(reverse("trash_empty"), headers=HTMX)

    assert exists(trashed)


@pytest.mark.parametrize("url", ["/trash/empty", "delete"])
def test_anonymous_users_delete_nothing(client, trashed, url):
    url = delete_url(trashed) if url == "delete" else url

    assert client.post(url, {"sure": "1"}).status_code == 302
    assert client.post(url, headers=HTMX).status_code == 401
    assert exists(trashed)


def test_the_trash_is_emptied_in_batches(
    web, user, make_task, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(trash, "BATCH", 2)
    trash._delete.cache_clear()
    kept = make_task()
    for _ in range(5):
        make_task(deleted_at=timezone.now())

    with django_assert_num_queries(5):  # the session, three batches, and the list
        response = web.post(
            reverse("trash_empty"),
            headers=HTMX | {"HX-Current-URL": "http://testserver/trash"},
        )
    trash._delete.cache_clear()

    assert "5 tasks deleted permanently." in response.text
    assert [*Task.objects.all()] == [kept]


def test_nothing_is_deleted_after_the_session_has_ended(user, trashed):
    from todo.tests.test_tasks import owner_of

    owner = owner_of(user)
    user.sessions.all().delete()

    assert trash.empty(owner) == 0
    assert exists(trashed)
