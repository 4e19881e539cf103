// The outbox: changes wait here until the server has them. They survive reloads, outages
// and the end of a session, and are sent once, in the order in which they were made.
//
// Events of `document`, with `detail.entry`:
//   aido:queued     a change was made; show it
//   aido:restored   at the start of a page: a change of an earlier page still waits
//   aido:sent       the server has it: detail.html, .headers, .isLocal (this tab sent it)
//   aido:refused    the server refused it: detail.text, .html, .status, .headers
//   aido:withdrawn  undone before it was sent
//   aido:waiting    nothing can be sent now: detail.text, .status (0: no connection)
//
// `submit` events of forms with data-act are queued unless a handler prevents them.

import { address, cookie, dispatch, page, row, uuid7, valueOf } from "./dom.js";
import { exclusively, isLossy, names, owner, read, remove, write } from "./store.js";

const TEMPORARY = new Set([0, 401, 403, 408, 429, 502, 503, 504]);
const MAX_FAILURES = 3; // of an entry that the server answers with another 5xx
const MAX_DELAY = 30_000; // milliseconds
const FULL = "This browser has no space left to keep changes. Stay on this page until they are saved.";
const channel = window.BroadcastChannel ? new BroadcastChannel(`aido:${owner}`) : null;

let current = null; // the entry that this tab sends now
let attempts = 0; // that failed, in a row
let failures = 0; // answers 500 to the first entry
let notBefore = 0; // the server asked to wait until then
let timer;

const done = new Set(); // ids; another tab's removal from the storage is seen later than its message

// An entry: { id, act, url, fields, tasks, page, at, tries, seen }. `fields` has pairs of name
// and value, `tasks` has ids, and `seen` is the title on the page. The oldest is first.
export const entries = () => names("outbox:").map(read).filter((entry) => entry && !done.has(entry.id));
export const update = (entry) => write(`outbox:${entry.id}`, entry);
export function discard(entry) {
  done.add(entry.id);
  remove(`outbox:${entry.id}`);
}

/** Queue { act, url, fields, tasks }, or what a form with data-act would send. Return the entry. */
export function enqueue(change, submitter) {
  const last = names("outbox:").at(-1)?.slice("outbox:".length);
  const made = change instanceof HTMLFormElement ? fromForm(change, submitter) : change;
  const entry = { id: uuid7(last), page: page(), at: Date.now(), tries: 0, tasks: [], ...made };
  const view = document.getElementById("tasks")?.dataset.view;
  for (const [name, value] of [["view", view], ["key", entry.id]]) { // the key: it is done once
    if (value && !entry.fields.some(([each]) => each === name)) entry.fields.push([name, value]);
  }
  entry.seen = row(entry.tasks[0])?.querySelector(".title")?.textContent ?? valueOf(entry, "title");
  if (entry.act === "rename" && entry.seen) entry.fields.push(["was", entry.seen]);
  const isKept = update(entry);
  dispatch("aido:queued", { entry });
  if (!isKept) dispatch("aido:waiting", { entry, text: FULL, status: 507 });
  if (Date.now() >= notBefore) flush();
  return entry;
}

/** Queue a change of tasks. A value may be a list. */
export function change(act, url, tasks, values) {
  const fields = Object.entries({ next: page(), ...values })
    .flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)]));
  return enqueue({ act, url, tasks, fields });
}

export function changeAll(tasks, action, values = {}) {
  return change("bulk", address("tasks/bulk"), tasks, { ids: tasks, action, ...values });
}

function fromForm(form, submitter) {
  const data = new FormData(form, submitter);
  const fields = [...data].filter(([name]) => name !== "csrfmiddlewaretoken");
  const url = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const [, id] = url.match(/\/tasks\/([0-9a-f-]{36})/) ?? [];
  return { act: submitter?.dataset.act ?? form.dataset.act, url, fields, tasks: id ? [id] : [] };
}

document.addEventListener("submit", (event) => {
  const act = event.submitter?.dataset.act ?? event.target.dataset.act;
  if (!act || event.defaultPrevented || !owner) return;
  event.preventDefault();
  enqueue(event.target, event.submitter);
});

/** Remove an entry that the server cannot have yet. Return whether it is gone. */
export async function withdraw(entry) {
  const removeUnsent = (lock) => {
    const stored = read(`outbox:${entry.id}`);
    if (!stored || stored.tries || lock === null) return false;
    discard(entry);
    channel?.postMessage({ outcome: "withdrawn", detail: { entry: stored } });
    dispatch("aido:withdrawn", { entry: stored, isLocal: true });
    return true;
  };
  if (current) return entry.id !== current.id && removeUnsent();
  if (!navigator.locks) return removeUnsent();
  return navigator.locks.request(`aido:${owner}:outbox`, { ifAvailable: true }, removeUnsent);
}

export function flush() {
  clearTimeout(timer);
  return owner && exclusively(sendAll);
}

async function sendAll() {
  for (let entry; (entry = entries()[0]);) {
    current = entry;
    const answer = await send(entry).catch(() => ({ status: 0, text: "", headers: new Headers() }));
    current = null;
    const stored = read(`outbox:${entry.id}`) ?? entry;
    if (TEMPORARY.has(answer.status)) return wait(answer);
    if (answer.status >= 500 && ++failures < MAX_FAILURES) return wait(answer);
    attempts = failures = notBefore = 0;
    discard(entry);
    write("sent", Date.now()); // a page that is being loaded may lack the change
    report(answer.status < 300 || answer.status === 409 && answer.html ? "sent" : "refused", stored, answer);
  }
}

async function send(entry) {
  if (navigator.onLine !== false) update({ ...entry, tries: entry.tries + 1 });
  let response = await post(entry);
  if (response.status === 403) { // a new sign-in changed the token; any page sets the cookie
    await fetch(location.href, { headers: { "HX-Request": "true" } });
    response = await post(entry);
  }
  const text = await response.text();
  const isHtml = response.headers.get("Content-Type")?.startsWith("text/html");
  const { status, headers } = response;
  return { status, headers, text: isHtml ? "" : text, html: isHtml ? text : "" };
}

function post({ url, fields, page }) {
  const headers = {
    "HX-Request": "true",
    "HX-Current-URL": location.origin + page,
    "X-CSRFToken": cookie("csrftoken"),
    "Aido-User": owner, // another user may have signed in in this browser
  };
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), headers });
}

function wait({ status, text, headers }) {
  const asked = 1_000 * Number(headers.get("Retry-After")) || 0;
  const delay = asked || Math.min(MAX_DELAY, 1_000 * 2 ** attempts);
  attempts += 1;
  notBefore = asked && Date.now() + asked;
  timer = setTimeout(flush, delay * (1 + Math.random() / 10));
  dispatch("aido:waiting", { entry: entries()[0], status, text });
}

function report(outcome, entry, { status, headers, text, html }) {
  const detail = { entry, status, text, html, headers: Object.fromEntries(headers) };
  channel?.postMessage({ outcome, detail });
  dispatch(`aido:${outcome}`, { ...detail, isLocal: true });
}

channel?.addEventListener("message", ({ data: { outcome, detail } }) => {
  done.add(detail.entry.id);
  dispatch(`aido:${outcome}`, { ...detail, isLocal: false });
});

/** Send what waits, unless the server asked for time. */
export function retry() {
  if (entries().length && Date.now() >= notBefore) flush();
}

window.addEventListener("online", retry);
window.addEventListener("focus", retry);
document.addEventListener("visibilitychange", () => document.hidden || retry());
window.addEventListener("beforeunload", (event) => {
  if (isLossy()) event.preventDefault();
});
