// Quick actions: one popover sets the date, priority, list or labels of tasks.

import { $, $$, address, dayFor, isComposing, row, rowOf, taskId, weekday } from "./dom.js";
import { change, changeAll } from "./outbox.js";

const MARGIN = 8; // pixels to the edge of the window
const quick = $("#quick");
let ids = [], opener = null;
let isTyping = false; // in the box with a date: it is complete after each key

export function setValues(tasks, values) {
  if (tasks.length > 1) changeAll(tasks, "set", values);
  else if (tasks.length) change("set", address(`tasks/${tasks[0]}/set`), tasks, values);
}

export const setDay = (tasks, day) => setValues(tasks, { due_date: dayFor(day) });

/** Open a part (date, priority, list, label) for tasks, beside the element that opens it. */
export function openQuick(part, tasks, anchor) {
  if (!quick || !tasks.length) return;
  for (const form of $$("form", quick)) form.hidden = form.dataset.quick !== part;
  const form = $(`form[data-quick=${part}]`, quick);
  [ids, opener] = [tasks, anchor];
  quick.setAttribute("aria-label", form.getAttribute("aria-label"));
  showValues(form, tasks.length === 1 ? row(tasks[0]) : null);
  quick.showPopover();
  place(anchor);
  ($("[aria-pressed=true]:not([value=''], [value='0'])", form) ?? $("button, input:not([type=hidden])", form)).focus();
}

function showValues(form, li) {
  for (const button of $$("button[data-days]", form)) {
    button.value = dayFor(button.dataset.days);
    $("small", button).textContent = weekday(button.value);
  }
  const values = { due_date: li?.dataset.due, priority: li?.dataset.priority, list: li?.dataset.list };
  for (const button of $$("button[name]", form)) {
    if (button.name in values) button.setAttribute("aria-pressed", button.value === values[button.name]);
  }
  const input = $("input:not([type=hidden])", form);
  if (input) input.value = input.type === "date" ? li?.dataset.due ?? "" : "";
}

// Below the anchor, or above it, and inside the window.
function place(anchor) {
  const from = anchor.getBoundingClientRect();
  const { width, height } = quick.getBoundingClientRect();
  const below = Math.min(from.bottom, innerHeight - height - MARGIN);
  const top = from.bottom + height > innerHeight && from.top > height ? from.top - height : below;
  const inside = document.documentElement.clientWidth; // without the scroll bar
  const left = Math.min(from.left, inside - width - MARGIN);
  quick.style.setProperty("--left", `${Math.max(MARGIN, left)}px`);
  quick.style.setProperty("--top", `${Math.max(MARGIN, top)}px`);
}

function close() {
  quick.hidePopover();
  (opener?.isConnected ? opener : row(ids[0]))?.focus();
}

function apply(values) {
  const tasks = ids;
  close();
  if (values.action) changeAll(tasks, values.action, { label: values.label });
  else setValues(tasks, values);
}

// Row and bar: before htmx and rows.js see the click.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".acts [data-quick]");
  if (!link || !quick || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  openQuick(link.dataset.quick, [taskId(rowOf(link))], link);
}, true);

function onSubmit(event) {
  event.preventDefault();
  const { submitter, target } = event;
  const label = $("[name=label]", target)?.value.trim().replace(/^#/, "");
  if (label === "") return $("[name=label]", target).focus();
  apply(label ? { label, action: submitter.value } : { [submitter.name]: submitter.value });
}

function onKeydown(event) {
  if (isComposing(event)) return;
  const isDate = event.target.matches("[type=date]");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  isTyping = isDate && event.key !== " ";
  if (event.key === "Escape") close();
  else if (event.key === "Enter" && isDate) applyDate(event.target);
  else if (step && event.target.matches("button")) focusButton(event.target, step);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Up and Down go through the buttons, as in a menu.
function focusButton(button, step) {
  const all = $$("button", button.form);
  all.at((all.indexOf(button) + step) % all.length).focus();
}

function applyDate(input) {
  if (input.validity.valid) apply({ due_date: input.value });
  else input.reportValidity();
}

if (quick) {
  window.addEventListener("submit", (event) => quick.contains(event.target) && onSubmit(event), true);
  quick.addEventListener("keydown", onKeydown);
  quick.addEventListener("change", ({ target }) => {
    if (target.matches("[type=date]") && !isTyping && target.value) applyDate(target);
  });
}
