// The counts of the page, with the changes that are not sent yet.

import { $ } from "./dom.js";

const CHANGES = { // of the number of open tasks, by the state of the row before
  complete: (isOpen) => -isOpen,
  reopen: (isOpen) => 1 - isOpen,
  trash: (isOpen) => -isOpen,
  restore: (isOpen) => isOpen,
  add: () => 1,
};
const byEntry = new Map(); // entry id: change of the number of open tasks

document.addEventListener("aido:before", ({ detail: { entry, before } }) => {
  const find = CHANGES[actOf(entry)];
  const rows = entry.act === "add" ? [["", ""]] : before;
  const isOpen = (html) => Number(!/^<li[^>]*class="[^"]*\bcompleted\b/.test(html) && !/^<li[^>]* hidden/.test(html));
  byEntry.set(entry.id, find ? rows.reduce((sum, [, html]) => sum + find(isOpen(html)), 0) : 0);
});

function actOf({ act, fields }) {
  const value = (name) => fields.find(([each]) => each === name)?.[1];
  if (act === "bulk") return value("action");
  if (act === "complete-all") return value("completed") ? "complete" : "reopen";
  return act;
}

export function showCounts(entries) {
  const status = $("#status"), text = $("#status [data-testid=todo-count]");
  if (!text) return;
  status.dataset.base ??= $("strong", text).textContent.replaceAll(",", "");
  const changes = entries.reduce((sum, { id }) => sum + (byEntry.get(id) ?? 0), 0);
  const left = Math.max(0, Number(status.dataset.base) + changes);
  if (Number.isNaN(left)) return; // “1,000+”
  $("strong", text).textContent = left.toLocaleString("en");
  text.lastChild.textContent = ` item${left === 1 ? "" : "s"} left`;
}
