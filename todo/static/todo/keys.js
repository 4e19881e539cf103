// Keyboard shortcuts. The help that lists them is a template.

import { choose, chooseAll, chooseNone, chooseTo, idsFor, isChoosing } from "./choose.js";
import { $, address, isComposing, items, rowOf } from "./dom.js";
import { moveByKey } from "./order.js";
import { openQuick, setDay, setValues } from "./quick.js";
import { edit, toggle } from "./rows.js";
import { undo } from "./undo.js";

const SEQUENCE_TIME = 1500; // milliseconds between "g" and the view
const VIEWS = { i: "inbox", t: "today", u: "upcoming", a: "", c: "completed" };
const TEXT_BOXES = "input:not([type=checkbox]), textarea, select";

const setPriority = (priority) => (li) => setValues(idsFor(li), { priority });
const open = (part) => (li) => openQuick(part, idsFor(li), li ?? $("#bulk button"));

// Letters, digits and signs, outside of text boxes. They can be turned off.
const CHARACTERS = {
  n: () => $("#title")?.focus(),
  "/": () => $("#search")?.focus(),
  "?": () => $("#help")?.togglePopover(),
  j: (li) => step(li, 1),
  k: (li) => step(li, -1),
  J: (li) => extend(li, 1),
  K: (li) => extend(li, -1),
  v: (li) => choose(li),
  x: complete,
  e: (li) => edit(li),
  o: (li) => toggle(li),
  t: (li) => setDay(idsFor(li), "0"),
  d: open("date"),
  l: open("list"),
  p: open("priority"),
  1: setPriority(1),
  2: setPriority(2),
  3: setPriority(3),
  0: setPriority(0),
  "#": trash,
  z: () => undo(),
};

// Other keys: they work while a row has the focus.
const NAMED = {
  ArrowDown: (li) => step(li, 1),
  ArrowUp: (li) => step(li, -1),
  "Shift+ArrowDown": (li) => extend(li, 1),
  "Shift+ArrowUp": (li) => extend(li, -1),
  "Alt+ArrowDown": (li) => moveByKey(li, 1),
  "Alt+ArrowUp": (li) => moveByKey(li, -1),
  "Ctrl+a": chooseAll,
  " ": (li) => choose(li),
  Delete: trash,
};

function step(li, direction) {
  const all = items();
  const next = li ? all[all.indexOf(li) + direction] : all.at(direction > 0 ? 0 : -1);
  (next ?? li)?.focus();
}

function extend(li, direction) {
  if (!li) return step(li, direction);
  if (!isChoosing()) choose(li, true);
  step(li, direction);
  chooseTo(rowOf(document.activeElement));
}

function complete(li) {
  if (isChoosing()) $("#bulk button").click();
  else if (li) $(".toggle", li)?.click();
}

function trash(li) {
  if (isChoosing()) return $("#bulk [value=trash]:not([hidden])")?.click();
  const button = li && $(".destroy", li);
  if (!button) return;
  step(li, li === items().at(-1) ? -1 : 1);
  button.click();
}

let goUntil = 0; // the next letter names a view

function goTo(key) {
  const isView = Date.now() < goUntil && Object.hasOwn(VIEWS, key);
  goUntil = key === "g" ? Date.now() + SEQUENCE_TIME : 0;
  if (key === "g") return () => {};
  return isView && (() => $(`#side a[href="${address(VIEWS[key])}"]:not(.brand)`)?.click());
}

function nameOf(event) {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (event.getModifierState("AltGraph")) return key; // "#" on some keyboards
  const isNamed = key.length > 1 || key === " ";
  return [(ctrlKey || metaKey) && "Ctrl", altKey && "Alt", shiftKey && isNamed && "Shift", key].filter(Boolean).join("+");
}

function findAction(event) {
  const name = nameOf(event), li = rowOf(event.target);
  const isOnRow = li && (event.target === li || name.startsWith("Alt+"));
  if (isOnRow && Object.hasOwn(NAMED, name)) return NAMED[name];
  if (document.body.dataset.shortcuts === "off") return null;
  return goTo(name) || (Object.hasOwn(CHARACTERS, name) ? CHARACTERS[name] : null);
}

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (isComposing(event) || event.defaultPrevented || !$("#tasks")) return;
  if (target.closest("#quick, #help, dialog") || event.key !== "Escape" && target.matches(TEXT_BOXES)) return;
  if (event.key === "Escape") return leave();
  const action = findAction(event);
  if (!action) return;
  event.preventDefault();
  action(rowOf(target));
});

function leave() {
  if (isChoosing()) chooseNone();
  else document.activeElement?.blur();
}
