"""Random edits in the details of a task: saved, or left and taken up again."""

from playwright.sync_api import Locator, Page, expect

from bench.machine import Machine

HAS_FORM_OR_IS_GONE = """(id) => {
  const li = document.getElementById(id);
  return !li?.matches("[data-testid]") || li.querySelector(".edit-form");
}"""
OPEN_ROWS = """() => [...document.querySelectorAll(".edit-form")]
    .map((form) => form.closest("#tasks > li").id)"""


def open_form(machine: Machine, tab: Page, row: str) -> Locator | None:
    """Open the details of a row; return the form, or None if it cannot open."""
    machine.opened, form = row, tab.locator(f"#{row} .edit-form")
    if tab.locator(f"#{row}[data-version='']").count():
        return None  # the server does not know it yet
    if not form.count():
        tab.locator(f"#{row} .details").dispatch_event("click")
    tab.wait_for_function(HAS_FORM_OR_IS_GONE, arg=row)
    return form if form.count() else None


def type_title(machine: Machine, tab: Page) -> tuple[str, Locator] | None:
    """Type into the details of a random row; return it with the form."""
    rows = machine.rows(tab)
    if machine.away or not rows:
        return None
    row = machine.random.choice(rows)
    form = open_form(machine, tab, row)
    if not form:
        return None
    machine.number += 1
    machine.drafts[row] = f"edit {machine.number}"
    form.locator("[name=title]").fill(machine.drafts[row])
    type_more(machine, form)
    return row, form


def type_more(machine: Machine, form: Locator) -> None:
    if machine.random.random() < 0.5:
        button = form.get_by_role("button", name="Edit description")
        if button.count():
            button.dispatch_event("click")
        form.locator("[name=description]").fill(f"description {machine.number}")
    if machine.random.random() < 0.5:
        day = machine.random.randint(10, 28)
        form.locator("[name=due_date]").fill(f"2030-01-{day}")


def type_and_stay(machine: Machine, tab: Page):
    return None if type_title(machine, tab) else False


def type_and_close(machine: Machine, tab: Page):
    """Type into the details and press Escape, which queues nothing."""
    typed = type_title(machine, tab)
    if not typed:
        return False
    before = machine.queued(tab)
    typed[1].locator("[name=title]").press("Escape")
    expect(typed[1]).to_have_count(0)
    assert machine.queued(tab) == before
    return None


def type_and_save(machine: Machine, tab: Page):
    typed = type_title(machine, tab)
    return save_form(machine, tab, *typed) if typed else False


def save(machine: Machine, tab: Page):
    """Save details that are open, in any network."""
    rows = [
        row for row in machine.rows(tab) if tab.locator(f"#{row} .edit-form").count()
    ]
    if not rows:
        return False
    row = machine.random.choice(rows)
    return save_form(machine, tab, row, tab.locator(f"#{row} .edit-form"))


def save_form(machine: Machine, tab: Page, row: str, form: Locator) -> None:
    title = form.locator("[name=title]").input_value()
    button = form.get_by_role("button", name="Save")
    machine.change(tab, "edit", by=lambda: button.dispatch_event("click"))
    assert dict(machine.queued(tab)[-1]["fields"])["title"] == title
    machine.drafts.pop(row, None)


def take_up_draft(machine: Machine, tab: Page):
    """Open details that were left, find what was typed, and save it."""
    rows = [row for row in machine.rows(tab) if row in machine.drafts]
    if machine.away or not rows:
        return False
    row = machine.random.choice(rows)
    form = open_form(machine, tab, row)
    if not form:
        return False
    expect(form.locator("[name=title]")).to_have_value(machine.drafts[row])
    return save_form(machine, tab, row, form)
