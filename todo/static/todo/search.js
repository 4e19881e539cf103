// Reads of the list: search, order, "More". One that failed is sent again when somebody
// comes back to this tab. The list is read after the changes on their way, which it would
// not show, and again when another tab has changed it.

import { $, $$, cookie, dispatch, showMessage } from "./dom.js";
import { entries } from "./outbox.js";
import { owner } from "./store.js";

let pending = null; // the search form or a link "More"
let sentAt = 0, lastSent = 0;

document.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRFToken"] = cookie("csrftoken");
  detail.headers["Aido-User"] = owner;
});

const isRead = (element) => element.matches(".search, .more a");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches(".search") && entries().length && navigator.onLine !== false) {
    event.preventDefault();
    pending = event.target;
  }
  sentAt = lastSent;
});

document.addEventListener("htmx:afterRequest", ({ target, detail: { successful } }) => {
  if (!isRead(target)) return;
  if (!successful) pending ??= target;
  else if (target.matches(".search")) {
    pending = sentAt === lastSent ? null : target;
    retry();
  }
});

document.addEventListener("aido:queued", () => { lastSent += 1; });
document.addEventListener("aido:sent", retry);
document.addEventListener("aido:refused", retry);
document.addEventListener("aido:withdrawn", retry);
document.addEventListener("aido:waiting", () => { if (pending?.matches(".search")) read(); });
window.addEventListener("focus", retry);

function retry() {
  if (!entries().length) read();
}

function read() {
  const element = pending;
  pending = null;
  if (element?.isConnected) window.htmx.trigger(element, "retry");
}

// The list as it is now: rows that a change brought back, or that another page changed.
document.addEventListener("aido:stale", () => {
  const form = $(".search");
  if (!form) return;
  pending ??= form;
  retry();
});

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail: { xhr } }) => {
    const isText = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
    showMessage(isText ? xhr.responseText : "That did not work. Try again in a few seconds.", xhr.status);
  });
}

// "More" may bring rows that were added since.
document.addEventListener("htmx:afterSettle", () => {
  for (const li of $$("#tasks > li[id]")) {
    const [first, second] = $$(`[id="${li.id}"]`);
    if (second) first.remove();
  }
  dispatch("aido:shown");
});

// A page that the browser kept in memory may be old, or of a user who has signed out.
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.body.hidden = true;
  location.reload();
});
