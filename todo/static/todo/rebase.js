// What queued changes learn from the answer to one before them: the version of a task, how
// to undo, and since when all are completed.

import { $, $$, dispatch, row } from "./dom.js";
import { discard, entries, update } from "./outbox.js";
import { parse } from "./swap.js";

const valueOf = (entry, name) => entry.fields.find(([each]) => each === name)?.[1];
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
  const isOwn = entry.act === "rename" || entry.act === "add" || $(".title", li)?.textContent === later.seen;
  if (isOwn) setField(later, "version", li.dataset.version);
}
