"""Random moves: by hand with the mouse and with keys, and of several rows at once."""

import json
from functools import partial

from playwright.sync_api import Page

from bench.machine import Machine

BY_HAND = "/inbox?sort=position"
IS_BY_HAND = "() => document.querySelector('#sort')?.value === 'position'"
MAX_CHOSEN = 3  # rows
# Where a row can be dropped: nothing covers its middle.
MIDDLES = """() => [...document.querySelectorAll('#tasks > [data-testid]')]
    .map((li) => [li, li.querySelector('.row').getBoundingClientRect()])
    .map(([li, { x, y, width, height }]) => [li, x + width / 2, y + height / 2])
    .filter(([li, x, y]) => li.contains(document.elementFromPoint(x, y)))
    .map(([li, x, y]) => [li.id, x, y])"""
LINK = """(name) => {
  const links = [...document.querySelectorAll("#side .lists a")];
  const link = links.find((each) => each.textContent.includes(name));
  const { x, y, width, height } = link?.getBoundingClientRect() ?? {};
  return link && [x + width / 2, y + height / 2];
}"""
PREVIOUS = """(id) => { const li = document.getElementById(id);
    const all = [...document.querySelectorAll('#tasks > [data-testid]')];
    return all[all.indexOf(li) - 1]?.id; }"""

CHOOSE = """(ids) => {
  const rows = ids.map((id) => document.getElementById(id));
  if (!rows.every((li) => li?.matches("[data-testid]"))) return false;
  for (const li of rows) {
    li.focus();
    li.dispatchEvent(new KeyboardEvent("keydown", { key: "v", bubbles: true }));
  }
  %s;
  document.querySelector("#bulk .close").click();
}"""


def sort_by_hand(machine: Machine, tab: Page) -> bool:
    """Show the order by hand; return whether the tab does."""
    if not tab.evaluate(IS_BY_HAND) and not machine.away:
        tab.goto(machine.site + BY_HAND)
    return tab.evaluate(IS_BY_HAND)


def move_by_key(machine: Machine, tab: Page):
    if not sort_by_hand(machine, tab):
        return False
    script = "if (all.length < 2) return false; li.focus();"
    script += "const key = li === all[0] ? 'ArrowDown' : 'ArrowUp';"
    event = "new KeyboardEvent('keydown', { key, altKey: true, bubbles: true })"
    return machine.change_row(tab, f"{script} li.dispatchEvent({event})", "move")


def drag(machine: Machine, tab: Page):
    """Drag a row behind another one."""
    if not sort_by_hand(machine, tab):
        return False
    rows = tab.evaluate(MIDDLES)
    if len(rows) < 2:
        return False
    moved, target = machine.random.sample(rows, 2)
    if tab.evaluate(PREVIOUS, moved[0]) == target[0]:
        return False  # it is there

    end = [target[1], target[2] + 5]
    by = partial(move_mouse, machine, tab, rows, moved[1:], end)
    return machine.change(tab, "move", by=by)


def move_mouse(
    machine: Machine, tab: Page, rows: list, start: list[float], end: list[float]
):
    """Drag; return False if it did nothing because the rows are elsewhere by now."""
    queued = machine.queued(tab)
    tab.mouse.move(*start)
    tab.mouse.down()
    tab.mouse.move(*end, steps=3)
    tab.mouse.up()
    if machine.queued(tab) == queued and tab.evaluate(MIDDLES) != rows:
        return False
    return None


def drag_to_list(machine: Machine, tab: Page):
    rows, end = tab.evaluate(MIDDLES), tab.evaluate(LINK, machine.LIST)
    if not rows or not end:
        return False
    [_, *start] = machine.random.choice(rows)
    by = partial(move_mouse, machine, tab, rows, start, end)
    return machine.change(tab, "set", by=by)


def change_several(machine: Machine, tab: Page):
    """Choose rows, and change them with the bar."""
    rows = machine.rows(tab)
    if len(rows) < 2:
        return False
    number = machine.random.randint(2, min(len(rows), MAX_CHOSEN))
    chosen = machine.random.sample(rows, number)
    script = CHOOSE % machine.random.choice(BAR)
    return machine.change(tab, "bulk", by=lambda: tab.evaluate(script, chosen))


def press(part: str, button: str) -> str:
    """Return a script that presses a button of the popover that the bar opens."""
    opener, pressed = f"#bulk [data-quick={part}]", f"#quick [data-quick={part}] "
    return "".join(
        f"document.querySelector({json.dumps(selector)}).click();"
        for selector in (opener, pressed + button)
    )


BAR = [
    "document.querySelector('#bulk [name=action]').click()",
    "document.querySelector('#bulk [value=trash]').click()",
    press("date", "[data-days='1']"),
    press("date", "[value='']:not([data-days])"),
    press("priority", "[value='2']"),
    press("list", "[value='']"),
    press("list", "button:not([value=''])"),
]
