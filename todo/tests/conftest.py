from functools import cache

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache as django_cache

from todo.models import Task, User

PASSWORD = "correct horse battery"


hash_once = cache(make_password)  # hashing is slow on purpose


@pytest.fixture(autouse=True)
def clear_rate_limits(db):
    """Reset the counts of earlier tests: no flush empties the cache's table."""
    django_cache.clear()


@pytest.fixture
def user(db):
    return User.objects.create(email="ann@example.com", password=hash_once(PASSWORD))


@pytest.fixture
def stranger(db):
    return User.objects.create(email="bob@example.com", password=hash_once(PASSWORD))


@pytest.fixture
def make_task(user):
    def make_task(**fields):
        return Task.objects.create(**{"owner": user, "title": "Buy milk"} | fields)

    return make_task
