"""The worst files cost little, and their number is limited."""

import io
import json
import time
import tracemalloc

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from todo.models import Task
from todo.transfer import imports, readers

IMPORT = "/api/v1/tasks/import"
HUGE_VALUE = b'{"title": "x", "id": [' + b"[]," * 330_000 + b"[]]},\n"
SHAPES = {  # the type of a file, its beginning, and what it repeats
    "commas": ("csv", b"", b","),
    "commas below a title": ("csv", b"title\n", b","),
    "long lines of commas": ("csv", b"title\n", b"," * 100_000 + b"\n"),
    "short lines of commas": ("csv", b"title\n", b",,,\n"),
    "semicolons": ("csv", b"", b";"),
    "quotes": ("csv", b"title\n", b'"'),
    "newlines": ("csv", b"title\n", b"\n"),
    "newlines in quotes": ("csv", b'title\n"', b"\n"),
    "carriage returns": ("csv", b"title\n", b"\r"),
    "one cell": ("csv", b'title\n"', b"x"),
    "one header": ("csv", b"", b"x"),
    "long descriptions": ("csv", b"title\n", b"x," + b"y" * 130_000 + b"\n"),
    "labels": ("csv", b"title,labels\n", b"x," + b"y " * 60_000 + b"\n"),
    "positions": ("csv", b"title,position\n", b"x," + b"1" * 130_000 + b"\n"),
    "long numbers": ("csv", b"title\n", b"1" * 130_000 + b"x\n"),
    "JSON blanks": ("json", b"[", b"\n"),
    "JSON nested arrays": ("json", b'[{"title":', b"["),
    "JSON nested objects": ("json", b"[", b'{"title":'),
    "one JSON string": ("json", b'[{"title":"', b"x"),
    "one JSON number": ("json", b'[{"title":', b"1"),
    "large JSON values": ("json", b"[", HUGE_VALUE),
}


@pytest.fixture
def file(shape):
    _, head, unit = SHAPES[shape]
    return io.BytesIO(head + unit * ((imports.MAX_FILE - len(head)) // len(unit)))


def read(file, shape):
    reader = readers.READERS[SHAPES[shape][0]]
    for _ in imports._validate(reader(file), {}):
        pass


@pytest.mark.parametrize("shape", SHAPES)
def test_the_worst_files_cost_little_processor_time(file, shape):
    start = time.process_time()

    read(file, shape)

    assert time.process_time() - start < 4  # seconds


@pytest.mark.parametrize("shape", ["commas", "commas below a title", "one cell"])
def test_the_worst_files_cost_little_memory(file, shape):
    tracemalloc.start()
    try:
        read(file, shape)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8_000_000  # bytes


def test_a_file_of_too_many_tasks_is_rejected(api, monkeypatch):
    monkeypatch.setattr(imports, "MAX_TASKS", 3)

    too_many = api.generic("POST", IMPORT, b"title\n" + b"x\n" * 4, "text/csv")
    allowed = api.generic("POST", IMPORT, b"title\n" + b"x\n" * 3, "text/csv")

    assert too_many.json()["errors"] == {
        "5": [{"code": "malformed", "detail": "More than 3 tasks. Split the file."}]
    }
    assert allowed.json() == {"created": 3, "skipped": 0}


def test_the_longest_valid_task_can_be_imported(api):
    title, description = "🎉" * 200, "🎉" * 10_000
    labels = [chr(number) + "🎉" * 49 for number in range(0x1F600, 0x1F632)]
    task = {"title": title, "description": description, "labels": labels}
    position = f"1764095285123456.{'1' * 5000}"
    task |= {"list": "🎉" * 100, "position": position, "list_position": position}
    escaped = json.dumps([task])

    response = api.generic("POST", IMPORT, escaped.encode(), "application/json")

    assert response.json() == {"created": 1, "skipped": 0}
    assert len(escaped) > 163_000
    stored = Task.objects.get()
    assert (stored.title, stored.description) == (title, description)
    assert stored.labels == labels


@pytest.fixture
def few_imports(settings, db):
    settings.ACCOUNT_RATE_LIMITS = {"import": "2/5m/user"}
    cache.clear()


def post(api):
    return api.generic("POST", IMPORT, b"title\nx\n", "text/csv")


def upload(client):
    file = SimpleUploadedFile("tasks.csv", b"title\nx\n")
    return client.post(reverse("import_file"), {"file": file})


def test_imports_are_limited_over_both_doors(api, client, user, few_imports):
    client.force_login(user)
    assert post(api).status_code == 200
    assert upload(client).status_code == 302

    for response in (post(api), upload(client)):
        assert response.status_code == 429
        assert 295 <= int(response.headers["Retry-After"]) <= 300
    assert Task.objects.count() == 2


def test_retry_after_is_what_is_left(api, few_imports, monkeypatch):
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() - 100)
    post(api)
    monkeypatch.setattr("time.time", now)
    post(api)

    assert 195 <= int(post(api).headers["Retry-After"]) <= 200


def test_other_users_are_not_limited(api, strangers_api, few_imports):
    post(api), post(api)

    assert post(api).status_code == 429
    assert post(strangers_api).status_code == 200


def test_opening_the_page_does_not_count(client, user, few_imports):
    client.force_login(user)

    for _ in range(3):
        assert client.get(reverse("import_file")).status_code == 200


def test_by_default_20_imports_are_allowed_in_5_minutes(api):
    cache.clear()

    statuses = [post(api).status_code for _ in range(21)]

    assert statuses == [200] * 20 + [429]
