"""What a client in Python does, with the package generated from the schema."""

import datetime
import importlib
import pkgutil
import sys

import aido_client
from aido_client import AuthenticatedClient, Client
from aido_client.api.account import account_partial_update
from aido_client.api.auth import auth_login_create
from aido_client.api.lists import lists_create, lists_list, lists_move_create
from aido_client.api.tasks import (
    tasks_bulk_create,
    tasks_create,
    tasks_destroy,
    tasks_export_retrieve,
    tasks_import_create,
    tasks_list,
    tasks_partial_update,
    tasks_restore_create,
    tasks_update,
)
from aido_client.models import (
    ActionEnum,
    Bulk,
    ColorEnum,
    Credentials,
    ImportedTask,
    List,
    ListMove,
    PatchedAccount,
    PatchedTask,
    PriorityEnum,
    Task,
)
from aido_client.models.tasks_list_status import TasksListStatus

HEADERS = {"X-Forwarded-Proto": "https"}


def run(url, email, password):
    for module in pkgutil.walk_packages(aido_client.__path__, "aido_client."):
        importlib.import_module(module.name)

    anonymous = Client(url, headers=HEADERS)
    session = auth_login_create.sync(
        client=anonymous, body=Credentials(email=email, password=password)
    )
    token = session.meta.access_token
    client = AuthenticatedClient(url, token, headers=HEADERS)

    created = tasks_create.sync(client=client, body=Task(title="Buy milk"))
    changes = PatchedTask(
        description="Two bottles",
        priority=PriorityEnum.VALUE_2,
        due_date=datetime.date(2026, 12, 1),
    )
    tasks_partial_update.sync(created.id, client=client, body=changes)
    body = PatchedTask(completed=True)
    completed = tasks_partial_update.sync(created.id, client=client, body=body)
    assert completed.description == "Two bottles"
    assert completed.priority == PriorityEnum.VALUE_2
    assert completed.completed

    body = Task(title="Buy bread")
    replaced = tasks_update.sync(created.id, client=client, body=body)
    assert (replaced.description, replaced.completed) == ("", False)

    bulk = Bulk(action=ActionEnum.COMPLETE, ids=[created.id])
    assert tasks_bulk_create.sync(client=client, body=bulk).changed == 1

    page = tasks_list.sync(client=client, status=TasksListStatus.COMPLETED, limit=20)
    assert [task.title for task in page.results] == ["Buy bread"]
    assert page.next_ is None

    body = List(name="Home", color=ColorEnum.GREEN)
    home = lists_create.sync(client=client, body=body)
    lists_create.sync(client=client, body=List(name="Work"))
    body = PatchedTask(list_=home.id, labels=["kitchen"])
    tasks_partial_update.sync(created.id, client=client, body=body)
    page = tasks_list.sync(
        client=client, list_=str(home.id), label=["Kitchen"], status=TasksListStatus.ALL
    )
    assert [task.list_ for task in page.results] == [home.id]
    work = lists_list.sync(client=client).results[1]
    lists_move_create.sync(work.id, client=client, body=ListMove(after=None))
    assert lists_list.sync(client=client).results[0].name == "Work"

    tasks_destroy.sync_detailed(created.id, client=client)
    assert tasks_restore_create.sync(created.id, client=client).deleted_at is None

    exported = tasks_export_retrieve.sync(client=client)
    tasks = [*exported, ImportedTask(title="Eggs")]
    imported = tasks_import_create.sync(client=client, body=tasks)
    assert (imported.created, imported.skipped) == (1, 1)

    body = PatchedAccount(time_zone="Asia/Tokyo")
    assert account_partial_update.sync(client=client, body=body).name == "Ann"


run(*sys.argv[1:])
