"""What tasks must be after the changes that `bench.acts` made."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

NEW = {
    **{"description": "", "priority": 0, "due_date": None, "list": None},
    **{"completed": False, "trashed": False},
}
# A new task is the last in the order by hand: its position is the time it was created.
TASKS = """
    SELECT id::text, title, description, priority, due_date::text,
           list_id::text AS list, completed_at IS NOT NULL AS completed,
           deleted_at IS NOT NULL AS trashed, position::text,
           (EXTRACT(EPOCH FROM created_at) * 1000000)::bigint AS created
    FROM task
"""


def read_tasks(cursor: Any) -> list[dict]:
    """Return all tasks, with exact positions."""
    cursor.execute(TASKS)
    names = [column[0] for column in cursor.description]
    tasks = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [task | {"position": Fraction(task["position"])} for task in tasks]


class Expected:
    """What the tasks must be after these changes, in the order they were made in.

    `created` has the times, by task, in microseconds.
    """

    def __init__(self, changes: list[dict], created: dict[str, int]):
        self.tasks: dict[str, dict] = {}
        self.created = created
        self.added: dict[str, str] = {}  # by change, the id of the task
        self.changed: dict[str, list] = {}  # by change, the tasks before and after it
        for change in changes:
            before = {pk: dict(task) for pk, task in self.tasks.items()}
            self.apply(change, dict(change["fields"]))
            self.changed[change["id"]] = [
                (pk, task, dict(self.tasks[pk]))
                for pk, task in before.items()
                if task != self.tasks[pk]
            ]

    def apply(self, change: dict, values: dict) -> None:
        act = values["action"] if change["act"] == "bulk" else change["act"]
        if act == "add":
            self.add(*change["tasks"], values["title"])
            self.added[change["id"]] = change["tasks"][0]
        elif act == "move":
            self.move(*change["tasks"], values["after"])
        elif act in {"complete-all", "clear-completed"}:
            is_completing = act == "complete-all"
            found = self.where(completed=not is_completing, trashed=False)
            if change["page"].startswith("/inbox"):
                found = [task for task in found if not task["list"]]
            self.set(found, **{"completed" if is_completing else "trashed": True})
        elif act == "undo":
            self.undo(change["of"])
        else:
            tasks = [self.tasks[pk] for pk in change["tasks"] if pk in self.tasks]
            self.set(
                [each for each in tasks if can_change(act, each)], **effect(act, values)
            )

    def add(self, pk: str, title: str) -> None:
        position = Fraction(self.created.get(pk, 0))
        self.tasks[pk] = NEW | {"id": pk, "title": title, "position": position}

    def move(self, pk: str, after: str) -> None:
        """Place a task between another one and the next open one, or first.

        One in the trash, by an undo in another tab, is not moved.
        """
        task = self.tasks[pk]
        if task["trashed"]:
            return
        others = self.where(list=task["list"], completed=False, trashed=False)
        positions = [each["position"] for each in others if each is not task]
        if after:
            place = self.tasks[after]["position"]
            following = [position for position in positions if position > place]
            task["position"] = (place + min(following, default=place + 2)) / 2
        elif positions:
            task["position"] = min(positions) - 1

    def where(self, **values: object) -> list[dict]:
        return [task for task in self.tasks.values() if values.items() <= task.items()]

    def inbox(self) -> list[str]:
        """Return the ids of the open tasks of the inbox, in the order by hand."""
        tasks = self.where(list=None, completed=False, trashed=False)
        return [task["id"] for task in sorted(tasks, key=lambda t: t["position"])]

    @staticmethod
    def set(tasks: Iterable[dict], **values: object) -> None:
        for task in tasks:
            task.update(values)

    def undo(self, change: str) -> None:
        if pk := self.added.get(change):
            self.set([self.tasks[pk]], trashed=True)
        for pk, before, after in self.changed[change]:
            values = {name: v for name, v in before.items() if v != after[name]}
            self.tasks[pk].update(values)


def can_change(act: str, task: dict) -> bool:
    return act == "restore" or not task["trashed"]


def effect(act: str, values: dict) -> dict:
    if act in {"complete", "reopen"}:
        return {"completed": act == "complete"}
    if act in {"trash", "restore"}:
        return {"trashed": act == "trash"}
    return {name: read(values[name]) for name, read in READ.items() if name in values}


READ = {  # how values are read that forms send
    **{"title": str.strip, "description": str.strip, "priority": int},
    **{"due_date": lambda text: text or None, "list": lambda text: text or None},
}


def differences(actual: dict, expected: dict, log: list) -> str:
    """Describe each task that is not as expected, and what was done with it."""
    lines = []
    for pk in sorted(actual.keys() | expected.keys()):
        if actual.get(pk) != expected.get(pk):
            lines.append(f"{actual.get(pk)} should be {expected.get(pk)}")
            lines += [
                f"  {name} {entry['act']} {entry.get('of', '')} {entry['id']}"
                f" {entry['fields']}"
                for name, entry, _ in log
                if pk in entry["tasks"]
            ]
    return "\n".join(lines)
