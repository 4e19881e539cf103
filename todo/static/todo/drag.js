// Drag a row with the mouse, by its grip with a finger, or with a finger that was held on it.
//
// Events of `document`: aido:dropped with detail { rows, li, previous } or { rows, link }:
// behind which row it goes (undefined: to the top), or on which link of the side bar.

import { chosenRows } from "./choose.js";
import { $, $$, create, dispatch, isByHand, items, rowOf, titleOf } from "./dom.js";
import { dropAct } from "./order.js";

const START_DISTANCE = 6; // pixels
const EDGE = 60; // pixels from the edge of the window where it scrolls
const MAX_SPEED = 14; // pixels a frame
const CONTROLS = "a, button, input, textarea, select, label, .more-of-it, .edit-box";
const MARKS = ["drop", "drop-before", "drop-after"];

let drag = null; // { rows, li, x, y, pointerId }, and once it moves { ghost, at, target }

document.addEventListener("pointerdown", (event) => {
  const li = rowOf(event.target);
  const isModified = event.ctrlKey || event.metaKey || event.shiftKey;
  const isGrip = event.target.closest?.(".grip");
  const isPossible = isGrip || event.pointerType !== "touch" && !event.target.closest(CONTROLS);
  if (!li || event.button || isModified || !isPossible || !isMovable(li)) return;
  arm(li, event);
});

// Not while it is renamed, and not in the trash.
const isMovable = (li) => !li.matches("[data-editing]") && $(".toggle", li);

document.addEventListener("aido:held", ({ target, detail }) => isMovable(target) && arm(target, detail)); // see choose.js

function arm(li, { pointerId, clientX: x, clientY: y }) {
  const chosen = chosenRows();
  drag = { rows: chosen.includes(li) ? chosen : [li], li, x, y, pointerId };
}

document.addEventListener("pointermove", (event) => {
  if (drag?.pointerId !== event.pointerId) return;
  if (!event.buttons) return stop(); // it was released outside of the window
  const distance = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
  if (!drag.ghost && distance < START_DISTANCE) return;
  drag.at = [event.clientX, event.clientY];
  if (!drag.ghost) start();
  follow();
});

function start() {
  const text = drag.rows.length > 1 ? `${drag.rows.length} tasks` : titleOf(drag.li);
  drag.ghost = create("div", { className: "ghost", textContent: text, dir: "auto", ariaHidden: "true" });
  document.body.append(drag.ghost);
  document.body.setPointerCapture(drag.pointerId);
  document.body.classList.add("dragging");
  for (const each of drag.rows) each.classList.add("dragged");
  getSelection().removeAllRanges();
  requestAnimationFrame(scroll);
}

// Show where the row would go: before a row, if the pointer is above the middle of it.
function follow() {
  const [x, y] = drag.at;
  drag.ghost.style.translate = `${x + 12}px ${y + 8}px`;
  unmark();
  const side = document.elementFromPoint(x, y)?.closest("#side a[href], #side");
  if (side?.matches("a") && dropAct(side)) return markTarget(side, "drop", { link: side });
  const li = !side && rowAt(y);
  if (li && !drag.rows.includes(li)) markRow(li, y);
}

// The pointer may be beside the list.
function rowAt(y) {
  const { left, width } = $("#tasks").getBoundingClientRect();
  return rowOf(document.elementFromPoint(left + width / 2, Math.min(y, innerHeight - 1)));
}

function markRow(li, y) {
  const { top, height } = li.getBoundingClientRect();
  const isBefore = y < top + height / 2;
  const previous = isBefore ? items()[items().indexOf(li) - 1] : li;
  const className = isBefore ? "drop-before" : "drop-after";
  markTarget(li, isByHand() && className, { li: drag.li, previous });
}

function markTarget(element, className, target) {
  if (className) element.classList.add(className);
  drag.target = target;
}

function unmark() {
  for (const each of $$(MARKS.map((name) => `.${name}`).join())) each.classList.remove(...MARKS);
  drag.target = null;
}

function scroll() {
  if (!drag?.ghost) return;
  const y = drag.at[1];
  const depth = y < EDGE ? y - EDGE : Math.max(0, y - innerHeight + EDGE);
  if (depth) {
    scrollBy({ top: (depth / EDGE) * MAX_SPEED, behavior: "instant" });
    follow();
  }
  requestAnimationFrame(scroll);
}

document.addEventListener("pointerup", (event) => {
  if (drag?.pointerId !== event.pointerId) return;
  const { rows, target, ghost } = drag;
  stop();
  if (ghost) ignoreNextClick();
  if (target) dispatch("aido:dropped", { rows, ...target });
});

function stop() {
  unmark();
  drag.ghost?.remove();
  document.body.classList.remove("dragging");
  for (const each of drag.rows) each.classList.remove("dragged");
  drag = null;
}

function ignoreNextClick() {
  const ignore = (event) => { event.preventDefault(); event.stopPropagation(); };
  window.addEventListener("click", ignore, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", ignore, true));
}

document.addEventListener("pointercancel", () => drag && stop());
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !drag?.ghost) return;
  event.preventDefault();
  event.stopPropagation();
  stop();
}, true);

// A drag neither scrolls, selects text nor drags a link. Browsers ask before they begin.
if ($("#tasks")) document.addEventListener("touchmove", (event) => drag && event.preventDefault(), { passive: false });
for (const name of ["dragstart", "selectstart"]) {
  document.addEventListener(name, (event) => drag && event.preventDefault());
}
