"""The API's everyday statements. The ORM writes each once per process.

For one task it takes longer to build and compile a query than all else takes together.
"""

from functools import cache, lru_cache

from django.db.models import BooleanField, Case, Q, When
from django.db.models.functions import Coalesce

from todo.keyset import Cursor, page_query
from todo.models import FIELDS, Task
from todo.statements import Parameter

OWN = Task.objects.filter(owner_id=Parameter("owner"))


@cache
def one():
    """The task of `owner` and `pk`, if it is not in the trash."""
    return OWN.kept().filter(pk=Parameter("pk")).order_by().selecting()


def open_page(owner, ordering, limit, cursor=None):
    """A page of what the owner of this id has to do."""
    if not cursor:
        return _open_page(ordering, limit).bind(owner=owner)
    page = _open_page(ordering, limit, cursor.backwards, cursor.inclusive)
    return page.bind(owner=owner, value=cursor.value, id=cursor.id)


@lru_cache(1000)  # a limit may be any of 200
def _open_page(ordering, limit, *sides):
    place = (Parameter("value"), Parameter("id"))
    cursor = Cursor(ordering, *place, *sides) if sides else None
    return page_query(OWN.open(), ordering, limit, cursor).selecting()


@cache
def insert():
    """One task, with a value for each column, by the attribute's name."""
    names = [field.attname for field in Task._meta.concrete_fields]
    task = Task(**{name: Parameter(name) for name in names})
    return Task.objects.inserting(task).returning(FIELDS)


@cache
def update(names, has_version=False):
    """The columns of these names in the task of `owner` and `pk`, at the time `now`.

    `has_version` asks that its last change was at `version`. `completed` is a name too:
    a task that was completed before keeps its time of completion.
    """
    now = Parameter("now")
    changes = {name: Parameter(name) for name in names - {"completed"}}
    if "completed" in names:
        is_completed = When(
            Parameter("completed", BooleanField()), Coalesce("completed_at", now)
        )
        changes["completed_at"] = Case(is_completed)
    # Or as this very change has left it, if it had to be repeated.
    tasks = OWN.filter(Q(deleted_at=None) | Q(updated_at=now), pk=Parameter("pk"))
    if has_version:
        tasks = tasks.filter(updated_at__in=[Parameter("version"), now])
    return tasks.updating(**changes, updated_at=now).returning(FIELDS)
