"""Moving a list to another place over HTTP."""

import pytest

from todo.models import List
from todo.tests.api.helpers import MISSING_ID, error_codes, list_names, list_url

INVALID_MOVES = {
    "number": ({"after": 1}, "invalid"),
    "no UUID": ({"after": "x"}, "invalid"),
}


def test_a_list_is_moved_behind_another_one_and_to_the_first_place(api, make_list):
    a, _, c = [make_list(name, place) for place, name in enumerate("abc")]

    moved = api.post(f"{list_url(c)}/move", {"after": str(a.pk)})

    assert moved.json()["position"] == "1000000000000000.5"
    assert moved.headers["ETag"] == api.get(list_url(c)).headers["ETag"]
    assert list_names(api) == ["a", "c", "b"]
    api.post(f"{list_url(c)}/move", {"after": None})
    assert list_names(api) == ["c", "a", "b"]


@pytest.mark.parametrize("after", ["itself", "stranger's", "missing"])
def test_a_list_cannot_be_moved_behind_what_is_not_another_list(
    api, stranger, make_list, after
):
    home, other = make_list(), make_list(owner=stranger)
    pk = {"itself": home.pk, "stranger's": other.pk, "missing": MISSING_ID}[after]
    before = list(List.objects.values())

    response = api.post(f"{list_url(home)}/move", {"after": str(pk)})

    assert error_codes(response, "after") == ["not_found"]
    assert list(List.objects.values()) == before


@pytest.mark.parametrize(("body", "code"), INVALID_MOVES.values(), ids=INVALID_MOVES)
def test_an_invalid_move_is_rejected(api, make_list, body, code):
    response = api.post(f"{list_url(make_list())}/move", body)

    assert error_codes(response, "after") == [code]
