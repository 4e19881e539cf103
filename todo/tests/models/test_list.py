"""Lists, and what tasks have of them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError
from uuid_utils.compat import uuid7

from todo.models import List, Task

pytestmark = pytest.mark.django_db

INVALID_LISTS = {
    "empty name": ({"name": ""}, "list_name_trimmed"),
    "blank around": ({"name": " Home"}, "list_name_trimmed"),
    "unknown color": ({"color": "mauve"}, "list_color_known"),
}


@pytest.fixture
def home(user):
    return List.objects.create(owner=user, name="Home")


@pytest.mark.parametrize(
    ("fields", "constraint"), INVALID_LISTS.values(), ids=INVALID_LISTS
)
def test_the_database_rejects_an_invalid_list(user, fields, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        List.objects.create(**{"owner": user, "name": "Home"} | fields)


def test_the_database_rejects_a_long_name(user):
    with pytest.raises(DataError):
        List.objects.create(owner=user, name="x" * 101)


def test_names_are_unique_for_their_owner_in_any_case(user, stranger, home):
    List.objects.create(owner=stranger, name="home")
    with pytest.raises(IntegrityError, match="list_name_unique"):
        List.objects.create(owner=user, name="HOME")


def test_validation_trims_the_name_and_rejects_a_blank_one(user):
    task_list = List(owner=user, name=" Home ")
    task_list.full_clean()

    assert task_list.name == "Home"
    with pytest.raises(ValidationError):
        List(owner=user, name="\u200b").full_clean()


def test_a_list_of_another_owner_is_rejected(make_task, stranger):
    theirs = List.objects.create(owner=stranger, name="Home")

    with pytest.raises(IntegrityError, match="task_list_of_owner"):
        make_task(list=theirs)


def test_a_list_that_does_not_exist_is_rejected(make_task):
    with pytest.raises(IntegrityError, match="task_list_of_owner"):
        make_task(list_id=uuid7())


def test_a_task_moves_to_the_inbox_when_the_row_of_its_list_is_deleted(make_task, home):
    task = make_task(list=home)

    home.delete()

    task.refresh_from_db()
    assert task.list is None


def test_an_account_is_deleted_with_its_lists_and_their_tasks(user, make_task, home):
    make_task(list=home)

    user.delete()

    assert not List.objects.exists()
    assert not Task.objects.exists()
