// What the modules share that act on the rows of the list.

import { $, $$, page } from "./dom.js";
import { enqueue } from "./outbox.js";

export const MAX_TITLE = 200; // characters
export const items = () => $$("#tasks > [data-testid=todo-item]:not([hidden])");
export const titleOf = (li) => $("[data-testid=todo-title]", li)?.textContent.trim() ?? "";
export const length = (text) => [...text.trim()].length; // as the server counts
export const isByHand = () => $("#sort")?.value === "position" && !$("#search")?.value.trim();
export const isComposing = (event) => event.isComposing || event.keyCode === 229; // Safari
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

export function create(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function hiddenInput(name, value) {
  const input = create("input", { type: "hidden", name });
  input.setAttribute("value", value); // so that a reset keeps it
  return input;
}

/** Tell users of screen readers. */
export function announce(text) {
  const region = $("#announcement");
  if (region) region.textContent = text;
}

/** Queue a change of tasks. A value may be a list. */
export function change(act, url, tasks, values) {
  const fields = Object.entries({ next: page(), ...values })
    .flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)]));
  return enqueue({ act, url, tasks, fields });
}

export function changeAll(tasks, action, values = {}) {
  return change("bulk", "/tasks/bulk", tasks, { ids: tasks, action, ...values });
}
