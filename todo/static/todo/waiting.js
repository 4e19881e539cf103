// Changes that the server does not have yet: their share of the counts, and the notice that
// they wait and why. Asks before somebody signs out with them.

import { $, $$, create, plural, renewToken, row, showMessage } from "./dom.js";
import { entries, flush } from "./outbox.js";

const SIGN_OUT = "form[action$='/logout/']";
const SIGN_OUT_TIME = 2_000; // milliseconds in which changes may be saved before asking
const LEFT = "left"; // in the view; the other keys are the ends of addresses in the side bar
const NOT_FOR_OUTBOX = new Set([401, 507]); // these are said in the toast

let reason = null; // why nothing can be sent now

document.addEventListener("aido:waiting", ({ detail: { text, status } }) => {
  document.body.classList.toggle("offline", status === 0);
  const isSaid = NOT_FOR_OUTBOX.has(status);
  reason = isSaid ? "" : text;
  showWaiting();
  if (text && isSaid) showMessage(text, status);
});

document.addEventListener("aido:shown", showWaiting);

document.addEventListener("aido:sent", () => {
  showWaiting();
  reason = null;
  document.body.classList.remove("offline");
});

function showWaiting() {
  const waiting = entries();
  if (!waiting.length) return say("");
  if (reason === null) return;
  for (const { tasks } of waiting) for (const id of tasks) row(id)?.classList.add("waiting");
  say(`${plural(waiting.length, "change")} ${waiting.length === 1 ? "is" : "are"} waiting to be sent. ${reason}`.trim());
}

function say(text) {
  const box = $("#outbox");
  if (!box || $(".text", box).textContent === text) return;
  box.hidden = !text;
  $(".text", box).textContent = text;
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("#outbox .send")) flush();
});

// Another user may sign in next. The changes stay in this browser for the one who made them.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(SIGN_OUT) || !entries().length || event.defaultPrevented) return;
  event.preventDefault();
  signOut();
});

async function signOut() {
  const giveUpAt = Date.now() + SIGN_OUT_TIME;
  flush();
  while (entries().length && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 50));
  if (entries().length && ($(".ask") || !await confirmSignOut(entries().length))) return;
  const form = $(SIGN_OUT); // an answer may have replaced it
  renewToken(form);
  form.submit();
}

/** Ask in a dialog. Return whether the answer is to sign out. */
function confirmSignOut(number) {
  const dialog = create("dialog", { className: "ask" });
  const changes = number === 1 ? "1 change is not sent yet. It stays" : `${number} changes are not sent yet. They stay`;
  dialog.innerHTML = `<h2 id="ask-title">Sign out?</h2><p>${changes} in this browser until you sign in again.</p>
    <form method="dialog" class="actions"><button value="yes">Sign out</button><button class="second" autofocus>Stay</button></form>`;
  dialog.setAttribute("aria-labelledby", "ask-title");
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(dialog.returnValue === "yes");
  }));
}

// Counts. Each change notes what it does to them, so that they are right after a reload, too.

const isOpen = (li) => !li.hidden && !li.classList.contains("completed");

function placesOf({ dataset: { due, list } }) {
  const today = $("#quick")?.dataset.today;
  return ["/", list ? `/lists/${list}` : "/inbox", ...(due && due === today ? ["/today"] : [])];
}

/** Return where the open ones of these rows are counted: key -> number. */
export function countRows(rows, sign = 1, counts = {}) {
  const isTrash = $("#tasks")?.dataset.view === "trash";
  for (const li of rows.filter(isOpen)) {
    for (const key of isTrash ? [] : [LEFT, ...placesOf(li)]) counts[key] = (counts[key] ?? 0) + sign;
  }
  return counts;
}

export function showCounts(entries) {
  const changes = {};
  for (const { counts = {} } of entries) {
    for (const [key, change] of Object.entries(counts)) changes[key] = (changes[key] ?? 0) + change;
  }
  showLeft(changes[LEFT] ?? 0);
  for (const link of $$("#side a[href]")) showSide(link, changes);
}

function showLeft(change) {
  const text = $("#status [data-testid=todo-count]");
  if (!text) return;
  const left = show($("strong", text), change, (number) => number.toLocaleString("en"));
  if (left !== undefined) text.lastChild.textContent = ` item${left === 1 ? "" : "s"} left`;
}

function showSide(link, changes) {
  const number = $(".n:not(.late)", link), { pathname } = new URL(link.href);
  const isRoot = link.pathname === new URL($("#side .brand").href).pathname;
  const key = isRoot ? "/" : Object.keys(changes).find((each) => each !== "/" && pathname.endsWith(each));
  if (number) show(number, changes[key] ?? 0, (count) => count ? count.toLocaleString("en") : "");
}

/** Show a count, changed by a number. Return it, unless it is one such as “1,000+”. */
function show(element, change, toText) {
  element.dataset.base ??= element.textContent.trim().replaceAll(",", "");
  const count = Math.max(0, Number(element.dataset.base) + change);
  if (Number.isNaN(count)) return undefined;
  if (element.textContent !== toText(count)) element.textContent = toText(count);
  return count;
}
