from functools import cache

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.core.cache import cache as django_cache

from aido.hashers import Argon2PasswordHasher
from todo import completions
from todo.models import List, Task, User
from todo.models.session import SessionStore
from todo.tests.helpers import web_client

PASSWORD = "correct horse battery"
FIRST_POSITION = 10**15


hash_once = cache(make_password)  # hashing is slow on purpose
verify_once = cache(Argon2PasswordHasher.verify)


@pytest.fixture(autouse=True)
def clear_rate_limits(db):
    """Reset the counts of earlier tests: no flush empties the cache's table."""
    django_cache.clear()


@pytest.fixture(autouse=True)
def verify_passwords_once(monkeypatch):
    """Remember which passwords were right: the tests use few, with the same hash."""
    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify_once)


@pytest.fixture(autouse=True)
def send_mail_at_once(monkeypatch):
    """Send mail in the thread of the request, which sees the test's transaction."""
    monkeypatch.setattr(
        "todo.accounts.mail.in_background", lambda call, *args: call(*args)
    )


def sign_in(user):
    """Return a new session of the user, as Django's login() makes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session


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


@pytest.fixture
def meanwhile(monkeypatch):
    """Do something between the first and the second round trip of a completion.

    As often as `times` says, between the second and the third one too.
    """

    def meanwhile(act, times=1):
        follow_up, left = completions.follow_up, [act] * times

        def act_first(*args, **options):
            steps = follow_up(*args, **options)
            if steps and left:
                left.pop()()
            return steps

        monkeypatch.setattr(completions, "follow_up", act_first)

    return meanwhile


@pytest.fixture
def make_list(user):
    """Make lists. Those with a `place` are as far apart as their places say."""

    def make_list(name="Home", place=None, **fields):
        if place is not None:
            fields["position"] = FIRST_POSITION + place
        return List.objects.create(**{"owner": user, "name": name} | fields)

    return make_list


@pytest.fixture
def superuser(db):
    return User.objects.create(
        email="admin@example.com",
        password=hash_once(PASSWORD),
        is_staff=True,
        is_superuser=True,
    )


@pytest.fixture
def admin(superuser):
    """A browser of a superuser, for the admin."""
    return web_client(superuser)
