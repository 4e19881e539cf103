"""No test sees what an earlier one did in the same browser context."""

import pytest

from todo.tests.web.contexts import REFUSED

pytestmark = pytest.mark.browser

STORE = """() => {
    localStorage.x = sessionStorage.x = document.cookie = window.name = "x";
}"""
STORED = """() => [localStorage.length, sessionStorage.length, document.cookie,
    window.name, history.length]"""


def end_test(contexts):
    contexts.close_pages()
    contexts.reset()


@pytest.fixture
def open_context(contexts, site):
    yield lambda: contexts.open(f"{site}/livez", service_workers="block")
    end_test(contexts)


def open_page(context, site):
    page = context.new_page()
    page.goto(f"{site}/livez")
    return page


def test_a_page_of_the_next_test_is_like_a_new_one(contexts, open_context, site):
    first = open_context()
    new = open_page(first, site).evaluate(STORED)
    open_page(first, site).evaluate(STORE)
    end_test(contexts)

    second = open_context()

    assert second == first
    assert len(second.pages) == 1  # which keeps the renderer running
    assert open_page(second, site).evaluate(STORED) == new


def test_a_context_that_was_offline_is_not_used_again(contexts, open_context, site):
    first = open_context()
    open_page(first, site)
    first.set_offline(True)
    end_test(contexts)

    assert open_context() != first
    assert first.is_closed()


def test_contexts_of_one_test_share_nothing(open_context, site):
    first, second = open_context(), open_context()
    new = open_page(first, site).evaluate(STORED)

    open_page(first, site).evaluate(STORE)

    assert open_page(second, site).evaluate(STORED) == new


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_last_is_refused(open_context, name):
    with pytest.raises(AssertionError, match="would last"):
        getattr(open_context(), name)()
