// Reads by htmx: details, search, order, "More". Loaded with htmx by the first event that it is
// for. A read that failed is sent again when somebody comes back to this tab. A search waits for
// the changes on their way, which its answer would not show, unless they cannot be sent.

import { $, $$, cookie, create, dispatch, failureText, showMessage } from "./dom.js";
import { entries } from "./outbox.js";
import { parsePage } from "./refresh.js";
import { owner } from "./store.js";
import { swapElement } from "./swap.js";

const LINKS = ["filters", "print", "completed"]; // with the search and the order

let loading = null; // of htmx
let pending = null; // the search form or a link "More"
let changes = 0, changesBefore = 0;
let isWaiting = $("#outbox")?.hidden === false; // changes cannot be sent now

/** Load htmx, and give it the events that it missed: row or element -> the last one. */
export async function start(missed) {
  loading ??= load().finally(() => { loading = null; });
  await loading;
  replay(missed);
}

async function load() {
  // Between "DOMContentLoaded" and "load", htmx would not start.
  if (document.readyState !== "complete") await new Promise((resolve) => window.addEventListener("load", resolve));
  const script = create("script", { src: document.body.dataset.htmx });
  document.head.append(script);
  await new Promise((resolve, reject) => Object.assign(script, { onload: resolve, onerror: reject }));
}

function replay(missed) {
  for (const [element, { type, target }] of missed) {
    if (type === "click") (element.matches("a") ? element : $(".details", element))?.click();
    else if (element.matches(".search")) window.htmx.trigger(element, "retry");
    else window.htmx.trigger(target, type);
  }
  missed.clear();
}

const isRead = (element) => element.matches(".search, .more a");

document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  // The hx-get of a row is empty, so that the row has the address once.
  if (target.matches(".details")) detail.path = target.getAttribute("href");
  Object.assign(detail.headers, { "X-CSRFToken": cookie("csrftoken"), "Aido-User": owner });
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches(".search") && entries().length && !isWaiting) {
    event.preventDefault();
    pending = event.target;
  }
  changesBefore = changes;
});

document.addEventListener("htmx:afterRequest", ({ target, detail: { successful } }) => {
  if (!isRead(target)) return;
  if (!successful) pending ??= target;
  else if (target.matches(".search")) {
    pending = changes === changesBefore ? null : target;
    retry();
  }
});

// Rows that stay keep what is open in them.
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (target.id !== "tasks" || !detail.shouldSwap) return;
  const parts = parsePage(detail.serverResponse, LINKS);
  if (!parts.tasks) return;
  detail.shouldSwap = false;
  history.replaceState(history.state, "", detail.pathInfo.finalRequestPath);
  for (const [id, fresh] of Object.entries(parts)) if (fresh) swapElement(document.getElementById(id), fresh);
  dispatch("aido:read", { isWhole: true });
});

// "More" may bring rows that were added since.
document.addEventListener("htmx:afterSettle", () => {
  for (const li of $$("#tasks > li[id]")) {
    const [first, second] = $$(`[id="${li.id}"]`);
    if (second) first.remove();
  }
  dispatch("aido:read", { isWhole: false });
});

document.addEventListener("aido:queued", () => { changes += 1; });
document.addEventListener("aido:waiting", () => {
  isWaiting = true;
  if (pending?.matches(".search")) readPending();
});
for (const outcome of ["sent", "refused", "withdrawn"]) {
  document.addEventListener(`aido:${outcome}`, () => { isWaiting = false; retry(); });
}
window.addEventListener("focus", retry);

function retry() {
  if (!entries().length || isWaiting) readPending();
}

function readPending() {
  const element = pending;
  pending = null;
  if (element?.isConnected) window.htmx.trigger(element, "retry");
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail: { xhr } }) => {
    const isText = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
    showMessage(isText ? xhr.responseText : failureText(), xhr.status);
  });
}
