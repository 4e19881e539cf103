// A row: rename its task in place, open and close its details.

import { $, address, create, isComposing, row, rowOf, showMessage, taskId, valueOf } from "./dom.js";
import { change } from "./outbox.js";

const CLICK_DELAY = 220; // milliseconds in which a second click means to rename
const NOT_SAVED_YET = "This task is not saved yet. Its details can be opened once it is.";
const CONTROLS = "a, button, input, textarea, select, label, summary, .more-of-it, .edit-box";

let opening, isTouch = false;

// Rename.

export function edit(li, text) {
  if (!li || li.hasAttribute("data-editing") || !$(".toggle", li)) return;
  clearTimeout(opening);
  const title = $("[data-testid=todo-title]", li).textContent;
  const input = create("textarea", { name: "title", className: "edit", enterKeyHint: "done", dir: "auto" });
  Object.assign(input, { rows: title.split("\n").length, defaultValue: title, value: text ?? title });
  input.setAttribute("aria-label", "Edit");
  input.dataset.version = li.dataset.version ?? "";
  li.setAttribute("data-editing", "");
  li.append(create("form", { id: `rename-${taskId(li)}`, className: "edit-box" }, input));
  input.focus();
  input.select();
}

function leave(li) {
  const hadFocus = li.contains(document.activeElement);
  const form = $(".edit-box", li);
  form.dataset.left = "yes"; // removing it blurs it
  form.remove();
  li.removeAttribute("data-editing");
  if (hadFocus) li.focus();
}

// Looking changes nothing: only a text that differs is saved.
function save(form) {
  const li = rowOf(form);
  const input = $(".edit", form);
  if (!li || form.dataset.left) return;
  leave(li);
  if (input.value.trim() === input.defaultValue.trim()) return;
  const { value: title, dataset: { version } } = input;
  change("rename", address(`tasks/${taskId(li)}/rename`), [taskId(li)], { title, version });
}

// Another change of the task is no conflict, if its title is still the one that is edited.
function keepVersion(li) {
  const input = $(".edit", li);
  const title = $("[data-testid=todo-title]", li)?.textContent;
  if (input?.defaultValue === title) input.dataset.version = li.dataset.version;
}

// What the server refuses is typed again.
document.addEventListener("aido:refused", ({ detail: { entry, headers } }) => {
  const li = entry.act === "rename" && row(entry.tasks[0]);
  if (!li) return;
  if (headers.version) li.dataset.version = headers.version;
  edit(li, valueOf(entry, "title"));
  const box = $(".edit-box", li);
  if (box) box.dataset.refused = "yes"; // saved again with Enter only
});

document.addEventListener("dblclick", ({ target }) => {
  if (!target.closest?.(CONTROLS)) edit(rowOf(target));
});

document.addEventListener("blur", ({ target }) => {
  if (!target.matches?.(".edit") || !document.hasFocus()) return;
  const { left, refused } = target.form.dataset, li = rowOf(target); // null if it is removed
  if (refused && !left && li) leave(li);
  else save(target.form);
}, true);

// Details.

const panel = (li) => $(".more-of-it", li);
export const isOpen = (li) => Boolean(li && panel(li)?.firstElementChild);

export function toggle(li) {
  if (!li) return;
  if (isOpen(li)) close(li);
  else $(".details", li)?.click();
}

export function close(li) {
  panel(li).replaceChildren();
  showState(li);
  li.focus();
}

// A row that the server answers with has the classes that it gives.
document.addEventListener("aido:swapped", ({ detail: { element } }) => {
  if (rowOf(element) !== element) return;
  showState(element);
  keepVersion(element);
});

function showState(li) {
  li.classList.toggle("open", isOpen(li));
  $(".details", li)?.setAttribute("aria-expanded", isOpen(li));
}

// Saved: the details close at once.
document.addEventListener("aido:queued", ({ detail: { entry } }) => {
  const li = entry.act === "edit" && row(entry.tasks[0]);
  if (isOpen(li)) close(li);
});

document.addEventListener("pointerdown", ({ pointerType }) => { isTouch = pointerType === "touch"; }, true);

// A tap opens at once; a click waits for the second one of a double click.
document.addEventListener("click", (event) => {
  const li = rowOf(event.target);
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!li || event.defaultPrevented || !isPlain || event.target.closest(CONTROLS)) return;
  clearTimeout(opening);
  if (event.detail > 1 || !getSelection().isCollapsed) return;
  if (isTouch) toggle(li);
  else opening = setTimeout(() => toggle(li), CLICK_DELAY);
});

// The link that opened the details, and Cancel, close them. Before htmx sees the click.
document.addEventListener("click", (event) => {
  const li = rowOf(event.target);
  const isControl = event.target.closest?.(".cancel") ?? event.target.closest?.(".details");
  const isNew = li?.dataset.version === ""; // the server does not have it yet
  if (!isControl || !isNew && (!isOpen(li) || event.ctrlKey || event.metaKey || event.shiftKey)) return;
  event.preventDefault();
  event.stopPropagation();
  if (isNew) showMessage(NOT_SAVED_YET);
  else close(li);
}, true);

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (!target.matches(".more-of-it") || !target.firstElementChild) return;
  const li = rowOf(target);
  showState(li);
  showDescription(target);
  if (isTouch) focusWithoutKeyboard(target);
  else $("[name=title]", target)?.focus();
});

function focusWithoutKeyboard(element) {
  element.tabIndex = -1;
  element.focus();
}

// A description is read more often than written: the box is behind a button, unless it has
// a draft or the form has errors.
function showDescription(root) {
  const notes = $(".notes", root);
  const box = $("[name=description]", root);
  const field = box?.closest("div");
  if (!notes?.textContent.trim() || !field || $(".errorlist, .draft", root)) return;
  const button = create("button", { type: "button", className: "link edit-notes", textContent: "Edit description" });
  button.addEventListener("click", () => {
    button.remove();
    notes.hidden = true;
    field.hidden = false;
    box.focus();
  });
  field.hidden = true;
  field.before(button);
}

// Keys.

document.addEventListener("keydown", (event) => {
  if (isComposing(event) || event.defaultPrevented) return;
  const action = findAction(event, rowOf(event.target));
  if (!action) return;
  event.preventDefault();
  action();
});

function findAction({ key, target }, li) {
  const isEscape = key === "Escape";
  if (target.matches?.(".edit")) return isEscape ? () => leave(li) : key === "Enter" && (() => save(target.form));
  if (isEscape) return isOpen(li) && (() => close(li));
  return key === "Enter" && target === li && (() => toggle(li));
}

if ($("main > .edit-form, main .edit-page")) showDescription(document);
