"""What the words of a new task were taken for, in plain words."""

from todo.models import Task
from todo.web.repeat_text import repeat_text
from todo.web.rows import due_text


def chips(task, today):
    """Return a dict with kind, text (as written) and label for each part.

    Of several priorities, only the last counts and has one.
    """
    last = dict(task.understood)
    return [
        {"kind": kind, "text": text, "label": LABELS[kind](task.values, text, today)}
        for kind, text in dict.fromkeys(task.understood)
        if kind == "label" or text == last[kind]
    ]


def _date(values, text, today):
    return due_text(values["due_date"], today)


def _time(values, text, today):
    return values["due_time"].isoformat("minutes")


def _repeat(values, text, today):
    return repeat_text(values["repeat"], values["repeat_after_completion"])


def _priority(values, text, today):
    return Task.Priority(values["priority"]).label


def _label(values, text, today):
    return text


def _list(values, text, today):
    return text.removeprefix("@").strip('"“” ')


LABELS = {
    "date": _date,
    "time": _time,
    "repeat": _repeat,
    "priority": _priority,
    "label": _label,
    "list": _list,
}
