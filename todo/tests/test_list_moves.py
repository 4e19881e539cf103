"""Lists are ordered by hand. A move writes one row if positions differ."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from uuid_utils.compat import uuid7

from todo import lists
from todo.models import List, User
from todo.tests.conftest import sign_in
from todo.tests.test_tasks import owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(user):
    return owner_of(user)


def names(owner):
    return [row["name"] for row in lists.read_all(owner).rows()]


@pytest.mark.parametrize(
    ("moved", "after", "expected"),
    [
        ("a", None, "abcd"),
        ("c", None, "cabd"),
        ("a", "b", "bacd"),
        ("a", "d", "bcda"),
        ("d", "a", "adbc"),
        ("b", "a", "abcd"),
        ("d", "c", "abcd"),
    ],
    ids=lambda value: value or "first",
)
def test_a_list_is_moved_behind_another_one(owner, make_list, moved, after, expected):
    pks = {name: make_list(name, place).pk for place, name in enumerate("abcd")}

    lists.move(owner, pks[moved], pks.get(after)).rows()

    assert "".join(names(owner)) == expected


def test_a_move_writes_the_middle_of_its_neighbours(owner, make_list):
    a, _, c = [make_list(name, place) for place, name in enumerate("abc")]

    [row] = lists.move(owner, c.pk, a.pk).rows()

    assert str(row["position"]) == "1000000000000000.5"


def test_a_list_without_others_is_the_first_one(owner, make_list):
    home = make_list("Home", 0)

    [row] = lists.move(owner, home.pk, None).rows()

    assert row["position"] == str(home.position)


@pytest.mark.parametrize(("after", "expected"), [("a", "acbd"), ("b", "abcd")])
def test_a_list_is_moved_behind_one_of_several_in_the_same_position(
    owner, make_list, after, expected
):
    places = {"a": 1, "b": 1, "c": 0, "d": 2}
    pks = {name: make_list(name, place).pk for name, place in places.items()}

    lists.move(owner, pks["c"], pks[after]).rows()

    assert "".join(names(owner)) == expected


@pytest.mark.parametrize("after", ["itself", "stranger's", "missing"])
def test_a_list_cannot_be_moved_behind_what_is_not_another_list(
    owner, stranger, make_list, after
):
    home = make_list("Home", 0)
    other = make_list("Other", owner=stranger)
    pk = {"itself": home.pk, "stranger's": other.pk, "missing": uuid7()}[after]

    assert lists.move(owner, home.pk, pk).rows() == []


def test_a_thousand_moves_to_one_place_keep_the_order(owner, make_list):
    first, last = make_list("first", 0), make_list("last", 1)
    two = [make_list("x", 2), make_list("y", 3)]

    for number in range(1_000):
        lists.move(owner, two[number % 2].pk, first.pk).rows()

    assert names(owner) == ["first", "y", "x", "last"]
    assert len(str(List.objects.get(pk=last.pk).position)) == 16


class MoveTests(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 3))))
    def test_moves_have_the_effect_of_moves_in_a_python_list(self, moves):
        user = User.objects.create(email="ann@example.com")
        owner = lists.Owner(user.pk, sign_in(user).session_key)
        pks = [lists.add(owner, uuid7(), name=f"{n}").rows()[0]["id"] for n in range(4)]
        expected = list(pks)

        for moved, after in moves:
            if moved == after:
                continue
            behind = None if after is None else pks[after]
            expected.remove(pks[moved])
            place = 0 if after is None else expected.index(behind) + 1
            expected.insert(place, pks[moved])
            lists.move(owner, pks[moved], behind).rows()

            assert [row["id"] for row in lists.read_all(owner).rows()] == expected
