"""The views and the side bar stay fast: what they read does not grow with the tasks."""

import pytest
from django.db import connection

from todo import counts, label_counts, lists
from todo.scopes import Scope
from todo.tests.test_tasks import owner_of

SEED = """
    INSERT INTO task (id, owner_id, list_id, title, description, priority, due_date,
                      labels, completed_at, deleted_at, created_at, updated_at)
    SELECT gen_random_uuid(), %s, CASE WHEN n %% 3 = 0 THEN %s::uuid END,
           'Task ' || n, '', n %% 4,
           CASE WHEN n %% 3 > 0 THEN current_date + n %% 61 - 30 END,
           CASE WHEN n %% 11 = 0 THEN ARRAY['home'] ELSE '{}' END,
           CASE WHEN n %% 2 = 0 THEN now() - make_interval(mins => n) END,
           CASE WHEN n %% 10 = 0 THEN now() END,
           now() - make_interval(mins => n), now()
    FROM generate_series(1, 20000) n
"""
VIEWS = {  # the order, and the index that it is read from
    ("inbox", "open"): ("position", "task_open_in_list"),
    ("list", "open"): ("position", "task_open_in_list"),
    ("today", "open"): ("due_date", "task_open_due_date"),
    ("upcoming", "open"): ("due_date", "task_open_due_date"),
    ("today", "completed"): ("-completed_at", "task_completed"),
    ("completed", "completed"): ("-completed_at", "task_completed"),
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(user, stranger, make_list):
    """A list of a user with many tasks, a third of them in the list."""
    home, other = make_list(), make_list(owner=stranger)
    with connection.cursor() as cursor:
        for task_list in (home, other):
            cursor.execute(SEED, [task_list.owner_id, task_list.pk])
        cursor.execute("ANALYZE task")
    return home


def plan_of(statement):
    with connection.cursor() as cursor:
        # No VACUUM has run in this transaction, which index-only scans depend on.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + statement.sql, statement.arguments())
        return "\n".join(line for (line,) in cursor.fetchall())


def test_views_are_read_in_the_order_of_an_index(user, home):
    owner, midnight = owner_of(user), "2026-01-01T00:00:00Z"

    for (kind, status), (ordering, index) in VIEWS.items():
        scope = Scope(kind, status, user.today, midnight)
        if kind == "list":
            scope = scope._replace(list_id=home.pk)
        plan = plan_of(scope.page(owner, ordering, 50))
        assert index in plan, plan
        assert "Sort  (" not in plan, plan
        assert "Seq Scan on task" not in plan


def test_the_tasks_of_a_label_are_found_among_those_with_labels(user, home):
    scope = Scope("label", "open", user.today, label="home")

    plan = plan_of(scope.page(owner_of(user), "created_at", 50))

    assert "task_open_labelled" in plan, plan


def test_counts_are_read_from_indexes(user, home):
    owner = owner_of(user)

    plan = plan_of(counts.totals(owner, user.today))

    assert plan.count("Limit") == len(counts.totals(owner, user.today).columns)
    assert "Seq Scan on task" not in plan
    for index in ("task_open_in_list", "task_open_due_date", "task_completed"):
        assert f"Index Only Scan using {index}" in plan, plan


def test_the_counts_of_lists_and_labels_are_read_from_indexes(user, home):
    owner = owner_of(user)

    of_lists, of_labels = (
        plan_of(lists.read_counted(owner)),
        plan_of(label_counts.read(owner)),
    )

    assert "Index Only Scan using task_open_in_list" in of_lists, of_lists
    assert "task_open_labelled" in of_labels, of_labels
    assert "Limit" in of_labels
    assert "Seq Scan on task" not in of_lists + of_labels
