"""What was typed into a form and could not be saved.

The session keeps it until the page of the form is shown, with its fields filled in. If
the session has ended, a hidden field of the sign-in page carries it to the next one.
"""

import json

from todo.models.task import WRITABLE_TASK_FIELDS

# The fields of the forms that take text, by route. Passwords are not kept.
FIELDS = {
    "task_add": ["title"],
    "task_edit": [*WRITABLE_TASK_FIELDS, "version"],
    "list_new": ["name", "color"],
    "list_edit": ["name", "color"],
    "profile": ["name", "time_zone"],
    "change_email": ["email"],
}
KEY = "draft"  # in the session
MAX_LENGTH = 100_000  # characters; a valid form has less, and sessions stay small


def read_draft(request, page):
    """Return a draft of what was typed into the form of a page, or None."""
    names = FIELDS.get(request.resolver_match.url_name, [])
    fields = {name: request.POST[name] for name in names if name in request.POST}
    draft = {"page": page, "fields": fields}
    return draft if fields and len(json.dumps(draft)) <= MAX_LENGTH else None


def load(text):
    """Parse a draft that a form sent back; return None if it is not one."""
    try:
        draft = json.loads(text)
        texts = [draft["page"], *draft["fields"].values()]
        "".join(texts).encode()  # JSON can hold half a character
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return draft


def keep(request, draft):
    request.session[KEY] = draft


def take(request):
    """Return the draft of this page: values by field name. It is forgotten then."""
    draft = request.session.get(KEY)
    if not draft or draft["page"].partition("?")[0] != request.path:
        return {}
    del request.session[KEY]
    return draft["fields"]
