"""What the templates of a list need."""

from django.urls import reverse
from django.utils.formats import date_format
from uuid_utils.compat import uuid7

from todo import completions
from todo.keyset import to_page
from todo.models.status import Status
from todo.tasks import Owner
from todo.web import markdown, side, undo
from todo.web.groups import with_groups
from todo.web.marks import mark_words
from todo.web.rows import page_context
from todo.web.side import Side, count_text, label_context
from todo.web.task_list import FILTERS, FOLDED_KINDS

TITLES = {
    **{"all": "Everything", "open": "Everything", "completed": "Done"},
    **{"trash": "Trash", "inbox": "Inbox", "today": "Today", "upcoming": "Upcoming"},
}


def list_context(request, shown, *writes, change=None, count=None, text=""):
    """Run the writes, and read what the list shows after them, in one round trip.

    Tasks that repeat take another one. `change` is what the page offers to undo: a
    `BulkChange`, or former values of `count` tasks; `text` says what it did.
    """
    owner, today = (
        Owner(request.user.pk, request.session.session_key),
        request.user.today,
    )
    counted = change if isinstance(change, undo.BulkChange) else None
    reads = [*side.reads(owner, today, counted), shown.page(owner)]
    _, [*results, rows], _ = completions.run(
        owner, writes, *reads, at=counted and counted.at
    )
    sides = Side.of(results)
    page = to_page(rows, *shown.place)
    context = view_context(shown, sides, today) | sides.context
    context |= left_context(shown, sides) | address_context(shown, page)
    rows = page_context(page.rows, today, sides.lists)
    for row in rows if shown.scope.text else ():
        row["title_html"] = row["title_html"] or mark_words(
            row["title"], shown.scope.text
        )
    for row in rows if shown.is_printed else ():
        if row["is_parsed"]:
            row["html"] = markdown.render(row["description"], markdown.printed_item)
    context |= {
        "tasks": with_groups(rows, shown, request.user),
        "all_completed": is_all_completed(shown, page, sides.counts),
        "can_add": shown.kind == "completed" or shown.status in {"all", "open"},
        "values": new_values(shown, today),
        "key": uuid7(),
    }
    changed = sides.counts.get("changed") if counted else count
    return context | (undo.toast(change, changed, text) if change else {})


def view_context(shown, sides, today):
    """Return what the head of the page shows; `view_list` is None if it is gone."""
    context = {
        "kind": shown.kind,
        "status": shown.status,
        "title": TITLES.get(shown.kind),
        "subtitle": "",
    }
    if shown.kind == "today":
        context["subtitle"] = date_format(today, "l, F j")
    if shown.kind == "list":
        row = find_list(sides.lists, shown.scope.list_id)
        context |= {"view_list": row, "title": row["name"] if row else ""}
    if shown.kind == "label":
        context["view_label"] = find_label(sides.labels, shown.scope.label)["name"]
        context["title"] = f"#{context['view_label']}"
    return context


def find_list(lists, pk):
    return next((row for row in lists if row["id"] == pk), None)


def address_context(shown, page):
    more = page.next and page.next.encode()
    return {
        "page_url": shown.url,
        "path": shown.path,
        "query": shown.scope.text,
        "sort": shown.ordering,
        "sorts": shown.sorts,
        "filters": filters(shown) if shown.kind in FILTERS else [],
        "completed_url": completed_url(shown),
        "open_url": shown.link(status=None),
        "print_url": shown.link(print="1"),
        "more": more,
        "more_url": shown.link(cursor=more, print="1" if shown.is_printed else None),
    }


def filters(shown):
    """Return the links to all, active and completed tasks, with search and order."""
    return [
        {
            "label": status.label,
            "url": shown.link().replace(shown.path, reverse(f"list_{status}"), 1),
            "is_current": status == shown.kind,
        }
        for status in FILTERS
    ]


def completed_url(shown):
    """Return where the completed tasks of the view are, if they are folded away."""
    is_folded = shown.kind in FOLDED_KINDS and shown.status == Status.OPEN
    return shown.link(status="completed") if is_folded else ""


def left_context(shown, sides):
    """Return how many open tasks the view has or, if not counted, all views."""
    number = sides.counts["open"]
    if shown.kind in {"inbox", "today"}:
        number = sides.counts[shown.kind]
    if shown.kind == "list":
        row = find_list(sides.lists, shown.scope.list_id)
        number = row["open"] if row else 0
    text = count_text(number)
    if shown.kind == "label":
        row = find_label(sides.labels, shown.scope.label)
        number, text = row["count"], label_context(row)["count_text"]
    return {"left": number, "left_text": text}


def find_label(labels, name):
    """Return the row of a label in lower case, or one without tasks."""
    none = {"name": name, "count": 0, "labelled": 0}
    return next((row for row in labels if row["name"].lower() == name), none)


def new_values(shown, today):
    """Return the hidden fields of the form that adds a task to this view."""
    if shown.kind == "list":
        return {"list": shown.scope.list_id}
    if shown.kind == "today":
        return {"due_date": today.isoformat()}
    return {"label": shown.scope.label} if shown.kind == "label" else {}


def is_all_completed(shown, page, counts):
    """Return whether the list has tasks and, as far as is known, no open ones."""
    if shown.status == "completed" or not page.rows:
        return bool(page.rows)
    if shown.status != "all":
        return False
    is_whole = not page.next and not page.previous
    has_open = any(row["completed_at"] is None for row in page.rows)
    return not counts["open"] or (is_whole and not has_open)
