// Several rows: choose them, and change them at once with the bar.

import { $, $$, taskId } from "./dom.js";
import { openQuick } from "./quick.js";
import { announce, changeAll, create, items, plural, titleOf } from "./tasks.js";

const NAMES = { complete: "Complete", reopen: "Reopen", restore: "Restore" };
const chosen = new Set(); // ids of rows
let anchor = null; // the id of the row from which Shift extends

export const chosenRows = () => items().filter((li) => chosen.has(li.id));
export const isChoosing = () => chosen.size > 0;

/** Return the ids of the chosen tasks, or of this one if none is chosen. */
export const idsFor = (li) => (chosen.size ? chosenRows() : [li].filter(Boolean)).map(taskId);

export function choose(li, isChosen = !chosen.has(li?.id)) {
  if (!li || !$("#bulk")) return;
  chosen[isChosen ? "add" : "delete"](li.id);
  anchor = li.id;
  show(`${isChosen ? "Chosen" : "Not chosen"}: ${titleOf(li)}.`);
}

export function chooseTo(li) {
  const all = items();
  const from = all.findIndex(({ id }) => id === anchor);
  const to = all.indexOf(li);
  if (from < 0) return choose(li, true);
  chosen.clear();
  for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) chosen.add(each.id);
  show();
}

export function chooseAll() {
  for (const { id } of items()) chosen.add(id);
  show();
}

export function chooseNone() {
  if (!chosen.size) return;
  const row = document.getElementById(anchor) ?? chosenRows()[0];
  const hadFocus = $("#bulk").contains(document.activeElement);
  chosen.clear();
  show("No task is chosen.");
  if (hadFocus) (row ?? $("#title"))?.focus();
}

function show(text = "") {
  refresh();
  announce(`${text} ${chosen.size ? `${plural(chosen.size, "task")} chosen.` : ""}`.trim());
}

// Rows are replaced when the server answers, and leave the list.
function refresh() {
  const all = items();
  for (const id of chosen) if (!all.some((li) => li.id === id)) chosen.delete(id);
  for (const li of all) mark(li, chosen.has(li.id));
  document.body.classList.toggle("choosing", chosen.size > 0);
  showBar();
}

function mark(li, isChosen) {
  if (li.classList.contains("chosen") === isChosen && Boolean($(".chosen-text", li)) === isChosen) return;
  li.classList.toggle("chosen", isChosen);
  $(".chosen-text", li)?.remove();
  if (isChosen) $(".what", li).prepend(create("span", { className: "sr chosen-text", textContent: "Chosen: " }));
}

function showBar() {
  const bar = $("#bulk");
  bar.hidden = !chosen.size;
  setText($(".count b", bar), `${chosen.size}`);
  if (!chosen.size) return;
  const isTrash = $("#tasks").dataset.view === "trash";
  const isCompleted = chosenRows().every((li) => li.classList.contains("completed"));
  const [first, ...others] = $$("button:not(.close)", bar);
  first.value = isTrash ? "restore" : isCompleted ? "reopen" : "complete";
  setText($("span", first), NAMES[first.value]);
  for (const button of others) button.hidden = isTrash;
}

// Only if it differs: the observer below calls `refresh` again.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function applyToChosen(action, values) {
  const tasks = chosenRows().map(taskId);
  if (!tasks.length) return;
  chooseNone();
  changeAll(tasks, action, values);
}

// The bar. It is one stop for Tab; the arrow keys go through its buttons.

function onBarKey(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = $$("button:not([hidden])", event.currentTarget);
  focusOnly(all.at((all.indexOf(event.target) + step) % all.length), all);
}

function focusOnly(button, all) {
  for (const each of all) each.tabIndex = each === button ? 0 : -1;
  button.focus();
}

function onBarClick({ target }) {
  const button = target.closest("button");
  if (button?.matches(".close")) chooseNone();
  else if (button?.dataset.quick) openQuick(button.dataset.quick, chosenRows().map(taskId), button);
}

const bar = $("#bulk");
if (bar) {
  $$("button", bar).forEach((button, index) => { button.tabIndex = index ? -1 : 0; });
  bar.addEventListener("click", onBarClick);
  bar.addEventListener("keydown", onBarKey);
  window.addEventListener("submit", (event) => {
    if (event.target !== bar) return;
    event.preventDefault();
    applyToChosen(event.submitter.value);
  }, true);
  new MutationObserver(() => chosen.size && refresh()).observe($("#main"), { childList: true, subtree: true });
}
