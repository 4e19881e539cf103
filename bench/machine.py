"""Someone who does random acts in a browser, for `bench.acts`."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Browser, Page, TimeoutError, expect

from bench import scripts
from bench.expected import Expected, differences

CHECK_INTERVAL = 25  # acts
TRACE_LENGTH = 40  # acts
PASSWORD = "correct horse battery"


class Machine:
    """Someone who uses aido in a hurry, and on a bad network."""

    LIST = "Home"

    def __init__(
        self,
        browser: Browser,
        site: str,
        email: str,
        seed: int,
        read_tasks: Callable[[], list[dict]],
        stop_database: Callable[[], None],
        start_database: Callable[[], None],
    ):
        self.site, self.email, self.random = site, email, random.Random(seed)
        self.read_tasks = read_tasks
        self.stop_database, self.start_database = stop_database, start_database
        self.context = browser.new_context()
        self.context.add_init_script(scripts.RECORD)
        self.done: Counter[str] = Counter()
        self.errors: list[str] = []  # of scripts
        self.away = ""  # offline, database or signed out
        self.trace: list[str] = []  # of acts
        self.number = 0
        self.drafts: dict[str, str] = {}  # of details: the title that was typed, by row
        self.opened = ""  # the row whose details this act has opened
        self.last_change = ""
        self.last_tab: Page | None = None  # the one in which the last change was made
        self.tabs = [self.new_tab()]

    def new_tab(self) -> Page:
        tab = self.context.new_page()
        tab.on("dialog", lambda dialog: dialog.accept())
        tab.on("pageerror", lambda error: self.errors.append(error.stack))
        return tab

    def prepare(self) -> None:
        """Add a list, and wait for the page that is shown offline."""
        [tab] = self.tabs
        tab.goto(f"{self.site}/lists/new")
        tab.get_by_label("Name").fill(self.LIST)
        tab.get_by_role("button", name="Save").click()
        tab.goto(self.site)
        tab.evaluate(scripts.WORKER_READY)

    def run(self, seconds: float, acts: list[Callable]) -> None:
        try:
            self.do(seconds, acts)
        except BaseException:
            print(*self.trace[-TRACE_LENGTH:], sep="\n")
            raise

    def do(self, seconds: float, acts: list[Callable]) -> None:
        stop_at = time.monotonic() + seconds
        while time.monotonic() < stop_at:
            act = self.random.choice(acts)
            tab = self.random.choice(self.tabs)
            self.trace.append(f"{self.tabs.index(tab)} {act.__name__} {self.away}")
            self.opened = ""
            try:
                has_acted = act(self, tab) is not False
            except TimeoutError:  # right, if another tab has deleted the row meanwhile
                has_acted = False
                row = self.opened and tab.locator(f"#{self.opened}[data-testid]")
                if not row or row.count():
                    raise
            if has_acted:
                self.done[act.__name__] += 1
                if not self.done.total() % CHECK_INTERVAL:
                    self.check()
        self.check()

    # Changes: each queues one.

    def change(self, tab: Page, *acts: str, by: Callable[[], object]):
        """Queue one of these acts. Return False if `by` does, which did nothing."""
        before = len(self.queued(tab))
        if by() is False:
            return False
        queued = self.queued(tab)[before:]
        is_queued = [each["act"] in acts for each in queued] == [True]
        assert is_queued, (acts, queued, tab.url, tab.inner_text("main"), self.errors)
        self.last_tab, self.last_change = tab, queued[0]["id"]
        return None

    def add(self, tab: Page) -> None:
        self.number += 1
        box = tab.get_by_label("New task")
        box.fill(f"task {self.number}")
        self.change(tab, "add", by=lambda: box.press("Enter"))

    def rows(self, tab: Page) -> list[str]:
        return scripts.read(tab, f"() => {scripts.ROWS}.map(({{ id }}) => id)")

    def on_row(self, tab: Page, script: str) -> bool:
        """Run a script with a random row, `li`; return whether there is one."""
        call = f"(at) => {{ const all = {scripts.ROWS};"
        call += " const li = all[at % all.length];"
        call += f" if (!li) return false; {script}; return true; }}"
        return tab.evaluate(call, self.random.randrange(10**6))

    def change_row(self, tab: Page, script: str, *acts: str):
        return self.change(tab, *acts, by=lambda: self.on_row(tab, script))

    def tick(self, tab: Page):
        script = "li.querySelector('.toggle').click()"
        return self.change_row(tab, script, "complete", "reopen")

    def delete(self, tab: Page):
        return self.change_row(tab, "li.querySelector('.destroy').click()", "trash")

    def rename(self, tab: Page):
        """Type a title in one go: another tab could take the row away meanwhile."""
        self.number += 1
        return self.change_row(tab, scripts.RENAME % f"task {self.number}", "rename")

    def set_priority(self, tab: Page):
        event = f"{{ key: '{self.random.randrange(4)}', bubbles: true }}"
        script = f"li.focus(); li.dispatchEvent(new KeyboardEvent('keydown', {event}))"
        return self.change_row(tab, script, "set")

    def complete_all(self, tab: Page):
        box = tab.get_by_label("Mark all as complete")
        if self.random.random() < 0.8 or not box.is_visible() or box.is_checked():
            return False
        return self.change(tab, "complete-all", by=lambda: box.dispatch_event("click"))

    def undo(self, tab: Page):
        """Undo the last change, unless another one of another tab came after it."""
        if tab is not self.last_tab:
            return False
        log = len(tab.evaluate(scripts.READ_LOG))
        if not tab.evaluate(scripts.UNDO, self.last_change):
            return False
        self.last_tab = None
        tab.wait_for_function(f"() => ({scripts.READ_LOG})().length > {log}")
        return None

    # What happens around them.

    def reload(self, tab: Page):
        if self.away:
            return False
        tab.reload()
        return None

    def follow_link(self, tab: Page):
        if self.away:
            return False
        tab.get_by_role("link", name="Inbox").or_(
            tab.get_by_role("link", name="Everything")
        ).first.click()
        tab.goto(self.site)
        return None

    def type_and_leave(self, tab: Page):
        """Type into the add box, reload, and find the text there."""
        if self.away:
            return False
        box = tab.get_by_label("New task")
        box.fill("half a")
        tab.reload()
        expect(box).to_have_value("half a")
        box.fill("")
        return None

    def open_or_close_tab(self, tab: Page):
        if len(self.tabs) == 2:
            self.tabs.remove(tab)
            tab.close()
        elif self.away:
            return False
        else:
            self.tabs.append(self.new_tab())
            self.tabs[-1].goto(self.site)
        return None

    def go_away(self, tab: Page):
        """Lose the network, the database or the session."""
        if self.away:
            return False
        self.away = self.random.choice(["offline", "database", "signed out"])
        if self.away == "offline":
            self.context.set_offline(True)
        elif self.away == "database":
            self.stop_database()
        else:
            self.context.clear_cookies(name="sessionid")
        return None

    def open_offline_page(self, tab: Page):
        """Load a page offline; tasks can be added there."""
        if self.away != "offline":
            return False
        tab.goto(self.site)
        expect(tab.get_by_role("heading", name="You are offline")).to_be_visible()
        return self.add(tab)

    def come_back(self, tab: Page | None = None):
        if not self.away:
            return False
        if self.away == "offline":
            self.context.set_offline(False)
            for each in self.tabs:  # the page that is shown offline is replaced
                scripts.empty_add_box(each)
                expect(each.locator("#tasks")).to_be_attached()
                each.wait_for_load_state()
        elif self.away == "database":
            self.start_database()
        else:
            self.sign_in()
        self.away = ""
        return None

    def sign_in(self) -> None:
        tab = self.new_tab()
        tab.goto(f"{self.site}/accounts/login/")
        tab.get_by_label("Email").fill(self.email)
        tab.get_by_label("Password", exact=True).fill(PASSWORD)
        tab.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(tab.get_by_label("New task")).to_be_visible()
        tab.close()

    def sign_out_and_in(self, tab: Page):
        if self.away:
            return False
        tab.get_by_role("button", name="Sign out").click()
        sign_in = tab.get_by_role("main").get_by_role("button", name="Sign in")
        sign_out = tab.get_by_role("dialog").get_by_role("button", name="Sign out")
        expect(sign_in.or_(sign_out)).to_be_visible()
        if sign_out.is_visible():  # changes are not sent yet
            sign_out.click()
        expect(sign_in).to_be_visible()
        self.sign_in()
        tab.goto(self.site)
        return None

    # What must hold.

    def queued(self, tab: Page) -> list[dict]:
        """Return what was queued in this tab."""
        own = scripts.read(tab, "sessionStorage.tab")
        log = scripts.read(tab, scripts.READ_LOG)
        return [entry for name, entry, at in log if name == "queued" and at == own]

    def check(self) -> None:
        """Wait until everything is sent, and compare the database with the changes."""
        self.come_back()
        for tab in self.tabs:
            tab.evaluate("window.dispatchEvent(new Event('focus'))")
        deadline = time.monotonic() + 120
        while not all(tab.evaluate(scripts.IS_SAVED) for tab in self.tabs):
            assert time.monotonic() < deadline, "changes are not sent"
            with suppress(Exception):
                self.tabs[0].evaluate(
                    "document.querySelector('#outbox .send')?.click()"
                )
            self.tabs[0].wait_for_timeout(200)
        log = self.tabs[0].evaluate(scripts.READ_LOG)
        undone = {entry["id"] for name, entry, _ in log if name != "queued"}
        changes = [
            entry
            for name, entry, _ in log
            if name == "queued" and entry["id"] not in undone
        ]
        changes.sort(key=lambda entry: entry["id"])  # the order they are sent in
        actual = {task["id"]: task for task in self.read_tasks()}
        created = {pk: task.pop("created") for pk, task in actual.items()}
        expected = Expected(changes, created)
        is_right = actual == expected.tasks
        assert is_right, differences(actual, expected.tasks, log)
        assert not self.errors, self.errors
        self.tabs[0].goto(f"{self.site}/inbox?sort=position")
        shown = self.rows(self.tabs[0])
        assert shown == [f"task-{pk}" for pk in expected.inbox()][: len(shown)]
        self.tabs[0].goto(self.site)
        assert {*self.rows(self.tabs[0])} <= {f"task-{pk}" for pk in expected.tasks}
