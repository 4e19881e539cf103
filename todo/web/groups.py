"""Headings between the tasks of a list: days, and what is overdue."""

from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from todo.web.rows import RELATIVE_DAYS


def with_groups(rows, shown, user):
    """Sort the rows of a day by time, and add a `group` to the first of each group.

    A page that continues a group has no heading for it.
    """
    field, today, zone = shown.grouped_by, user.today, ZoneInfo(user.time_zone)
    if not field:
        return rows
    if field == "due_date":
        rows = sorted(rows, key=day_and_time)
    last = group_before(shown, zone, today)
    for row in rows:
        group = group_of(shown.kind, local_day(row[field], zone), today)
        if group != last:
            row["group"] = group
        last = group
    return rows


def group_before(shown, zone, today):
    """Return the group that the page before ended with, or None."""
    if shown.cursor and not shown.cursor.backwards:
        return group_of(shown.kind, local_day(shown.cursor.value, zone), today)


def day_and_time(row):
    """Return a key that sorts tasks without a time after the others of their day."""
    return row["due_date"], row["due_time"] is None, row["due_time"]


def local_day(value, zone):
    """Return the date of a date or, in the user's time zone, of a time."""
    return value.astimezone(zone).date() if hasattr(value, "astimezone") else value


def group_of(kind, day, today):
    if kind == "today" and day < today:
        return {"id": "overdue", "title": "Overdue", "css": "late"}
    title = day_title(day, today)
    return {"id": day.isoformat(), "title": title, "css": ""}


def day_title(day, today):
    """Return such as `Today`, `Friday, Nov 27` or `Friday, Jan 1, 2027`."""
    if relative := RELATIVE_DAYS.get((day - today).days):
        return relative
    return date_format(day, "l, M j" if day.year == today.year else "l, M j, Y")
