"""What a search found is marked in the titles."""

import pytest

from todo.tests.helpers import web_client
from todo.web.marks import mark_words

CASES = {
    "case": ("Call Ann", "ann", "Call <mark>Ann</mark>"),
    "accents": ("Crème brûlée", "creme", "<mark>Crème</mark> brûlée"),
    "combining accent": ("e\u0301te", "ete", "<mark>e\u0301te</mark>"),
    "longer folded": ("Straße 1", "strasse", "<mark>Straße</mark> 1"),
    "twice": ("aba", "a", "<mark>a</mark>b<mark>a</mark>"),
    "several words": ("buy milk", "milk buy", "<mark>buy</mark> <mark>milk</mark>"),
    "HTML": ("<b> & c", "b", "&lt;<mark>b</mark>&gt; &amp; c"),
    "nothing": ("Call Ann", "bob", "Call Ann"),
}


@pytest.mark.parametrize(("title", "query", "html"), CASES.values(), ids=CASES)
def test_words_are_marked(title, query, html):
    assert mark_words(title, query) == html


@pytest.mark.django_db
def test_a_search_marks_its_words_in_titles(user, make_task):
    make_task(title="Buy <milk>")

    assert "Buy &lt;<mark>milk</mark>&gt;" in web_client(user).get("/?q=milk").text


@pytest.mark.django_db
def test_links_in_titles_stay_links_in_a_search(user, make_task):
    make_task(title="Read https://example.com/milk")

    page = web_client(user).get("/?q=milk").text

    assert '<a href="https://example.com/milk"' in page
