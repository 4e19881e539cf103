// Undo: the button in the toast and Ctrl+Z take back the changes of the last minute, the
// newest first. A change that is not sent yet is withdrawn. The server undoes the others.

import { $, address, create, isComposing, page, showMessage } from "./dom.js";
import { enqueue, entries, withdraw } from "./outbox.js";
import { owner } from "./store.js";
import { fieldsOf, parse } from "./swap.js";

const MINUTE = 60_000, MAX_STEPS = 20;
const KEY = `aido:${owner}:undo`; // of sessionStorage: a link leads to another page
const TEXTS = {
  complete: "Completed.", reopen: "Active again.", trash: "Moved to the trash.", restore: "Restored.",
  rename: "Renamed.", set: "Changed.", move: "Moved.", "complete-all": "Changed.", "clear-completed": "Moved to the trash.",
  bulk: "Changed.", add: "Added.", paste: "Added.",
};
let place = null; // where the last change was made: Undo is next in the tab order

const load = () => {
  try {
    const steps = JSON.parse(sessionStorage.getItem(KEY)) ?? [];
    return steps.filter(({ at }) => at > Date.now() - MINUTE);
  } catch {
    return [];
  }
};

function save(steps) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(steps.slice(-MAX_STEPS)));
  } catch { /* without space the server's page still has an Undo button */ }
}

// In the order in which they were made: an answer may come after the next change.
const saveStep = (step) => save([...load().filter(({ id }) => id !== step.id), step].sort((a, b) => (a.id < b.id ? -1 : 1)));
const removeStep = (id) => save(load().filter((step) => step.id !== id));

document.addEventListener("aido:before", ({ detail: { entry, before } }) => {
  if (entry.act === "tick") forget(entry.tasks[0]);
  if (!TEXTS[entry.act]) return showMessage("");
  saveStep({ id: entry.id, at: entry.at, text: TEXTS[entry.act], before, tasks: entry.tasks, page: entry.page });
  showToast(TEXTS[entry.act]);
});

// A box is cleared by another click. To undo an edit before it would take back the tick too.
const forget = (id) => save(load().filter(({ tasks }) => !tasks.includes(id)));
const isTicked = (id) => entries().some(({ act, tasks }) => act === "tick" && tasks.includes(id));

/** Show the toast of a change on the next page too. */
export function keepToast(id) {
  const step = load().find((each) => each.id === id);
  if (step) saveStep({ ...step, isKept: true });
}

const kept = load().find(({ isKept }) => isKept);
if (kept) {
  saveStep({ ...kept, isKept: false });
  showToast(kept.text);
}

document.addEventListener("aido:shown", () => { place = document.activeElement; });

function showToast(text, link) {
  const undo = create("button", { type: "button", className: "undo", textContent: "Undo" });
  $("#toast").replaceChildren(`${text} `, ...(link ? [link, " "] : []), undo, closeButton());
}

function closeButton() {
  const button = create("button", { type: "button", className: "icon close" });
  button.setAttribute("aria-label", "Close");
  return button;
}

document.addEventListener("aido:sent", ({ detail: { entry, html, isLocal } }) => {
  const toast = parse(html).find(({ id }) => id === "toast");
  if (!toast || !isLocal && entry.page !== page()) return;
  const form = $("form.toast", toast), link = $("a", toast);
  const text = ($(".text", toast) ?? toast).textContent.trim();
  const newest = load().at(-1);
  if (form && !isTicked(entry.tasks[0])) {
    const step = load().find(({ id }) => id === entry.id) ?? { id: entry.id, at: entry.at, before: [], tasks: entry.tasks };
    if (!entries().some(({ undoes }) => undoes === entry.id)) {
      saveStep({ ...step, text, url: form.getAttribute("action"), fields: fieldsOf(form) });
    }
    if (!newest || newest.id <= entry.id) showToast(text, link);
  } else {
    removeStep(entry.id);
    if (text || newest?.id === entry.id) showMessage(text);
  }
});

document.addEventListener("aido:refused", ({ detail: { entry } }) => removeStep(entry.id));

/** Undo the newest change. Return false if there is none. */
export function undo() {
  const step = load().at(-1);
  if (!step) return false;
  removeStep(step.id);
  undoStep(step);
  return true;
}

async function undoStep(step) {
  const { id, before, tasks } = step;
  const unsent = entries().find((entry) => entry.id === id);
  if (unsent && await withdraw(unsent)) return showMessage("Undone.");
  const { url, fields } = load().find((each) => each.id === id && each.url) ?? step; // answered meanwhile
  removeStep(id);
  // Without a URL, the answer that says how to undo it is on its way.
  const undoes = url ? undefined : id;
  enqueue({ act: "undo", url: url ?? address("tasks/undo"), fields: fields ?? [], of: id, undoes, tasks, before });
}

document.addEventListener("aido:before", ({ detail: { entry } }) => {
  if (entry.act === "undo") showMessage("Undone.");
});

// The toast of a page, which the server made.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.toast")) return;
  event.preventDefault();
  const form = event.target;
  enqueue({ act: "undo", url: form.getAttribute("action"), fields: fieldsOf(form), tasks: [] });
}, true);

document.addEventListener("click", ({ target }) => {
  if (target.closest("#toast > .undo")) {
    undo();
    (place?.isConnected ? place : $("#title"))?.focus();
  }
  if (target.closest("#toast .close")) close();
});

function close() {
  const inside = $("#toast").contains(document.activeElement);
  $("#toast").replaceChildren();
  if (inside) (place?.isConnected ? place : $("#title"))?.focus();
}

document.addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  if (event.key === "Tab") return tab(event);
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z";
  if (isUndo && !hasText(event.target) && undo()) event.preventDefault();
});

/** Return whether the browser has something to undo in this input. */
const hasText = (input) => input.matches("input:not([type=checkbox]), textarea, select, [contenteditable]") && input.value !== "";

function tab(event) {
  const buttons = [...$("#toast").querySelectorAll("button")];
  if (!buttons.length || !place?.isConnected) return;
  const target = document.activeElement;
  const next = event.shiftKey
    ? target === buttons[0] && place
    : target === place ? buttons[0] : target === buttons.at(-1) && place;
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (next === place && !event.shiftKey) place = null; // Tab leads on from there
}
