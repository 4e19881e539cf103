// Several rows: choose them by keys, the pointer or touch, and change them at once with the bar.

import { $, $$, announce, create, items, plural, rowOf, taskId, titleOf } from "./dom.js";
import { changeAll } from "./outbox.js";
import { openQuick } from "./quick.js";

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

// Choose with the pointer: Ctrl or Shift and click, touch and hold, then tap.

const HOLD_TIME = 500; // milliseconds
const HOLD_DISTANCE = 10; // pixels
const CONTROLS = "a, button, input, textarea, select, label";
const INSIDE = ".more-of-it, .edit-box"; // what is open in a row

let holding = null; // a finger on a row: { timer, x, y }
let isHeld = false; // long enough

document.addEventListener("click", (event) => {
  const li = rowOf(event.target);
  const isHold = isHeld;
  isHeld = false;
  if (!li || event.target.closest(INSIDE) || !$("#bulk")) return;
  const isModified = event.ctrlKey || event.metaKey || event.shiftKey;
  const isTap = event.pointerType === "touch" && isChoosing() && !event.target.closest(".toggle");
  if (!isHold && !isTap && !(isModified && !event.target.closest(CONTROLS))) return;
  event.preventDefault();
  event.stopPropagation();
  if (isHold) return; // the row is chosen already
  if (event.shiftKey) chooseTo(li);
  else choose(li);
  li.focus();
}, true);

// Shift and click would select text.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && rowOf(event.target) && !event.target.closest(`${CONTROLS}, ${INSIDE}`)) event.preventDefault();
});

document.addEventListener("pointerdown", (event) => {
  const li = rowOf(event.target);
  stopHolding();
  isHeld = false;
  if (event.pointerType !== "touch" || !li || event.target.closest(`a, input, .grip, ${INSIDE}`)) return;
  holding = { x: event.clientX, y: event.clientY, timer: setTimeout(() => hold(li, event), HOLD_TIME) };
});

// The finger may move on then: order.js drags the row.
function hold(li, { pointerId, clientX, clientY }) {
  if (!$("#bulk")) return;
  isHeld = true;
  choose(li, true);
  navigator.vibrate?.(10);
  li.dispatchEvent(new CustomEvent("aido:held", { bubbles: true, detail: { pointerId, clientX, clientY } }));
}

function stopHolding() {
  clearTimeout(holding?.timer);
  holding = null;
}

document.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (holding && Math.hypot(clientX - holding.x, clientY - holding.y) > HOLD_DISTANCE) stopHolding();
});
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, stopHolding);

document.addEventListener("contextmenu", (event) => {
  if (isHeld && rowOf(event.target)) event.preventDefault();
});
