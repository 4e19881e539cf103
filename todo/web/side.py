"""What the side bar shows on every page: counts, lists and labels."""

from operator import itemgetter
from typing import NamedTuple

from todo import counts, label_counts, lists
from todo.counts import MAX_COUNT

MAX_LABELS = 100  # shown; tasks can have 50,000


class Side(NamedTuple):
    """Rows of the statements of `reads`."""

    counts: dict
    lists: list
    labels: list

    @classmethod
    def of(cls, results):
        [totals], *others = results
        return cls(totals, *others)

    @property
    def context(self):
        return {
            "counts": with_texts(self.counts),
            "side": side_counts(self.counts),
            "side_lists": [
                row | {"count_text": text_or_blank(row["open"])} for row in self.lists
            ],
            "side_labels": [label_context(row) for row in most_used(self.labels)],
            "more_labels": text_or_blank(max(0, len(self.labels) - MAX_LABELS)),
        }


def reads(owner, today, change=None):
    """Return the statements that read it. With a change, count the tasks it changed."""
    totals = counts.totals(owner, today, change)
    return [totals, lists.read_counted(owner), label_counts.read(owner)]


def side_counts(totals):
    names = {"inbox": "inbox", "today": "today", "overdue": "overdue", "all": "open"}
    return {name: text_or_blank(totals[key]) for name, key in names.items()}


def most_used(labels):
    """Return the rows of the labels that most tasks have, in the same order."""
    by_use = sorted(enumerate(labels), key=lambda pair: -pair[1]["count"])
    return [row for _, row in sorted(by_use[:MAX_LABELS], key=itemgetter(0))]


def label_context(row):
    """The newest MAX_COUNT tasks with labels are counted: there may be more."""
    at_least = "+" if row["labelled"] > MAX_COUNT else ""
    return {"name": row["name"], "count_text": f"{row['count']:,}{at_least}"}


def text_or_blank(count):
    return count_text(count) if count else ""


def count_text(count):
    """Return what people read for a count that stops."""
    return f"{MAX_COUNT:,}+" if count > MAX_COUNT else f"{count:,}"


def with_texts(totals):
    """Add the text of each count, such as `open_text`."""
    return totals | {f"{name}_text": count_text(n) for name, n in totals.items()}
