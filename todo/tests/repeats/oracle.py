"""The dates of a rule from a walk through the calendar, day by day."""

from datetime import date, timedelta
from itertools import groupby

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
DAY = timedelta(days=1)
HORIZON = timedelta(days=18_263)  # 50 years


class Oracle:
    """The meaning of a rule, in terms of single days and their periods."""

    def __init__(self, rule, due):
        parts = dict(part.split("=") for part in rule.split(";"))
        self.freq, self.due = parts["FREQ"], due
        self.interval = int(parts.get("INTERVAL", 1))
        self.count = int(parts.get("COUNT", 0))
        self.until = date.fromisoformat(parts.get("UNTIL", "99991231"))
        self.horizon = due + HORIZON
        lists = {name: value.split(",") for name, value in parts.items()}
        self.months = [int(month) for month in lists.get("BYMONTH", [])]
        self.month_days = [int(day) for day in lists.get("BYMONTHDAY", [])]
        self.positions = [int(position) for position in lists.get("BYSETPOS", [])]
        self.numbers = {name: set() for name in WEEKDAYS}
        for day in lists.get("BYDAY", []):
            self.numbers[day[-2:]].add(int(day[:-2] or 0))
        self.nth_of_month = self.freq == "MONTHLY" or bool(self.months)
        if "BYDAY" not in parts and "BYMONTHDAY" not in parts:
            self.imply_parts()
        self.has_weekdays = any(self.numbers.values())

    def imply_parts(self):
        if self.freq == "WEEKLY":
            self.numbers[WEEKDAYS[self.due.weekday()]].add(0)
        if self.freq in ("MONTHLY", "YEARLY"):
            self.month_days = [self.due.day]
        if self.freq == "YEARLY":
            self.months = self.months or [self.due.month]

    def period(self, day):
        """Return the number of periods from that of the due date to that of the day."""
        if self.freq == "DAILY":
            return (day - self.due).days
        if self.freq == "WEEKLY":
            return (day - (self.due - DAY * self.due.weekday())).days // 7
        years = day.year - self.due.year
        return (
            years if self.freq == "YEARLY" else years * 12 + day.month - self.due.month
        )

    def matches(self, day):
        return (
            (not self.months or day.month in self.months)
            and (not self.month_days or self.is_month_day(day))
            and (not self.has_weekdays or self.is_weekday(day))
        )

    def is_month_day(self, day):
        end = day
        while (end + DAY).month == day.month:
            end += DAY
        return any(
            day.day == number
            or (day == end and number > end.day)
            or (number < 0 and day == end + DAY * (number + 1))
            for number in self.month_days
        )

    def is_weekday(self, day):
        numbers = self.numbers[WEEKDAYS[day.weekday()]]
        return 0 in numbers or any(self.is_nth(day, number) for number in numbers)

    def is_nth(self, day, number):
        """Return whether n - 1 such weekdays come before the day (after it: n < 0)."""
        step = 7 * DAY if number > 0 else -7 * DAY
        first = day - step * (abs(number) - 1)
        return self.is_same(first, day) and not self.is_same(first - step, day)

    def is_same(self, day, other):
        same_month = day.month == other.month or not self.nth_of_month
        return day.year == other.year and same_month

    def dates(self):
        """Return the due date and all later ones, as far as the horizon."""
        start = date(self.due.year, 1, 1) - 7 * DAY
        days = (start + DAY * number for number in range(HORIZON.days + 800))
        found = [self.due]
        for period, members in groupby(days, self.period):
            if period % self.interval == 0:
                found += self.select([day for day in members if self.matches(day)])
        end = min(self.horizon, self.until)
        later = [day for day in found if self.due < day <= end]
        return [self.due, *later][: self.count or None]

    def select(self, days):
        positions = {p - 1 if p > 0 else len(days) + p for p in self.positions}
        return [
            day for index, day in enumerate(days) if index in positions or not positions
        ]
