"""What an export contains comes back as it was."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from operator import itemgetter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from todo.models import List, Task
from todo.models.list import Color
from todo.models.task import TASK_FIELDS
from todo.models.text import VISIBLE
from todo.transfer.exports import export_rows
from todo.transfer.imports import import_rows
from todo.transfer.readers import READERS
from todo.transfer.serializers import MAX_POSITION, MIN_POSITION
from todo.transfer.writers import WRITERS

pytestmark = pytest.mark.django_db

RULES = ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;INTERVAL=2;COUNT=9"]

# Whatever PostgreSQL stores: no NUL, and no surrogates.
storable = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
awkward = st.sampled_from([*"'\"=+-@\t\r\n ,;0123456789", "İ", "ß", "é"])
texts = st.text(st.one_of(awkward, storable), max_size=20)
names = texts.map(str.strip).filter(VISIBLE.search)
labels = texts.map(lambda text: "".join(text.replace(",", "").split())).filter(bool)
times = st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))
minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
positions = st.decimals(MIN_POSITION, MAX_POSITION, places=5)
colors = st.sampled_from(["", *Color.values])
lists = st.fixed_dictionaries({"name": names, "color": colors, "position": positions})


@st.composite
def tasks(draw):
    fields = {
        "title": draw(names),
        "description": draw(texts),
        "priority": draw(st.sampled_from(Task.Priority)),
        "labels": draw(st.lists(labels, max_size=3, unique_by=str.lower)),
        "position": draw(positions),
        "repeat_after_completion": draw(st.booleans()),
        "copy_of": draw(st.none() | st.uuids()),
        "completed_at": draw(st.none() | times),
        "deleted_at": draw(st.none() | times),
        "created_at": draw(times),
        "updated_at": draw(times),
    }
    if draw(st.booleans()):
        fields["due_date"] = draw(st.dates(date(2000, 1, 1)))
        fields["due_time"] = draw(st.none() | minutes)
        fields["repeat"] = draw(st.sampled_from([None, *RULES]))
    return fields


def file_of(user, kind):
    return b"".join(WRITERS[kind](export_rows(user)))


def import_file(user, file, kind):
    return import_rows(user, READERS[kind](BytesIO(file)))


def delete_all():
    Task.objects.all().delete()
    List.objects.all().delete()


def stored(user):
    """Return the tasks with the names of their lists, and the lists in order."""
    fields = [
        *(name for name in TASK_FIELDS if name != "list"),
        "list__name",
        "copy_of",
        "folded",
    ]
    tasks = Task.objects.filter(owner=user).order_by("pk").values(*fields)
    lists = List.objects.filter(owner=user).values("name", "color", "position")
    return list(tasks), list(lists)


some_tasks = st.lists(tasks(), min_size=1, max_size=3)


@st.composite
def accounts(draw):
    """Tasks of the inbox, and lists with different names and their tasks."""
    different = st.lists(lists, max_size=3, unique_by=itemgetter("position"))
    named = [
        (fields | {"name": f"{fields['name']}{number}"}, draw(some_tasks))
        for number, fields in enumerate(draw(different))
    ]
    return {"lists": named, "inbox": draw(some_tasks)}


@pytest.mark.parametrize("kind", WRITERS)
@settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(accounts())
@transaction.atomic
def test_tasks_and_their_lists_return_as_they_were(user, kind, account):
    for fields in account["inbox"]:
        Task.objects.create(owner=user, **fields)
    for list_fields, tasks_of_list in account["lists"]:
        in_list = List.objects.create(owner=user, **list_fields)
        for fields in tasks_of_list:
            Task.objects.create(owner=user, list=in_list, **fields)
    before, file = stored(user), file_of(user, kind)
    delete_all()

    created, skipped = import_file(user, file, kind)

    assert (created, skipped) == (len(before[0]), 0)
    assert stored(user) == before
    assert file_of(user, kind) == file
    delete_all()


@pytest.mark.parametrize("kind", WRITERS)
def test_positions_of_a_thousand_moves_return_as_they_were(user, kind):
    position = Decimal(f"1764095285123456.{'123456789' * 120}")
    Task.objects.create(owner=user, title="x", position=position)
    file = file_of(user, kind)
    Task.objects.all().delete()

    import_file(user, file, kind)

    assert Task.objects.get().position == position
    assert str(position).encode() in file


@pytest.mark.parametrize("kind", WRITERS)
def test_another_account_gets_the_same_lists(user, stranger, kind):
    for position, name in enumerate(["Work", "Home"]):
        in_list = List.objects.create(
            owner=user, name=name, color="teal", position=MIN_POSITION + position
        )
        Task.objects.create(owner=user, title=name, list=in_list)

    import_file(stranger, file_of(user, kind), kind)

    assert stored(stranger)[1] == stored(user)[1]
    assert {task.list.owner_id for task in stranger.tasks.all()} == {stranger.pk}


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        (
            "json",
            b'[{"id": "01a202a8-526f-7022-82f9-8a7867c49a93", "title": "Buy milk", '
            b'"description": "", "priority": 2, "due_date": "2026-12-01", '
            b'"completed_at": null, "deleted_at": null, '
            b'"created_at": "2026-11-22T09:00:00.123456Z", '
            b'"updated_at": "2026-11-22T09:00:00.123456Z"}]',
        ),
        (
            "csv",
            b"\xef\xbb\xbfid,title,description,priority,due_date,completed_at,"
            b"deleted_at,created_at,updated_at\r\n"
            b"01a202a8-526f-7022-82f9-8a7867c49a93,Buy milk,,2,2026-12-01,,,"
            b"2026-11-22T09:00:00.123456Z,2026-11-22T09:00:00.123456Z\r\n",
        ),
    ],
    ids=["JSON", "CSV"],
)
def test_an_export_of_an_earlier_version_is_imported(user, kind, file):
    assert import_file(user, file, kind) == (1, 0)

    task = Task.objects.get()
    assert (task.list, task.labels, task.repeat) == (None, [], None)
    assert task.position == 1795338000123456


def test_tasks_without_a_position_keep_the_order_of_their_creation(user):
    years = [9999, 2026, 1970, 1]
    rows = [
        {"title": "x", "created_at": f"{year:04}-06-01T00:00:00Z"} for year in years
    ]

    import_rows(user, enumerate(rows, 1))

    positions = Task.objects.order_by("created_at").values_list("position", flat=True)
    assert sorted(positions) == list(positions)
    assert all(len(str(position)) == 16 for position in positions)
