// Enhances the pages. Links and forms work without it. Loads htmx when something first needs
// it. On the page that the service worker shows offline, what is added waits for the network.

import { flush, entries } from "./outbox.js";
import { showUnsent } from "./acts.js";
import "./undo.js";
import "./refresh.js";
import "./drafts.js";
import "./add.js";
import "./rows.js";
import "./quick.js";
import "./choose.js";
import "./drag.js";
import "./order.js";
import "./keys.js";
import { $, create, dispatch, FAILED, renewToken, rowOf, showMessage, valueOf } from "./dom.js";
import { owner } from "./store.js";

const RETRY_INTERVAL = 10_000; // milliseconds
const VERBS = {
  add: "Add", complete: "Complete", reopen: "Reopen", trash: "Delete", restore: "Restore", rename: "Rename",
  edit: "Change", set: "Change", move: "Move", bulk: "Change", tick: "Tick in", undo: "Undo",
  "complete-all": "Mark all", "clear-completed": "Clear completed",
};
const list = $("#waiting"); // of the page that is shown offline

document.addEventListener("submit", ({ target }) => renewToken(target), true);

const zone = $("[name=time_zone][type=hidden]");
if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;

// What is read by htmx needs the server, so htmx is loaded by the first event that it is for.

const missed = new Map(); // row or element with attributes of htmx: event
const isModified = (event) => event.ctrlKey || event.metaKey || event.shiftKey;

function loadReads() {
  import("./reads.js").then((reads) => reads.start(missed)).catch(() => {
    if (missed.size) showMessage(FAILED);
    missed.clear();
  });
}

for (const name of ["pointerdown", "focusin", "click", "input", "change", "toggle"]) {
  window.addEventListener(name, (event) => {
    const element = event.target.closest?.(name === "click" ? "a[hx-get]" : "[hx-get], [hx-post]");
    if (window.htmx || !element || isModified(event)) return;
    if (name === "click") {
      event.preventDefault();
      event.stopPropagation();
    }
    if (!["pointerdown", "focusin"].includes(name)) missed.set(rowOf(element) ?? element, event);
    loadReads();
  }, true);
}

// "More" is read when it comes into view.
const more = new IntersectionObserver((changes) => changes.some((each) => each.isIntersecting) && loadReads());
document.addEventListener("aido:swapped", observeMore);

function observeMore() {
  const link = !window.htmx && $("#tasks > .more");
  if (link) more.observe(link);
}

if (window.isSecureContext && navigator.serviceWorker) {
  const script = $("script[type=module]").src;
  navigator.serviceWorker.register(new URL("../../sw.js", script)).catch(() => {});
  navigator.serviceWorker.ready.then(({ active }) => active.postMessage({ script }));
}

function describe(entry) {
  const title = entry.act === "add" ? valueOf(entry, "title") : entry.seen;
  return [VERBS[entry.act] ?? "Change", title && `“${title}”`].filter(Boolean).join(" ");
}

function showWaiting() {
  const items = entries().map((entry) => create("li", { textContent: describe(entry), dir: "auto" }));
  list.replaceChildren(...items);
  $("#nothing-waits").hidden = items.length > 0;
}

async function leaveWhenOnline() {
  const response = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (response && response.status < 500 && !$("#title")?.value) location.reload();
}

showUnsent();
flush();
if ($(".edit-page")) import("./details.js");
observeMore();

if (list) {
  $("#new").hidden = !owner;
  document.addEventListener("aido:shown", showWaiting);
  document.addEventListener("aido:sent", () => entries().length || leaveWhenOnline());
  window.addEventListener("online", leaveWhenOnline);
  setInterval(leaveWhenOnline, RETRY_INTERVAL);
  dispatch("aido:shown");
}
