"""Writes that race with other writes of the same task."""

from dataclasses import replace

import pytest

from todo import tasks

TASKS = "/api/v1/tasks"


@pytest.fixture
def lose_first_race(monkeypatch):
    """Make the first verb find no row, as if the task was in the trash just then."""
    apply, calls = tasks.apply, []

    def apply_late(*arguments, **options):
        calls.append(arguments)
        statement = apply(*arguments, **options)
        if len(calls) > 1:
            return statement
        template = statement.template
        never = template.sql.replace("WHERE", "WHERE false AND")
        return replace(template, sql=never).bind(**statement.values)

    monkeypatch.setattr(tasks, "apply", apply_late)


def test_a_deletion_that_races_with_a_restoration_succeeds(
    api, make_task, lose_first_race
):
    response = api.delete(f"{TASKS}/{make_task().pk}")

    assert response.status_code == 204


def test_a_guarded_deletion_that_loses_a_race_fails(api, make_task, lose_first_race):
    url = f"{TASKS}/{make_task().pk}"
    headers = {"If-Match": api.get(url)["ETag"]}

    assert api.delete(url, headers=headers).status_code == 412
