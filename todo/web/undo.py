"""Tokens that say how to undo an act: in a form on the page, or in its address.

A token is the verb and the time at which it was applied (`complete-1767225600000000`),
or the values that tasks had before: `[["id", {"due_date": "2026-12-01"}]]`. Those of
new tasks are `{"is_new": true}`.
"""

import json
from operator import itemgetter
from uuid import UUID

from django.contrib.messages import get_messages

from todo import bulk, tasks
from todo.counts import BulkChange
from todo.models.verbs import UNDO
from todo.tasks import TEXT_FIELDS
from todo.web.side import count_text
from todo.web.value_form import FormerValuesForm

DONE = {
    "complete": "Completed",
    "reopen": "Active again",
    "trash": "Moved to the trash",
    "restore": "Restored",
}
MAX_VERSION = 16  # digits
MAX_TASKS = 500  # that one act can change
MAX_ADDRESS = 1_500  # characters of a token; a longer one is kept in the session
SESSION_KEY = "undo"
TAG = "undo"  # of a message that a page shows in its toast, if it offers to undo


def encode(change):
    """Return the token of a BulkChange, or of pairs of an id and former values."""
    if isinstance(change, BulkChange):
        return f"{change.verb}-{tasks.time_version(change.at)}"
    return json.dumps(change, default=str, separators=(",", ":"))


def decode(text):
    """Return what was encoded, or None if the text is not a valid token."""
    if text.startswith("["):
        return decode_values(text)
    verb, _, version = text.partition("-")
    if verb in UNDO and version.isdecimal() and len(version) <= MAX_VERSION:
        return BulkChange(verb, tasks.version_time(int(version)))
    return None


def decode_values(text):
    try:
        pairs = json.loads(text)
        changes = [(UUID(pk), read_values(values)) for pk, values in pairs]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return changes if 0 < len(changes) <= MAX_TASKS else None


def read_values(values):
    """Validate former values as a form of today would. Raises ValueError."""
    texts = {name: to_text(value) for name, value in values.items()}
    "".join(texts.values()).encode()  # JSON can hold half a character
    form = FormerValuesForm(texts)
    if not form.is_valid() or not form.values:
        raise ValueError("invalid values")
    return form.values


def to_text(value):
    if isinstance(value, list):
        return " ".join(f"#{label}" for label in value)
    return "" if value is None else str(value)


def statements_of(owner, change):
    """Return what undoes a change, for the tasks that still exist."""
    if isinstance(change, BulkChange):
        return bulk.undo(owner, change)
    by_id = sorted(change, key=itemgetter(0))  # the order in which all lock tasks
    return [restore(owner, pk, values) for pk, values in by_id]


def restore(owner, pk, values):
    """Return what restores the former values of a task. A new one had none."""
    if values.get("is_new"):
        return tasks.apply(owner, pk, "trash")
    return tasks.change(owner, pk, values)


def toast(change, changed, text=""):
    """Return what the templates need to offer to undo a change of so many tasks."""
    if not changed:
        return {}
    number = "" if changed == 1 else f": {count_text(changed)} tasks"
    is_bulk = isinstance(change, BulkChange)
    return {
        "undo": encode(change),
        "change": change if is_bulk else None,
        "message": text or f"{done_text(change)}{number}.",
    }


def done_text(change):
    """Return what a change did, such as `Completed`."""
    if isinstance(change, BulkChange):
        return DONE[change.verb]
    _, values = change[0]
    if "is_new" in values:
        return "Added"
    return "Moved" if values.keys() == {"position"} else "Changed"


def added(rows):
    """Return the change that added tasks."""
    return [(row["id"], {"is_new": True}) for row in rows]


def of_address(request):
    """Return the change that the address of a page names, or None."""
    text = request.GET.get("undo", "")
    if text == SESSION_KEY:
        text = request.session.pop(SESSION_KEY, "")
    return decode(text)


def text_of(request):
    """Return the message of a redirect that says what can be undone."""
    tagged = [each for each in get_messages(request) if each.extra_tags == TAG]
    return tagged[-1].message if tagged else ""


def address_token(request, token):
    """Return a token that can be part of an address: short, and without texts.

    Addresses are logged. The session keeps other tokens.
    """
    has_text = token and any(f'"{name}"' in token for name in TEXT_FIELDS)
    if not token or len(token) <= MAX_ADDRESS and not has_text:
        return token
    request.session[SESSION_KEY] = token
    return SESSION_KEY
