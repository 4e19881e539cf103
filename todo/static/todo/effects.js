// What each act does to a row, as far as the browser can tell.
// Other modules may add to `effects`: name of the act -> (row, entry) => void.

import { $, $$, row } from "./dom.js";
import { swapRow } from "./swap.js";

const WITHOUT_COMPLETED = new Set(["open", "inbox", "today", "upcoming", "list", "label"]);
const view = () => $("#tasks")?.dataset.view;
const value = (entry, name) => entry.fields.find(([each]) => each === name)?.[1];

export const effects = {
  complete: (li) => WITHOUT_COMPLETED.has(view()) ? leave(li) : mark(li, true),
  reopen: (li) => view() === "completed" ? leave(li) : mark(li, false),
  trash: leave,
  restore: (li) => view() === "trash" && leave(li),
  delete: leave,
  rename: (li, entry) => value(entry, "title").trim() ? retitle(li, entry) : leave(li),
  edit: retitle,
  add,
  move,
  bulk: (li, entry) => effects[value(entry, "action")]?.(li, entry),
  set,
  "complete-all": (li, entry) => effects[value(entry, "completed") ? "complete" : "reopen"](li),
  "clear-completed": leave,
  undo: (li, entry) => {
    const html = entry.before?.find(([id]) => id === li.id)?.[1];
    if (!html) return;
    const template = document.createElement("template");
    template.innerHTML = html;
    swapRow(li, template.content.firstElementChild);
  },
};

/** Take a row out of the list, but keep its place. */
function leave(li) {
  const place = document.createElement("li");
  Object.assign(place, { id: li.id, hidden: true });
  swapRow(li, place);
}

function mark(li, completed) {
  li.classList.toggle("completed", completed);
  const box = $(".toggle", li);
  if (box) box.checked = completed;
  const form = $("form.row", li);
  const [from, to] = completed ? ["complete", "reopen"] : ["reopen", "complete"];
  if (form?.dataset.act !== from) return;
  form.dataset.act = to;
  form.setAttribute("action", form.getAttribute("action").replace(new RegExp(`${from}$`), to));
}

function retitle(li, entry) {
  const title = $(".title", li), text = value(entry, "title")?.trim();
  if (title && text) title.textContent = text;
}

function set(li, entry) {
  for (const name of ["priority", "due_date", "list"]) {
    const given = value(entry, name);
    if (given !== undefined) li.dataset[name.replace("_date", "")] = given;
  }
  const priority = value(entry, "priority");
  if (priority === undefined) return;
  for (const each of ["1", "2", "3"]) li.classList.toggle(`p${each}`, each === priority);
}

function move(li, entry) {
  const after = value(entry, "after"), list = value(entry, "list");
  if (list !== undefined) li.dataset.list = list;
  if (after === undefined) return;
  const index = entry.tasks.indexOf(li.id.slice("task-".length)); // each after the one before it
  const previous = row(index > 0 ? entry.tasks[index - 1] : after);
  if (previous) previous.after(li);
  else if (after === "") $("#tasks > [data-testid]")?.before(li);
}

function add(entry) {
  const template = $("#new-row"), list = $("#tasks"), [id] = entry.tasks ?? [];
  if (!id || !template || !list || row(id)) return;
  const place = document.createElement("template");
  place.innerHTML = template.innerHTML.replaceAll("NEW", id);
  const li = place.content.firstElementChild;
  const title = value(entry, "title");
  $(".title", li).textContent = title;
  for (const control of $$("[aria-label]", li)) control.ariaLabel = `${control.ariaLabel.trim()} ${title}`;
  set(li, entry);
  list[$("#sort")?.value === "-created_at" ? "prepend" : "append"](li);
}
