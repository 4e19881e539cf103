"""The doors agree: a verb has the same effect and the same outcome at each of them.

The doors are the API (a change, or the verb's own route), its bulk requests, the pages
with htmx and those without script.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from todo.models import Task, User
from todo.models.verbs import VERBS
from todo.tests.api.conftest import client_of
from todo.tests.helpers import HTMX, read_row, version, web_client

EARLIER = datetime(2026, 1, 1, tzinfo=UTC)
STATES = {
    "open": {},
    "completed": {"completed_at": EARLIER},
    "trashed": {"deleted_at": EARLIER},
    "completed and trashed": {"completed_at": EARLIER, "deleted_at": EARLIER},
    "deleted": {},
    "another user's": {},
}
KEPT = {"open", "completed"}
TRASHED = {"trashed", "completed and trashed"}

# Verb: the states that it changes, the other states that it finds.
EFFECTS = {
    "complete": ({"open"}, {"completed"}),
    "reopen": ({"completed"}, {"open"}),
    "trash": (KEPT, set()),
    "restore": (TRASHED, KEPT),
}
CHANGES = {
    "complete": {"completed_at": True},
    "reopen": {"completed_at": False},
    "trash": {"deleted_at": True},
    "restore": {"deleted_at": False},
}


@pytest.fixture
def make_task_in(user, stranger, make_task):
    def make_task_in(state):
        owner = stranger if state == "another user's" else user
        times = {"created_at": EARLIER, "updated_at": EARLIER}
        task = make_task(owner=owner, **times, **STATES[state])
        if state == "deleted":
            Task.objects.filter(pk=task.pk).delete()
        return task

    return make_task_in


def apply_by_api(user, pk, verb):
    api, url = client_of(user), f"/api/v1/tasks/{pk}"
    if verb in {"complete", "reopen"}:
        response = api.patch(url, {"completed": verb == "complete"})
    elif verb == "trash":
        response = api.delete(url)
    else:
        response = api.post(f"{url}/restore")
    return is_found(response)


def apply_by_api_verb(user, pk, verb):
    if verb == "trash":
        return apply_by_api(user, pk, verb)
    return is_found(client_of(user).post(f"/api/v1/tasks/{pk}/{verb}"))


def apply_by_bulk(user, pk, verb):
    body = {"action": verb, "ids": [str(pk)]}
    return is_found(client_of(user).post("/api/v1/tasks/bulk", body))


def is_found(response):
    assert response.status_code in {200, 204, 404}
    if response.status_code == 404:
        assert response.json()["code"] == "not_found"
    return response.status_code != 404


def apply_with_htmx(user, pk, verb):
    url = reverse("task_apply", args=[pk, verb])
    response = web_client(user).post(url, headers=HTMX)
    assert response.status_code == 200
    is_done = ": <bdi>Buy milk</bdi>" in response.text or "Next: " in response.text
    assert is_done != ("This task is gone." in response.text)
    return is_done


def apply_without_script(user, pk, verb):
    url = reverse("task_apply", args=[pk, verb])
    response = web_client(user).post(url, follow=True)
    assert response.status_code == 200
    is_done = "This task is gone." not in response.text
    assert ("Moved to the trash" in response.text) == (is_done and verb == "trash")
    return is_done


DOORS = {
    "api": apply_by_api,
    "api verb": apply_by_api_verb,
    "bulk": apply_by_bulk,
    "htmx": apply_with_htmx,
    "page": apply_without_script,
}


def test_the_effect_of_every_verb_is_listed():
    assert EFFECTS.keys() == CHANGES.keys() == VERBS.keys()


@pytest.mark.parametrize("door", DOORS)
def test_a_task_that_repeats_moves_on_and_back_at_every_door(user, make_task, door):
    today = timezone.now().date()
    task = make_task(due_date=today, repeat="FREQ=DAILY")
    before = read_row(task.pk)

    assert DOORS[door](user, task.pk, "complete")

    copy = Task.objects.exclude(pk=task.pk).get()
    assert (copy.copy_of, copy.due_date) == (task.pk, today)
    assert copy.completed_at
    after = read_row(task.pk)
    changes = {"due_date": today + timedelta(days=1), "updated_at": after["updated_at"]}
    assert after == before | changes

    assert DOORS[door](user, copy.pk, "reopen")

    after = read_row(task.pk)
    assert after == before | {"updated_at": after["updated_at"]}
    assert read_row(copy.pk)["deleted_at"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", EFFECTS)
@pytest.mark.parametrize("door", DOORS)
def test_a_verb_has_the_same_effect_at_every_door(
    user, make_task_in, door, verb, state
):
    changed_states, other_states = EFFECTS[verb]
    task = make_task_in(state)
    before = read_row(task.pk)
    started_at = timezone.now()

    is_found = DOORS[door](user, task.pk, verb)

    after = read_row(task.pk)
    # Bulk requests are all or nothing, so one that is sent again must find its tasks.
    # The pages send an act again if its response was lost.
    is_sent_again = door in {"bulk", "htmx", "page"} and verb == "trash"
    is_repeated = is_sent_again and "trashed" in state
    assert is_found == (state in changed_states | other_states or is_repeated)
    if state in changed_states:
        assert after["updated_at"] >= started_at
        times = {
            name: after["updated_at"] if is_set else None
            for name, is_set in CHANGES[verb].items()
        }
        if verb == "reopen":
            times["previous_completed_at"] = before["completed_at"]
        if verb in {"reopen", "restore"}:
            times["returned_at"] = after["updated_at"]
        assert after == before | times | {"updated_at": after["updated_at"]}
    else:
        assert after == before


def complete_all(user):
    web_client(user).post(reverse("complete_all"), {"completed": "1"})


def complete_in_admin(user):
    admin = web_client(User.objects.create_superuser("admin@example.com"))
    sent = {"action": "complete", "_selected_action": [Task.objects.get().pk]}
    response = admin.post(reverse("admin:todo_task_changelist"), sent, follow=True)
    assert "0 tasks completed." in response.text


def import_again(user):
    api = client_of(user)
    exported = api.get("/api/v1/tasks/export").getvalue()
    url = "/api/v1/tasks/import"
    response = api.generic("POST", url, exported, "application/json")
    assert response.json() == {"created": 0, "skipped": 1}


@pytest.mark.parametrize("write", [complete_all, complete_in_admin, import_again])
def test_completing_many_leaves_a_completed_task_unchanged(user, make_task_in, write):
    task = make_task_in("completed")
    before = read_row(task.pk)

    write(user)

    assert read_row(task.pk) == before


def add_by_api(user, key, title):
    headers = {"Idempotency-Key": key}
    api = client_of(user)
    return api.post("/api/v1/tasks", {"title": title}, headers=headers).status_code


def add_with_htmx(user, key, title):
    sent = {"title": title, "key": key}
    response = web_client(user).post(reverse("task_add"), sent, headers=HTMX)
    assert f'id="task-{key}"' in response.text or response.status_code != 200
    return response.status_code


def add_without_script(user, key, title):
    sent = {"title": title, "key": key}
    return web_client(user).post(reverse("task_add"), sent).status_code


ADDING = {
    "api": (add_by_api, 201),
    "htmx": (add_with_htmx, 200),
    "page": (add_without_script, 302),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", ADDING)
def test_adding_the_same_task_twice_adds_one(user, door):
    add, success = ADDING[door]
    key = str(uuid4())

    first = add(user, key, "Buy milk")
    before = read_row(key)
    second = add(user, key, "Buy milk")

    assert first == second == success
    assert read_row(key) == before
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", ADDING)
def test_adding_another_task_with_the_same_id_is_a_conflict(user, door):
    add, _ = ADDING[door]
    key = str(uuid4())
    add(user, key, "Buy milk")
    before = read_row(key)

    assert add(user, key, "Buy bread") == 409
    assert read_row(key) == before
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", ADDING)
def test_adding_a_task_with_another_users_id_is_a_conflict(user, stranger, door):
    add, _ = ADDING[door]
    key = str(uuid4())
    add(stranger, key, "Buy milk")
    before = read_row(key)

    assert add(user, key, "Buy milk") == 409
    assert read_row(key) == before
    assert Task.objects.count() == 1


def change_by_api(user, task, version):
    headers = {"If-Match": f'"{version:x}"'}
    url = f"/api/v1/tasks/{task.pk}"
    response = client_of(user).patch(url, {"title": "Buy bread"}, headers=headers)
    return {200: "saved", 412: "conflict", 404: "not found"}[response.status_code]


def edit_on_page(user, task, version, **options):
    sent = {"title": "Buy bread", "priority": "0", "version": version}
    url = reverse("task_edit", args=[task.pk])
    response = web_client(user).post(url, sent, **options)
    if "changed in another window" in response.text:
        return "conflict"
    return {200: "saved", 302: "saved", 404: "not found"}[response.status_code]


def edit_with_htmx(user, task, version):
    return edit_on_page(user, task, version, headers=HTMX)


def rename_with_htmx(user, task, version):
    sent = {"title": "Buy bread", "version": version}
    url = reverse("task_rename", args=[task.pk])
    response = web_client(user).post(url, sent, headers=HTMX)
    return {200: "saved", 409: "conflict", 404: "not found"}[response.status_code]


@pytest.mark.parametrize(
    "change", [change_by_api, edit_on_page, edit_with_htmx, rename_with_htmx]
)
@pytest.mark.parametrize(
    ("state", "age", "outcome"),
    [
        ("open", 0, "saved"),
        ("completed", 0, "saved"),
        ("open", 1, "conflict"),
        ("completed", 1, "conflict"),
        ("trashed", 0, "not found"),
        ("deleted", 0, "not found"),
        ("another user's", 0, "not found"),
    ],
    ids=lambda value: {0: "current", 1: "stale"}.get(value),
)
def test_a_change_is_saved_only_to_the_version_it_names(
    user, make_task_in, change, state, age, outcome
):
    task = make_task_in(state)
    before = read_row(task.pk)

    assert change(user, task, version(task) - age) == outcome

    after = read_row(task.pk)
    if outcome == "saved":
        assert after == before | {
            "title": "Buy bread",
            "updated_at": after["updated_at"],
            "folded": after["folded"],
        }
        assert after["updated_at"] > before["updated_at"]
    else:
        assert after == before
