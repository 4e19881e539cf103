// Enhances the pages. Links and forms work without it. Loads htmx when something needs it.

import { flush } from "./outbox.js";
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
import { $, create, failureText, renewToken, rowOf, showMessage } from "./dom.js";

document.addEventListener("submit", ({ target }) => renewToken(target), true);

const zone = $("[name=time_zone][type=hidden]");
if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;

// What is read by htmx needs the server, so htmx is loaded by the first event that it is for.

const READS = ".search, .more a";
const missed = new Map(); // row or element with attributes of htmx: event
const isModified = (event) => event.ctrlKey || event.metaKey || event.shiftKey;
let loading = null; // of reads.js

function loadReads() {
  const url = document.body.dataset.htmx; // reads.js waits for it
  if (!loading) document.head.append(create("link", { rel: "preload", as: "script", href: url }));
  loading ??= import("./reads.js");
  loading.then((reads) => reads.start(missed)).catch(() => {
    loading = null;
    if (missed.size) showMessage(failureText());
    for (const each of missed.keys()) if (!each.matches(READS)) missed.delete(each);
  });
}

// A list that could not be read is read when somebody comes back, as in reads.js.
for (const name of ["online", "focus"]) window.addEventListener(name, () => missed.size && loadReads());

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

showUnsent();
flush();
if ($(".edit-page")) import("./details.js");
observeMore();
