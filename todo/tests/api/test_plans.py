"""Lists are read in the order of an index, without a sort or a sequential scan."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from todo.api.filters import DUE_FILTERS
from todo.models import List, User
from todo.models.status import Status
from todo.tests.api.conftest import client_of

TASKS = "/api/v1/tasks"
BY_CREATION = ("created_at", "-created_at")
BY_DUE_DATE = ("due_date", "-due_date")
# Other orderings, and tasks of other statuses by due date, are sorted.
INDEXED_ORDERINGS = [
    *((status, ordering) for status in Status for ordering in BY_CREATION),
    *((Status.OPEN, ordering) for ordering in BY_DUE_DATE),
]
SEED = """
    INSERT INTO task (id, owner_id, list_id, title, description, priority, due_date,
                      completed_at, deleted_at, created_at, updated_at)
    SELECT gen_random_uuid(), %s, CASE WHEN n %% 3 = 0 THEN %s::uuid END,
           'Task ' || n, '', n %% 4,
           CASE WHEN n %% 3 > 0 THEN current_date + n %% 61 - 30 END,
           CASE WHEN n %% 2 = 0 THEN now() END,
           CASE WHEN n %% 10 = 0 THEN now() END,
           now() - %s - make_interval(mins => n), now()
    FROM generate_series(1, %s) n
"""


@pytest.fixture(scope="module")
def owners(django_db_setup, django_db_blocker):
    """Two users with many tasks, and one whose tasks are older; by their names."""
    ages = {"ann": timedelta(0), "bob": timedelta(0), "eve": timedelta(days=100)}
    with django_db_blocker.unblock():
        owners = {
            name: User.objects.create(email=f"{name}@example.org") for name in ages
        }
        with connection.cursor() as cursor:
            for name, owner in owners.items():
                home = List.objects.create(owner=owner, name="Home", position=1)
                cursor.execute(SEED, [owner.pk, home.pk, ages[name], 20_000])
            cursor.execute("ANALYZE task")
    yield owners
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def user(owners, db):
    return owners["ann"]


def plan_of(api, url):
    """Return the plan of a request's only query, and the response."""
    with CaptureQueriesContext(connection) as captured:
        page = api.get(url).json()
    (query,) = captured
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + query["sql"])
        return "\n".join(line for (line,) in cursor.fetchall()), page


@pytest.mark.parametrize(("status", "ordering"), INDEXED_ORDERINGS)
def test_a_list_is_read_in_the_order_of_an_index(api, status, ordering):
    url = f"{TASKS}?status={status}&ordering={ordering}&limit=50"
    for _ in range(3):
        plan, page = plan_of(api, url)
        assert "Index Cond: ((owner_id" in plan or "Index Cond: (owner_id" in plan
        assert "Seq Scan on task" not in plan
        # Ties are sorted. The trash has few tasks, so that a sort may be cheaper.
        plan = plan.replace("Incremental Sort", "").replace("Sort Key", "")
        assert "Sort" not in plan or status == Status.TRASH, plan
        url = page["next"]


@pytest.mark.parametrize("ordering", ["position", "-position"])
@pytest.mark.parametrize("place", ["list", "inbox"])
def test_the_order_by_hand_is_read_from_the_index_of_lists(api, user, place, ordering):
    place = "inbox" if place == "inbox" else user.lists.get().pk
    url = f"{TASKS}?list={place}&ordering={ordering}&limit=50"

    for _ in range(3):
        plan, page = plan_of(api, url)
        assert "task_open_in_list" in plan and "Sort" not in plan, plan
        assert len(page["results"]) == 50
        url = page["next"]
    assert "AND (ROW(" in plan, plan


@pytest.mark.parametrize("ordering", ["completed_at", "-completed_at"])
def test_completed_tasks_are_read_from_their_index(api, ordering):
    url = f"{TASKS}?status=completed&ordering={ordering}&limit=50"

    for _ in range(3):
        plan, page = plan_of(api, url)
        assert "task_completed" in plan and "Sort" not in plan, plan
        assert len(page["results"]) == 50
        url = page["next"]
    assert "AND (ROW(" in plan, plan


def test_old_tasks_are_not_searched_among_all_users_tasks(db, owners):
    plan, page = plan_of(client_of(owners["eve"]), f"{TASKS}?limit=50")

    assert len(page["results"]) == 50
    assert "Filter: (owner_id" not in plan and "owner_id =" in plan


@pytest.mark.parametrize("due", DUE_FILTERS)
def test_due_tasks_are_found_with_an_index(api, due):
    plan, page = plan_of(api, f"{TASKS}?due={due}")

    assert page["results"]
    assert "Seq Scan on task" not in plan
