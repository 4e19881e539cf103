import pytest

from todo.tests.api.conftest import client_of


@pytest.fixture
def api(user):
    return client_of(user)


@pytest.fixture
def strangers_api(stranger):
    return client_of(stranger)
