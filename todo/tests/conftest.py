from functools import cache

import pytest
from django.contrib.auth.hashers import make_password

from todo.models import Task, User

PASSWORD = "correct horse battery"


hashed = cache(make_password)  # once: it is slow, as it should be


@pytest.fixture
def user(db):
    return User.objects.create(email="ann@example.com", password=hashed(PASSWORD))


@pytest.fixture
def stranger(db):
    return User.objects.create(email="bob@example.com", password=hashed(PASSWORD))


@pytest.fixture
def make_task(user):
    def make_task(**fields):
        return Task.objects.create(**{"owner": user, "title": "Buy milk"} | fields)

    return make_task
