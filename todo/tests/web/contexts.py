"""Browser contexts that tests use one after the other."""

from collections import defaultdict
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page

from aido.testing.processes import WAIT_TIMEOUT

# What would last in a context that is used again. A page can do most of it instead.
REFUSED = (
    *("add_init_script", "close", "expose_binding", "expose_function"),
    *("grant_permissions", "on", "once", "route", "set_extra_http_headers"),
)


@dataclass
class Entry:
    context: BrowserContext
    options: str
    keeper: Page | None = None  # keeps the renderer running between tests


class Contexts:
    """The contexts of a test, most of which later tests use again.

    A context that stays open keeps the process that renders its pages: to start one
    takes longer than to load a page. Every page is new.
    """

    def __init__(self, browser: Browser, site: str):
        self.browser, self.site = browser, site
        self.in_use: list[Entry] = []
        self.unused: dict[str, list[Entry]] = defaultdict(list)  # by options

    def open(self, url: str, **options) -> BrowserContext:
        """Return a context in which the test has opened nothing yet."""
        unused = self.unused[repr(sorted(options.items()))]
        # Other servers end with their test, and a service worker outlives its page.
        if not url.startswith(self.site) or options["service_workers"] == "allow":
            entry = self._create(options)
        else:
            entry = unused.pop() if unused else self._create_reusable(options)
        self.in_use.append(entry)
        return entry.context

    def close_pages(self) -> None:
        for entry in self.in_use:
            for page in entry.context.pages:
                page.unroute_all(behavior="ignoreErrors")  # of requests in progress
                if page != entry.keeper:
                    page.close()

    def reset(self) -> None:
        """Delete what the test left: contexts, or their cookies and storage."""
        for entry in self.in_use:
            if entry.keeper in entry.context.pages:
                self._empty(entry)
                self.unused[entry.options].append(entry)
            else:
                BrowserContext.close(entry.context)
        self.in_use.clear()

    def _create(self, options: dict) -> Entry:
        context = self.browser.new_context(timezone_id="Asia/Tokyo", **options)
        context.set_default_timeout(WAIT_TIMEOUT * 1000)
        return Entry(context, repr(sorted(options.items())))

    def _create_reusable(self, options: dict) -> Entry:
        entry = self._create(options)
        entry.keeper = entry.context.new_page()
        entry.keeper.goto(f"{self.site}/livez")
        for name in REFUSED:
            setattr(entry.context, name, refuse)
        entry.context.set_offline = lambda offline: set_offline(entry, offline)
        return entry

    def _empty(self, entry: Entry) -> None:
        session = entry.context.new_cdp_session(entry.keeper)
        everything = {"origin": self.site, "storageTypes": "all"}
        session.send("Storage.clearDataForOrigin", everything)
        session.detach()


def refuse(*args, **options):
    raise AssertionError("This would last in the context. Call it on the page.")


def set_offline(entry: Entry, offline: bool) -> None:
    """Set it for the pages of the test; the context is not used again.

    `navigator.onLine` is that of a process. As pages change one after the other, the
    test's page would be online before its network is, if there were another before it.
    """
    entry.keeper.close()
    BrowserContext.set_offline(entry.context, offline)
