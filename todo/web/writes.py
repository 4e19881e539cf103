"""Writing values of one task, and offering to restore the former ones."""

from typing import Any, NamedTuple

from todo import order, tasks
from todo.statements import run_together
from todo.web import side
from todo.web.responses import list_response, owner_of, task_response
from todo.web.rows import task_context
from todo.web.side import Side
from todo.web.task_list import current_list
from todo.web.value_form import FormerValuesForm


class Write(NamedTuple):
    """What the templates need of a task before and after a write, and of the side bar.

    `new` is None if the write did not find the task, and `old` if it is gone.
    """

    old: dict[str, Any] | None
    new: dict[str, Any] | None
    sides: Side

    @property
    def change(self):
        """Former values, which undo restores."""
        return former_values([self.old], [self.new]) if self.old and self.new else []


def run_write(request, pk, statement):
    """Run a statement that returns the task after it, in one round trip.

    A move takes another one when positions have become long.
    """
    owner, today = owner_of(request), request.user.today
    before, reads = tasks.read(owner, pk), side.reads(owner, today)
    [old, new, *results] = run_together(before, statement, *reads)
    if new and (follow_up := order.follow_up(owner, new[0])):
        [*_, new] = run_together(*follow_up)
    sides = Side.of(results)

    def context(rows):
        return task_context(rows[0], today, sides.lists) if rows else None

    return Write(context(old), context(new), sides)


def write_response(request, pk, write, done):
    """Show the task, or the whole list if it belongs under another heading."""
    if write.old and write.new and is_regrouped(request, write.old, write.new):
        return list_response(request, [], f"{done}.", write.change, 1)
    return task_response(request, pk, write.new, write.sides, done, write.change)


def is_regrouped(request, old, new):
    shown = current_list(request)
    field = shown.grouped_by
    if not request.htmx or not field or old[field] == new[field]:
        return False
    return shown.scope.includes(new)


def former_values(old, new):
    """Return pairs of an id and the values that a task had and has no longer."""
    before = {row["id"]: row for row in old}
    pairs = []
    for row in new:
        former = before.get(row["id"], row)
        names = [n for n in FormerValuesForm.base_fields if former[n] != row[n]]
        if names:
            pairs.append((row["id"], {name: former[name] for name in names}))
    return pairs
