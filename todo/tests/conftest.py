import pytest

from todo.models import Task, User

PASSWORD = "correct horse battery"


@pytest.fixture
def user(db):
    return User.objects.create_user("ann@example.com", PASSWORD)


@pytest.fixture
def stranger(db):
    return User.objects.create_user("bob@example.com", PASSWORD)


@pytest.fixture
def make_task(user):
    def make_task(**fields):
        return Task.objects.create(**{"owner": user, "title": "Buy milk"} | fields)

    return make_task
