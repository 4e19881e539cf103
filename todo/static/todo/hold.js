// Choose rows with the pointer: Ctrl or Shift and click, touch and hold, then tap.

import { choose, chooseTo, isChoosing } from "./choose.js";
import { $, rowOf } from "./dom.js";

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
