// Puts answers of the server into the page. Each element with an id replaces the one with
// this id. What is open or typed in a row stays. Queued changes learn from answers to changes
// before them: the version of a task, how to undo, and since when all are completed.

import { $, $$, dispatch, row, rowOf, valueOf } from "./dom.js";
import { discard, entries, update } from "./outbox.js";

const OPEN = ".edit-box, .more-of-it"; // parts of a row that a new row keeps
const controls = (li) => $$(".row :is(a, button, input:not([type=hidden]))", li); // they have no ids

/** Swap the elements of an answer. Return those that the page has no place for. */
export function swap(html, headers = {}, kept = ["toast"]) {
  const target = headers["hx-retarget"];
  if (target) return swapInner($(target) ?? $(".edit-page"), html);
  const strangers = [];
  for (const fresh of parse(html)) {
    if (!fresh.id || kept.includes(fresh.id)) continue;
    const old = document.getElementById(fresh.id);
    if (old) swapElement(old, fresh);
    else strangers.push(fresh);
  }
  return strangers;
}

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const element of $$("[hx-swap-oob]", template.content)) element.removeAttribute("hx-swap-oob");
  return [...template.content.children];
}

function swapInner(target, html) {
  if (!target) return parse(html);
  target.innerHTML = html;
  process(target);
  ($("[aria-invalid]", target) ?? $("[name=title]", target))?.focus();
  return [];
}

export function swapElement(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement.id : null;
  if (old.id === "tasks") swapList(old, fresh);
  else if (rowOf(old) === old) swapRow(old, fresh);
  else if (keepsText(old)) return;
  else {
    old.replaceWith(fresh);
    process(fresh);
  }
  if (focused !== null && document.activeElement === document.body) {
    (document.getElementById(focused) ?? $("#tasks > [data-testid]:not([hidden])") ?? $("#title"))?.focus();
  }
}

/** Return whether somebody is writing in the form of this field: then it keeps its version. */
function keepsText(field) {
  const text = field.form && $("textarea", field.form);
  return Boolean(text) && text.value !== text.defaultValue;
}

/** Replace a row but for what is open in it. */
export function swapRow(li, fresh) {
  const focused = document.activeElement;
  const inside = li.contains(focused) && focused !== li && controls(li).indexOf(focused);
  const isEditing = li.hasAttribute("data-editing");
  for (const { name } of [...li.attributes]) li.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) li.setAttribute(name, value);
  li.toggleAttribute("data-editing", isEditing);
  for (const child of [...li.children]) if (!child.matches(OPEN)) child.remove();
  for (const child of [...fresh.children].reverse()) {
    if (!child.matches(OPEN) || !$(`:scope > .${child.classList[0]}`, li)) li.prepend(child);
  }
  process(li);
  if (inside !== false && document.activeElement === document.body) (controls(li)[inside] ?? li).focus();
}

/** Make a list equal to another one. Rows that stay keep what is open, and the focus. */
function swapList(list, fresh) {
  for (const { name } of [...list.attributes]) list.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) list.setAttribute(name, value);
  let next = list.firstElementChild;
  for (const element of [...fresh.children]) {
    const own = element.id && $(`:scope > [id="${element.id}"]`, list);
    if (own) {
      next = place(list, own, next);
      swapRow(own, element);
    } else {
      list.insertBefore(element, next);
      process(element);
    }
  }
  while (next) [next] = [next.nextElementSibling, next.remove()];
}

/** Put a row of the list before `next`. Return what comes after it. */
function place(list, own, next) {
  if (own.contains(document.activeElement)) { // moved, it would lose the focus
    while (next !== own) [next] = [next.nextElementSibling, list.append(next)];
    return own.nextElementSibling;
  }
  if (own === next) return next.nextElementSibling;
  list.insertBefore(own, next);
  return next;
}

function process(element) {
  window.htmx?.process(element);
  dispatch("aido:swapped", { element });
}

// What queued changes learn.

const setField = (entry, name, value) => {
  entry.fields = [...entry.fields.filter(([each]) => each !== name), [name, value]];
  update(entry);
};

// An edit that began before the server knew the task.
document.addEventListener("aido:queued", ({ detail: { entry } }) => {
  const version = row(entry.tasks[0])?.dataset.version;
  if (valueOf(entry, "version") === "" && version) setField(entry, "version", version);
  if (entry.act === "complete-all") learnSince(entry, [$("#tasks")]);
});

document.addEventListener("aido:sent", ({ detail: { entry, html, isLocal } }) => {
  const elements = parse(html);
  for (const later of entries()) {
    if (later.undoes === entry.id) learnUndo(later, elements);
    if (!isLocal) continue;
    if (later.act === "complete-all") learnSince(later, elements);
    for (const li of elements) learnVersion(later, entry, li);
  }
});

function learnUndo(later, elements) {
  const form = elements.map((each) => $("form.toast", each) ?? each).find((each) => each.matches("form.toast"));
  if (!form) return drop(later);
  update(Object.assign(later, { url: form.getAttribute("action"), fields: fieldsOf(form) }));
}

document.addEventListener("aido:refused", ({ detail: { entry, isLocal } }) => {
  for (const later of isLocal ? entries() : []) if (later.undoes === entry.id) drop(later);
});

function drop(entry) {
  discard(entry);
  dispatch("aido:withdrawn", { entry });
}

export const fieldsOf = (form) => $$("input[type=hidden]", form)
  .filter(({ name }) => name && name !== "csrfmiddlewaretoken")
  .map(({ name, value }) => [name, value]);

function learnSince(later, elements) {
  const since = elements.find(({ id }) => id === "tasks")?.dataset.since;
  if (since && !valueOf(later, "completed") && !valueOf(later, "since")) setField(later, "since", since);
}

// A change by the same user makes a new version, which is no conflict. If the title differs,
// someone else changed the task too: then the server has to say so.
function learnVersion(later, entry, li) {
  if (!later.fields.some(([name]) => name === "version")) return;
  if (!later.tasks.some((id) => li.id === `task-${id}`)) return;
  const isOwn = ["add", "edit", "rename"].includes(entry.act) || $(".title", li)?.textContent === later.seen;
  if (isOwn) setField(later, "version", li.dataset.version);
}
