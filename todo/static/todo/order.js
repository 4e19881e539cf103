// Order by hand: where a row goes that was dragged or is moved by keys, to other lists too.

import { chooseNone } from "./choose.js";
import { $, address, announce, isByHand, items, plural, row, showMessage, taskId, titleOf, valueOf } from "./dom.js";
import { effects } from "./effects.js";
import { change, changeAll } from "./outbox.js";
import { setDay, setValues } from "./quick.js";

const NOT_BY_HAND = "Choose the order “By hand” to move tasks.";
const UUID_LENGTH = 36; // of a list; /lists/new is none
const NOWHERE = "Tasks can be moved in the inbox and in lists, in the order “By hand”.";

function mayMove() {
  if (isByHand()) return true;
  showMessage($("#sort [value=position]") ? NOT_BY_HAND : NOWHERE);
  return false;
}

const previousOf = (li) => items()[items().indexOf(li) - 1];

/** Move a row up (-1) or down (1). */
export function moveByKey(li, step) {
  const others = items().filter((each) => each !== li);
  const index = items().indexOf(li) + step;
  if (index < 0 || index > others.length || !mayMove()) return;
  move([li], others[index - 1]);
}

// Move rows behind another one, or to the top. acts.js shows them there.
function move(rows, previous) {
  const ids = rows.map(taskId), [id] = ids, after = previous ? taskId(previous) : "";
  if (ids.length > 1) change("move", address("tasks/bulk"), ids, { ids, action: "move", after });
  else change("move", address(`tasks/${id}/move`), ids, { after });
  const moved = row(id);
  if (!moved) return;
  moved.focus({ preventScroll: true });
  moved.scrollIntoView({ block: "nearest" });
  const text = ids.length > 1 ? `${plural(ids.length, "task")} from` : `${titleOf(moved)}:`;
  announce(`${text} place ${items().indexOf(moved) + 1} of ${items().length}.`);
}

function moveAll(rows, li, previous) {
  while (rows.includes(previous)) previous = previousOf(previous);
  if (rows.length === 1 && previous === previousOf(li)) return;
  chooseNone();
  move(rows, previous);
}

/** Return what a link of the side bar does with tasks that are dropped on it, if anything. */
export function dropAct(link) {
  const route = decodeURIComponent(new URL(link.href).pathname).slice(address("").length);
  const [, view, name] = route.match(/^(\w*)\/?(.*)$/);
  return {
    inbox: (tasks) => setValues(tasks, { list: "" }),
    today: (tasks) => setDay(tasks, "0"),
    trash: (tasks) => changeAll(tasks, "trash"),
    lists: name.length === UUID_LENGTH && ((tasks) => setValues(tasks, { list: name })),
    labels: (tasks) => changeAll(tasks, "label", { label: name }),
  }[view];
}

function dropOn(link, tasks) {
  chooseNone();
  dropAct(link)(tasks);
}

document.addEventListener("aido:dropped", ({ detail: { rows, li, previous, link } }) => {
  if (link) dropOn(link, rows.map(taskId));
  else if (mayMove()) moveAll(rows, li, previous);
});

// What a move shows at once. Its rows are put back if it is refused or withdrawn.

const places = new Map(); // by entry, where its rows were before

// Several rows move one after the other, each behind the one before it.
effects.move = (li, entry) => {
  const index = entry.tasks.indexOf(taskId(li)), target = valueOf(entry, "after");
  if (target && !row(target)) return;
  const after = entry.tasks[index - 1] ?? target, previous = after && row(after);
  if (!places.has(entry.id)) places.set(entry.id, new Map());
  const former = places.get(entry.id);
  if (!former.has(li.id)) former.set(li.id, li.previousElementSibling);
  const hadFocus = li.contains(document.activeElement) ? document.activeElement : null;
  if (previous) previous.after(li);
  else $("#tasks > [data-testid]").before(li);
  hadFocus?.focus({ preventScroll: true });
};

for (const name of ["aido:refused", "aido:withdrawn"]) {
  document.addEventListener(name, ({ detail: { entry } }) => {
    for (const [id, previous] of [...places.get(entry.id) ?? []].reverse()) {
      const li = document.getElementById(id);
      if (li && previous?.isConnected) previous.after(li);
      else if (li) $("#tasks").prepend(li);
    }
    places.delete(entry.id);
  });
}
document.addEventListener("aido:sent", ({ detail: { entry } }) => places.delete(entry.id));
