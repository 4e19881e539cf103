"""The lists of an imported file."""

import pytest
from django.db.models.functions import Lower
from rest_framework.exceptions import ValidationError

from todo.models import List, Task
from todo.tests.transfer.helpers import entries
from todo.transfer import imports, lists
from todo.transfer.imports import import_rows

pytestmark = pytest.mark.django_db


def list_names(user):
    return list(user.lists.values_list("name", flat=True))


def test_missing_lists_are_created_in_the_order_of_the_file(user, monkeypatch):
    monkeypatch.setattr(imports, "BATCH_SIZE", 2)
    names = ["Work", None, "Home", "work ", "Garden", ""]

    import_rows(user, entries(*({"title": "x", "list": name} for name in names)))

    assert list_names(user) == ["Work", "Home", "Garden"]
    tasks = Task.objects.order_by("position")
    assert [task.list and task.list.name for task in tasks] == [
        *("Work", None, "Home", "Work", "Garden", None)
    ]


@pytest.mark.parametrize("name", ["Home", "Élan", "İzmir", "Straße", "ΟΔΟΣ"])
def test_a_list_is_found_in_another_case(user, name):
    """The locale of the database decides which letters are the same."""
    List.objects.create(owner=user, name=name)
    spellings = [name, name.lower(), name.upper(), name.swapcase()]

    import_rows(user, entries(*({"title": "x", "list": form} for form in spellings)))

    assert user.tasks.filter(list__name=name).exists()
    assert user.lists.count() == user.lists.values(key=Lower("name")).distinct().count()
    if name.isascii():
        assert list_names(user) == [name]


def test_a_list_that_exists_keeps_its_color(user, stranger):
    List.objects.create(owner=user, name="Home", color="red")
    List.objects.create(owner=stranger, name="Work", color="red")
    rows = [{"title": "x", "list": "home"}, {"title": "x", "list": "Work"}]

    import_rows(user, entries(*(row | {"list_color": "teal"} for row in rows)))

    lists = user.lists.values_list("name", "color")
    assert set(lists) == {("Home", "red"), ("Work", "teal")}


def test_skipped_tasks_create_no_list(user, make_task):
    task = make_task()

    import_rows(user, entries({"id": str(task.pk), "title": "x", "list": "Home"}))

    assert list_names(user) == []


def test_a_file_with_too_many_lists_is_rejected_at_its_line(user, monkeypatch):
    monkeypatch.setattr(lists, "MAX_LISTS", 3)
    List.objects.create(owner=user, name="Home")
    names = ["Work", "home", "WORK", "Garden", "Fourth", "Fifth"]
    rows = [{"title": "x", "list": name} for name in names]

    with pytest.raises(ValidationError) as info:
        import_rows(user, entries(*rows))

    assert info.value.detail == {"5": {"list": ["More than 3 lists."]}}
    assert list_names(user) == ["Home"]
    assert import_rows(user, entries(*rows[:4])) == (4, 0)
