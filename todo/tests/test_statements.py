"""Statements run the SQL of the ORM, although private parts of it build them."""

from datetime import UTC, date, datetime, time

import pytest
from django.db import IntegrityError, connection
from django.db.models import Case, F, Q, TextField, Value, When
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.db.models.functions import Cast, Coalesce
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from todo import statements, tasks
from todo.models import Task
from todo.models.task import TASK_FIELDS
from todo.models.text import fold_task
from todo.statements import Parameter, dict_maker, run_together
from todo.tests.helpers import capture_sql, read_row

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
VALUES = {
    "title": "it's 100%",
    "description": "",
    "priority": 3,
    "due_date": date(2026, 6, 15),
    "completed_at": None,
    "deleted_at": NOW,
    "created_at": NOW,
    "updated_at": NOW,
    "request_digest": b"\0\xff",
}

pytestmark = pytest.mark.django_db


def test_select_is_the_query_of_the_orm(user):
    tasks = Task.objects.owned_by(user).in_status("open").matching("100%")
    tasks = tasks.filter(TupleGreaterThan(Tuple(F("priority"), F("id")), (1, uuid7())))

    sql = capture_sql(statements.select(tasks[:10], TASK_FIELDS).rows)

    position = {"position_text": Cast("position", TextField())}
    rows = tasks.values(*TASK_FIELDS[:-1], **position)
    assert sql == capture_sql(list, rows[:10])


def test_update_is_the_query_of_the_orm(user):
    tasks = Task.objects.owned_by(user).filter(Q(deleted_at=None) | Q(updated_at=NOW))
    values = VALUES | {
        "completed_at": Coalesce("completed_at", Value(NOW)),
        "updated_at": Case(
            When(completed_at=None, then=Value(NOW)), default=Value(NOW)
        ),
    }

    sql = capture_sql(statements.update(tasks, **values).rows)

    assert sql == capture_sql(lambda: tasks.update(**values))


COLUMNS = {field.name: field.attname for field in Task._meta.concrete_fields}


def make_folded_task(user):
    """Return an unsaved task with the text for search, which save() would fold."""
    task = Task(id=uuid7(), owner=user, position=1, **VALUES)
    task.folded = fold_task(task.title, task.description)
    return task


def insert_with_all_columns(task):
    values = {name: getattr(task, attname) for name, attname in COLUMNS.items()}
    return statements.insert(Task, **values)


def insert_sql_of_orm(task):
    sql = capture_sql(lambda: task.save(force_insert=True))
    return sql.partition(" RETURNING ")[0]  # of the columns with a db_default


def test_insert_is_the_query_of_the_orm(user):
    task = make_folded_task(user)

    sql = capture_sql(insert_with_all_columns(task).rows)

    inserted = read_row(task.pk)
    Task.objects.all().delete()
    assert sql == insert_sql_of_orm(task)
    assert inserted == read_row(task.pk)


def test_a_bound_insert_is_the_query_of_the_orm(user):
    task = make_folded_task(user)
    template = statements.insert(Task, **{name: Parameter(name) for name in COLUMNS})

    statement = template.bind(
        **{name: getattr(task, COLUMNS[name]) for name in COLUMNS}
    )

    sql = capture_sql(statement.rows)
    Task.objects.all().delete()
    assert sql == insert_sql_of_orm(task)


def test_a_bound_update_is_the_query_of_the_orm(user):
    tasks = Task.objects.filter(owner_id=Parameter("owner"))
    template = statements.update(tasks, **{name: Parameter(name) for name in VALUES})

    statement = template.bind(owner=user.pk, **VALUES)

    owned = Task.objects.owned_by(user)
    assert capture_sql(statement.rows) == capture_sql(lambda: owned.update(**VALUES))


def test_binding_leaves_the_template_unchanged(make_task):
    milk, bread = make_task(title="milk"), make_task(title="bread")
    template = statements.select(Task.objects.filter(title=Parameter("title")), ["id"])

    assert template.bind(title="milk").rows() == [{"id": milk.pk}]
    assert template.bind(title="bread").rows() == [{"id": bread.pk}]


def test_rows_are_dicts_of_python_values(make_task):
    task = make_task(due_date=date(2026, 6, 15))

    [row] = statements.select(Task.objects.all(), TASK_FIELDS).rows()

    values = {name: getattr(task, name) for name in TASK_FIELDS}
    assert row == values | {"position": str(task.position)}


def test_a_statement_without_columns_returns_no_rows(make_task):
    make_task()

    assert statements.update(Task.objects.all(), title="x").rows() == []


def test_returning_returns_the_new_values(make_task):
    task = make_task()
    update = statements.update(Task.objects.all(), title="x")

    assert update.returning(Task, ["id", "title"]).rows() == [
        {"id": task.pk, "title": "x"}
    ]


def test_statements_run_together_in_one_query_and_in_order(make_task):
    task = make_task()
    update = statements.update(Task.objects.all(), title="new").returning(Task, ["id"])
    select = statements.select(Task.objects.all(), ["title"])
    silent = statements.update(Task.objects.all(), priority=1)

    with CaptureQueriesContext(connection) as queries:
        results = run_together(select, silent, update, select)

    assert len(queries) == 1
    assert results == [
        [{"title": "Buy milk"}],
        [],
        [{"id": task.pk}],
        [{"title": "new"}],
    ]


@pytest.mark.django_db(transaction=True)
def test_statements_that_run_together_fail_together(make_task):
    task = make_task()
    update = statements.update(Task.objects.all(), title="new")

    with pytest.raises(IntegrityError):
        run_together(update, insert_with_all_columns(task))

    task.refresh_from_db()
    assert task.title == "Buy milk"


COLUMNS_OF_DICTS = [f"column{n}" for n in range(20)]


@pytest.mark.parametrize("count", [0, 1, 15, 16, 20])
def test_a_dict_has_all_columns_in_their_order(count):
    names, values = tuple(COLUMNS_OF_DICTS[:count]), tuple(range(count))

    assert [*dict_maker(names)(values).items()] == [*zip(names, values, strict=True)]


def test_a_computed_key_may_replace_a_column():
    computed = (("sum", "{a} + {b}"), ("b", "{b} * 10"))

    assert dict_maker(("a", "b"), computed)((1, 2)) == {"a": 1, "b": 20, "sum": 3}


def test_rows_with_computed_keys_are_serialized(make_task):
    make_task(due_date=date(2026, 6, 15), due_time=time(17, 30), completed_at=NOW)
    make_task()
    statement = statements.select(Task.objects.order_by("id"), TASK_FIELDS)
    expected = [tasks.serialize(row) for row in statement.rows()]

    statement.computed = tasks.SERIALIZED

    assert statement.rows() == expected


def test_constants_are_written_into_the_query(user, make_task):
    """PostgreSQL has to see them to use an index of an expression."""
    template = statements.select(
        Task.objects.filter(title="x", owner_id=Parameter("owner")), ["id"]
    )

    query, names = template.parametrized

    assert names == ["owner"]
    assert b"'x'" in query.sql
    assert query.sql.count(b"$") == 1
