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

FORMER_VALUES = [name for name in FormerValuesForm.base_fields if name != "is_new"]


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
    """Return whether a task belongs elsewhere in a list with headings than before."""
    field = current_list(request).grouped_by
    fields = ["due_date", "due_time"] if field == "due_date" else [field]
    is_moved = field and any(old[name] != new[name] for name in fields)
    return bool(is_moved) and is_grouped(request, new)


def is_grouped(request, row):
    """Return whether the list shows the task under a heading."""
    shown = current_list(request)
    return bool(request.htmx and shown.grouped_by and shown.scope.includes(row))


def former_values(old, new):
    """Return pairs of an id and the values that a task had and has no longer."""
    before = {row["id"]: row for row in old}
    pairs = []
    for row in new:
        former = before.get(row["id"], row)
        names = [n for n in FORMER_VALUES if former[n] != row[n]]
        if names:
            pairs.append((row["id"], {name: former[name] for name in names}))
    return pairs
