from uuid import UUID, uuid4, uuid5

import pytest
from django.contrib.postgres.functions import TransactionNow
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from todo.models import Task
from todo.tests.transfer.helpers import entries, peak_memory
from todo.transfer import imports
from todo.transfer.imports import import_rows
from todo.transfer.readers import MalformedFile

pytestmark = pytest.mark.django_db


def test_a_task_whose_id_exists_is_skipped(user, make_task):
    task = make_task()

    result = import_rows(user, entries({"id": str(task.pk), "title": "New"}))

    assert result == (0, 1)
    assert Task.objects.get().title == "Buy milk"


def test_a_task_whose_id_another_user_has_gets_a_derived_id(user, stranger, make_task):
    other = make_task(owner=stranger)
    rows = [{"id": str(other.pk), "title": "New"}]

    assert import_rows(user, entries(*rows)) == (1, 0)
    assert import_rows(user, entries(*rows)) == (0, 1)
    assert Task.objects.get(owner=user).pk == uuid5(user.pk, str(other.pk))


def test_copies_refer_to_the_task_of_the_same_account(user, stranger, make_task):
    task, copy = make_task(owner=stranger), uuid4()
    own_task = str(uuid4())
    rows = [
        {"id": str(copy), "title": "x", "copy_of": str(task.pk)},
        {"id": own_task, "title": "y"},
        {"title": "z", "copy_of": own_task},
    ]

    import_rows(user, entries(*rows))

    copies = dict(user.tasks.values_list("title", "copy_of"))
    assert copies == {
        "x": uuid5(user.pk, str(task.pk)),
        "y": None,
        "z": UUID(own_task),
    }


def test_an_id_that_is_repeated_in_a_file_is_added_once(user):
    row = {"id": str(uuid4()), "title": "x"}

    assert import_rows(user, entries(row, row)) == (1, 1)


def test_nothing_is_added_if_a_later_batch_has_an_error(user, monkeypatch):
    monkeypatch.setattr(imports, "BATCH_SIZE", 2)
    rows = [{"title": "x"}] * 5

    with pytest.raises(ValidationError) as info:
        import_rows(user, entries(*rows, {"title": ""}))

    assert info.value.detail.keys() == {"6"}
    assert not Task.objects.exists()


def test_nothing_is_added_if_a_later_line_is_malformed(user, monkeypatch):
    monkeypatch.setattr(imports, "BATCH_SIZE", 2)

    def read():
        yield from entries(*[{"title": "x"}] * 5)
        raise MalformedFile(7, "Not JSON.")

    with pytest.raises(ValidationError) as info:
        import_rows(user, read())

    assert info.value.detail.keys() == {"7"}
    assert not Task.objects.exists()


def test_the_errors_of_a_hundred_rows_are_reported(user):
    with pytest.raises(ValidationError) as info:
        import_rows(user, entries(*[{"title": "x"}, {}] * 150))

    assert info.value.detail.keys() == {str(line) for line in range(2, 202, 2)}


def test_a_completed_task_was_completed_when_it_was_last_changed(user):
    row = {"title": "x", "completed": True, "updated_at": "2026-01-01T01:00:00+01:00"}

    import_rows(user, entries(row))

    task = Task.objects.get()
    assert task.completed_at == task.updated_at
    assert task.updated_at.isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_time_of_completion_is_kept(user):
    completed_at = "2025-01-01T00:00:00+00:00"
    row = {"title": "x", "completed": True, "completed_at": completed_at}

    import_rows(user, entries(row))

    assert Task.objects.get().completed_at.isoformat() == completed_at


def test_an_import_of_many_rows_needs_few_queries(user, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        import_rows(user, entries(*[{"title": "x"}] * 200))


def test_imports_of_one_user_wait_for_each_other(user):
    with CaptureQueriesContext(connection) as queries:
        import_rows(user, entries({"title": "x"}))

    first = next(q["sql"] for q in queries if q["sql"].startswith("SELECT"))
    assert 'FROM "user"' in first and first.endswith("FOR NO KEY UPDATE")


def test_ten_times_the_rows_need_little_more_memory(user, monkeypatch):
    monkeypatch.setattr(imports, "BATCH_SIZE", 25)

    def read(count):
        for line in range(count):
            yield line, {"title": f"{line}", "description": "y" * 200}

    limit = 1.5 * peak_memory(lambda: import_rows(user, read(50)))
    assert peak_memory(lambda: import_rows(user, read(500))) < limit


def test_an_update_in_the_future_is_imported_as_of_now(user):
    import_rows(user, entries({"title": "x", "updated_at": "9999-01-01T00:00:00Z"}))

    assert Task.objects.get().updated_at <= timezone.now()


def test_tasks_are_imported_at_the_start_of_the_transaction(user, make_task):
    make_task(imported_at=None)

    import_rows(user, entries({"title": "x"}))

    assert Task.objects.filter(imported_at=TransactionNow()).count() == 1


@pytest.mark.django_db(transaction=True)
def test_tasks_of_a_long_import_are_imported_at_its_end(user, monkeypatch):
    monkeypatch.setattr(imports, "BATCH_SIZE", 2)
    monkeypatch.setattr(imports, "MAX_AGE", 0.1)
    import_rows(user, entries({"title": "earlier"}))
    earlier = Task.objects.get().imported_at

    def read():
        for line in range(5):
            yield line, {"title": "x"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT PG_SLEEP(0.2), CLOCK_TIMESTAMP()")
            read.end = cursor.fetchone()[1]

    import_rows(user, read())

    assert Task.objects.get(title="earlier").imported_at == earlier
    imported = Task.objects.filter(title="x").values_list("imported_at", flat=True)
    assert len(imported) == 5
    assert all(moment >= read.end for moment in imported)
