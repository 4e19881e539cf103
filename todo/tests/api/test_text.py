"""Titles need something to see; folding is stable."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from todo.models.text import fold, fold_task, validate_visible

BLANKS = {
    "zero-width-space": "\u200b",
    "braille-blank": "\u2800",
    "hangul-filler": "\u3164",
    "byte-order-mark": "\ufeff",
    "soft-hyphen": "\u00ad",
    "variation-selector": "\ufe0f",
    "language-tag": "\U000e0041",
    "several": " \u200b\u2060 \u3000",
}
blanks = pytest.mark.parametrize("title", BLANKS.values(), ids=BLANKS.keys())


@blanks
def test_a_title_that_looks_blank_is_refused_by_the_api(api, title):
    response = api.post("/api/v1/tasks", {"title": title})

    assert response.status_code == 400
    assert response.json()["errors"]["title"][0]["code"] == "blank"


@blanks
def test_a_title_that_looks_blank_is_refused_by_the_pages(client, user, title):
    client.force_login(user)

    response = client.post("/tasks/new", {"title": title}, headers={"HX-Request": "1"})

    assert response.status_code == 422


@pytest.mark.parametrize("title", ["x", "牛", "🎉", "👩‍👩‍👧", "\u200bx", "—", "\ue000"])
def test_a_title_with_something_to_see_is_accepted(title):
    validate_visible(title)


@blanks
def test_validation_raises(title):
    with pytest.raises(ValidationError):
        validate_visible(title)


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_folded_tasks_have_one_line_break(title, description):
    assert fold_task(title, description).count("\n") == 1
