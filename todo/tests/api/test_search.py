"""Search finds every word, anywhere, without regard to case, accents or their form."""

import unicodedata

import pytest

from todo.models import Task

TASKS = "/api/v1/tasks"


def find(api, text):
    response = api.get(TASKS, {"q": text})
    assert response.status_code == 200
    return {task["title"] for task in response.json()["results"]}


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Go to the café", "cafe"),
        ("Go to the cafe", "CAFÉ"),
        (unicodedata.normalize("NFD", "Go to the café"), "café"),
        ("Hauptstraße 5", "strasse"),
        ("HAUPTSTRASSE 5", "straße"),
        ("Trip to Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("Milk and bread", "bread milk"),
        ("Buttermilk", "milk"),
        ("100% done_ish", "100% done_"),
        ("Позвонить маме", "МАМЕ"),
        ("买牛奶", "牛奶"),
        ("Ａｉｄｏ", "aido"),
    ],
)
def test_a_task_is_found(api, make_task, title, query):
    make_task(title=title)

    assert find(api, query) == {title}


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Milk", "milk bread"),
        ("Buy 北 side maps", "bei"),  # which is how 北 is pronounced
        ("100 done", "100%"),
        ("doneXish", "done_ish"),
    ],
)
def test_a_task_is_not_found(api, make_task, title, query):
    make_task(title=title)

    assert find(api, query) == set()


def test_words_may_be_in_title_and_description(api, make_task):
    make_task(title="Shopping", description="Milk\n\nand bread")

    assert find(api, "bread shopping milk") == {"Shopping"}


@pytest.mark.parametrize(
    ("change", "found", "lost"),
    [
        ({"title": "Crème"}, "creme two", "milk"),
        ({"description": "Crème\nbrûlée"}, "milk brulee", "two"),
        ({"title": "Crème", "description": "brûlée"}, "creme brulee", "milk"),
    ],
    ids=["title", "description", "both"],
)
def test_a_changed_task_is_found_by_its_new_texts(api, make_task, change, found, lost):
    task = make_task(title="Milk", description="two\nliters")

    api.patch(f"{TASKS}/{task.pk}", change)

    assert find(api, found) == {change.get("title", "Milk")}
    assert find(api, lost) == set()


def test_added_and_imported_tasks_are_found(api):
    api.post(TASKS, {"title": "Crème"})
    api.post(f"{TASKS}/import", [{"title": "Brûlée"}])

    assert find(api, "creme") == {"Crème"}
    assert find(api, "brulee") == {"Brûlée"}


def test_tasks_of_a_previous_version_are_found_before_and_after_a_change(
    api, make_task
):
    task = make_task(title="Café", description="Two liters")
    Task.objects.update(folded="")  # as a process of the previous version writes them

    assert find(api, "café") == {"Café"}
    api.patch(f"{TASKS}/{task.pk}", {"title": "Milk"})
    assert find(api, "milk liters") == {"Milk"}


@pytest.mark.parametrize(
    "words",
    [
        'a.c[d]{2}(e|f)*+?^$ back\\slash\\d \\m 100% a_b #tag & ~home it\'s "so" -',
        "***:abc (?i)abc \\u0041 \\Qa\\E $1 ''",
        "crème BRÛLÉE straße " + "é" * 40,
    ],
    ids=["signs", "other syntaxes", "letters"],
)
def test_a_long_search_is_taken_literally(api, make_task, words):
    make_task(title="It", description=f"Before {words} after")
    make_task(title="Other", description="abc aac AA back" * 10)

    assert find(api, " ".join(reversed(words.split()))) == {"It"}
    for word in words.split():
        assert "It" in find(api, f"{word} {words}")
        assert find(api, f"{words} {word}z") == set()


def test_only_a_short_search_compares_a_word_at_each_place():
    short, long = (Task.objects.matching("a" * n + " b") for n in (29, 30))
    many = Task.objects.matching("abc " * 11)

    assert "folded::text LIKE" in str(short.query).replace('"', "")
    for tasks in (long, many):
        assert "folded::text LIKE" not in str(tasks.query).replace('"', "")


def test_a_search_without_words_finds_everything(api, make_task):
    make_task(title="Milk")

    assert find(api, "  ") == {"Milk"}


def test_the_pages_search_alike(client, user, make_task):
    make_task(title="Go to the café")
    client.force_login(user)

    assert "café" in client.get("/", {"q": "cafe THE"}).text
    assert "café" in client.get("/", {"q": "cafe THE " * 9}).text
    assert "café" not in client.get("/", {"q": "cafe bread"}).text
