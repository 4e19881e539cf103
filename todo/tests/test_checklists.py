import pytest
from hypothesis import given
from hypothesis import strategies as st

from todo.checklists import LineChanged, count, lines, tick

ITEMS = {
    "minus": "- [ ] milk",
    "star": "* [ ] milk",
    "plus": "+ [ ] milk",
    "number": "1. [ ] milk",
    "number with bracket": "12) [ ] milk",
    "many blanks": "-   [ ]   milk  ",
    "tab": "-\t[ ]\tmilk",
    "indented": "   - [ ] milk",
    "nested": "- shop\n    - [ ] milk",
    "nested after a blank line": "- shop\n\n\t- [ ] milk",
    "after a code block": "```\n- [ ] code\n```\n- [ ] milk",
    "after inline code": "```x``` is code\n- [ ] milk",
}
OTHERS = {
    "no box": "- milk",
    "no list": "[ ] milk",
    "no text": "- [ ] ",
    "no blank after the box": "- [ ]milk",
    "no blank before the box": "-[ ] milk",
    "link": "- [x](https://example.com)",
    "two marks": "- [xx] milk",
    "long number": "1234567890. [ ] milk",
    "backticks": "```\n- [ ] milk\n```",
    "tildes": "~~~ sh\n- [ ] milk\n~~~",
    "open code block": "```\n- [ ] milk",
    "shorter fence inside": "````\n```\n- [ ] milk\n````",
    "other fence inside": "```\n~~~\n- [ ] milk\n```",
    "code block of an item": "- shop\n  ```\n  - [ ] milk\n  ```",
    "indented code": "Code:\n\n    - [ ] milk",
    "code indented by a tab": "\t- [ ] milk",
    "code after a list": "- shop\n\nCode:\n\n    - [ ] milk",
}

LONG = {
    "item": "- [ ] a\n" * 1_250,
    "nested items": "- [ ] a\n  - [ ] b\n" * 555,
    "items in a quote": "> - [ ] a\n" * 1_000,
    "item before many lines": "- [ ] a\n" + "b\n" * 4_996,
}

line_break = st.sampled_from(["\n", "\r\n", "\r"])
line = st.one_of(
    st.text(st.characters(exclude_characters="\r\n"), max_size=9),
    st.sampled_from(["", "```", "~~~~", "para", "- item", "    - [ ] deep"]),
    st.builds(
        "{}{} [{}] {}".format,
        st.sampled_from(["", " ", "  "]),
        st.sampled_from(["-", "*", "+", "1.", "2)"]),
        st.sampled_from(" xX"),
        st.sampled_from(["milk", "bread", "[ ] box", "é\u2028x"]),
    ),
)
descriptions = st.lists(st.tuples(line, line_break)).map(
    lambda pairs: "".join(text + end for text, end in pairs)
)


@pytest.mark.parametrize("description", ITEMS.values(), ids=ITEMS)
def test_a_line_is_an_item(description):
    [item] = lines(description)

    assert (item.text, item.done) == ("milk", False)
    assert count(description) == (0, 1)


@pytest.mark.parametrize("description", OTHERS.values(), ids=OTHERS)
def test_a_line_is_not_an_item(description):
    assert lines(description) == []


@pytest.mark.parametrize("description", LONG.values(), ids=LONG)
def test_a_long_description_has_all_its_items(description):
    assert len(lines(description)) == description.count("[")


@pytest.mark.parametrize("mark", ["x", "X"])
def test_an_item_is_done_with_an_x_in_either_case(mark):
    assert count(f"- [{mark}] milk\n- [ ] bread") == (1, 2)


def test_a_tick_changes_the_box_of_its_line_only():
    description = "Buy:\r\n- [ ] milk\r\n- [ ] milk\n"

    assert tick(description, 2, "milk", True) == "Buy:\r\n- [ ] milk\r\n- [x] milk\n"


def test_a_tick_is_taken_back():
    assert tick("- [X] milk", 0, "milk", False) == "- [ ] milk"


@pytest.mark.parametrize(
    ("line", "text"),
    [(0, "milk"), (1, "bread"), (2, "milk"), (-1, "milk")],
    ids=["no item", "other text", "past the end", "negative"],
)
def test_a_line_that_changed_is_refused(line, text):
    with pytest.raises(LineChanged):
        tick("Buy:\n- [ ] milk", line, text, True)


def test_a_description_that_takes_too_long_has_no_items():
    description = "- [ ] a\n\n" + "> " * 80 + "b\n" + "c\n" * 4_900

    assert lines(description) == []
    with pytest.raises(LineChanged):
        tick(description, 0, "a", True)


@given(descriptions, st.data())
def test_a_tick_changes_one_character_and_nothing_else(description, data):
    items = lines(description)
    if not items:
        return
    item = data.draw(st.sampled_from(items))

    changed = tick(description, item.line, item.text, not item.done)

    assert len(changed) == len(description)
    differing = [n for n, char in enumerate(description) if changed[n] != char]
    assert differing == [item.mark]
    expected = [
        old._replace(done=not old.done) if old == item else old for old in items
    ]
    assert lines(changed) == expected
    assert tick(changed, item.line, item.text, not item.done) == changed


@given(descriptions, st.integers(-2, 9), st.text(max_size=5), st.booleans())
def test_a_tick_of_any_line_changes_at_most_its_box(description, line, text, done):
    known = {(item.line, item.text) for item in lines(description)}
    if (line, text) in known:
        return

    with pytest.raises(LineChanged):
        tick(description, line, text, done)


@given(st.text())
def test_any_text_has_at_most_as_many_items_done_as_items(description):
    done, total = count(description)

    assert 0 <= done <= total <= description.count("[")
