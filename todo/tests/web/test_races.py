"""Acts in two windows at the same time. Each thread has its own connection."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from todo import bulk, tasks
from todo.models import Task
from todo.tests.api.conftest import wait_until_blocked
from todo.tests.api.test_races import call
from todo.tests.web.acts import DAY, send
from todo.tests.web.helpers import LAST_YEAR

IDS = [str(UUID(int=number)) for number in (1, 2)]
UNDO_VALUES = json.dumps([[pk, {"priority": 2}] for pk in reversed(IDS)])
UNDO_COMPLETE = f"complete-{tasks.time_version(LAST_YEAR)}"
COMPLETED, REPEATING = {"completed_at": LAST_YEAR}, {"repeat": "FREQ=DAILY"}
ACTS = {  # the route, the form, and the state of the tasks
    "complete all": ("complete_all", {"completed": "1"}, {}),
    "complete all that repeat": ("complete_all", {"completed": "1"}, REPEATING),
    "reopen all": ("complete_all", {}, COMPLETED),
    "clear completed": ("clear_completed", {}, COMPLETED),
    "complete several": ("task_bulk", {"action": "complete", "ids": IDS}, {}),
    "set several": ("task_bulk", {"action": "set", "ids": IDS, "priority": "1"}, {}),
    "overdue to today": ("overdue_to_today", {}, {}),
    "undo to complete": ("undo_all", {"undo": UNDO_COMPLETE}, COMPLETED),
    "undo values": ("undo_all", {"undo": UNDO_VALUES}, {}),
}

pytestmark = pytest.mark.django_db(transaction=True)


def lock(pk):
    return list(Task.objects.filter(pk=pk).select_for_update(nowait=True))


@pytest.mark.parametrize("name", ACTS)
def test_an_act_locks_tasks_by_their_ids(web, user, make_task, name):
    route, form, state = ACTS[name]
    for number, pk in enumerate(reversed(IDS)):  # in all other orders the second first
        due = user.today - (9 - number) * DAY
        created_at = timezone.now() - timedelta(hours=number)
        make_task(pk=pk, due_date=due, created_at=created_at, **state)

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            lock(IDS[0])
            act = thread.submit(call, partial(send, web, route, form))
            wait_until_blocked(1)
            assert lock(IDS[1])
        response = act.result()

    assert response.status_code == 200
    assert Task.objects.filter(pk__in=IDS, updated_at__gt=LAST_YEAR).count() == 2


@pytest.mark.parametrize("verb", ["complete", "reopen"])
def test_an_act_waits_for_the_api_to_change_a_task_that_repeats(
    web, user, make_task, verb
):
    task = make_task(due_date=user.today, repeat="FREQ=DAILY")
    if verb == "reopen":
        send(web, "task_bulk", {"action": "complete", "ids": [task.pk]})
        task = Task.objects.get(copy_of=task.pk)
    form = {"action": verb, "ids": [task.pk]}
    owner = tasks.Owner(user.pk, web.session.session_key)
    found = tasks.owned_by(owner).filter(pk=task.pk)

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            lock(task.pk)
            act = thread.submit(call, partial(send, web, "task_bulk", form))
            wait_until_blocked(1)
            bulk.apply(owner, found, verb)
        response = act.result()

    assert response.status_code == 200
    copies = Task.objects.in_status("completed").exclude(copy_of=None)
    assert copies.count() == (verb == "complete")
