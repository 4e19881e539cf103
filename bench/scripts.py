"""What `bench.machine` runs in the page."""

from typing import Any

from playwright.sync_api import Error, Page

RECORD = """
for (const name of ["queued", "refused", "withdrawn", "sent"]) {
  document.addEventListener(`aido:${name}`, ({ detail }) => {
    const { entry, isLocal, headers } = detail;
    if (isLocal === false) return;
    const isConflict = name === "sent" && headers["hx-retarget"]; // the form is back
    if (name === "sent" && !isConflict) return;
    const key = `log:${Date.now()}:${String(performance.now()).padStart(20)}:${name}`;
    sessionStorage.tab ??= Math.random();
    const item = [isConflict ? "conflict" : name, entry, sessionStorage.tab];
    localStorage.setItem(key, JSON.stringify(item));
  });
}
"""
READ_LOG = """() => Object.keys(localStorage).filter((key) => key.startsWith("log:"))
    .sort().map((key) => JSON.parse(localStorage.getItem(key)))"""
# Without a row whose change is on its way that removes it.
ROWS = "[...document.querySelectorAll('#tasks > [data-testid]:not([hidden])')]"
RENAME = """
  const event = new MouseEvent("dblclick", { bubbles: true });
  li.querySelector(".what").dispatchEvent(event);
  const box = li.querySelector(".edit");
  box.value = "%s";
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
"""
WORKER_READY = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  const isKept = async () => await caches.match(new URL("/offline", location));
  while (active.state !== "activated" || !await isKept()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""
IS_SAVED = "() => !Object.keys(localStorage).some((key) => key.includes(':outbox:'))"
# Only the last change, which is the one that the machine remembers.
UNDO = """(id) => {
  const name = Object.keys(sessionStorage).find((each) => each.endsWith(":undo"));
  const steps = JSON.parse(sessionStorage.getItem(name) ?? "[]");
  if (steps.at(-1)?.id !== id) return false;
  document.activeElement.blur();
  const keys = { key: "z", ctrlKey: true, bubbles: true };
  document.body.dispatchEvent(new KeyboardEvent("keydown", keys));
  return true;
}"""


def read(tab: Page, script: str) -> Any:
    """Run a script that only reads, again if the page replaced itself meanwhile."""
    try:
        return tab.evaluate(script)
    except Error as error:
        if "context was destroyed" not in error.message:
            raise
        tab.wait_for_load_state()
        return tab.evaluate(script)


def empty_add_box(tab: Page) -> None:
    """Delete what an undo put back there: the page offline stays while it has text."""
    if tab.get_by_role("heading", name="You are offline").is_visible():
        tab.get_by_label("New task").fill("")
