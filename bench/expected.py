"""What tasks must be after the changes that `bench.acts` made."""

NEW = {"description": "", "priority": 0, "completed": False, "trashed": False}


class Expected:
    """What the tasks must be after these changes, in the order they were made in."""

    def __init__(self, changes: list[dict]):
        self.tasks: dict[str, dict] = {}
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
        act = change["act"]
        if act == "add":
            [pk] = change["tasks"]
            self.added[change["id"]] = pk
            self.tasks[pk] = NEW | {"id": pk, "title": values["title"]}
        elif act == "complete-all":
            self.set(self.where(completed=False, trashed=False), completed=True)
        elif act == "clear-completed":
            self.set(self.where(completed=True, trashed=False), trashed=True)
        elif act == "undo":
            self.undo(change["of"])
        else:
            tasks = [self.tasks[pk] for pk in change["tasks"] if pk in self.tasks]
            self.set(
                [each for each in tasks if can_change(act, each)], **effect(act, values)
            )

    def where(self, **values: object) -> list[dict]:
        return [task for task in self.tasks.values() if values.items() <= task.items()]

    @staticmethod
    def set(tasks: list[dict], **values: object) -> None:
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
    if act == "set":
        return {"priority": int(values["priority"])} if "priority" in values else {}
    if act in {"rename", "edit"}:
        names = ("title", "description")
        return {name: values[name].strip() for name in names if name in values}
    return {}


def differences(actual: dict, expected: dict, log: list) -> str:
    """Describe each task that is not as expected, and what was done with it."""
    lines = []
    for pk in sorted(actual.keys() | expected.keys()):
        if actual.get(pk) != expected.get(pk):
            lines.append(f"{actual.get(pk)} should be {expected.get(pk)}")
            lines += [
                f"  {name} {entry['act']} {entry.get('of', '')} {entry['id']}"
                for name, entry, _ in log
                if pk in entry["tasks"]
            ]
    return "\n".join(lines)
