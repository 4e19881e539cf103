// The counts of the page, with the changes that the server does not have yet. Each change
// notes what it does to them, so that they are right after a reload, too.

import { $, $$ } from "./dom.js";

const LEFT = "left"; // in the view; the other keys are the ends of addresses in the side bar
const isOpen = (li) => !li.hidden && !li.classList.contains("completed");

function placesOf({ dataset: { due, list } }) {
  const today = $("#quick")?.dataset.today;
  return ["/", list ? `/lists/${list}` : "/inbox", ...(due && due === today ? ["/today"] : [])];
}

/** Return where the open ones of these rows are counted: key -> number. */
export function countRows(rows, sign = 1, counts = {}) {
  const isTrash = $("#tasks")?.dataset.view === "trash";
  for (const li of rows.filter(isOpen)) {
    for (const key of isTrash ? [] : [LEFT, ...placesOf(li)]) counts[key] = (counts[key] ?? 0) + sign;
  }
  return counts;
}

export function showCounts(entries) {
  const changes = {};
  for (const { counts = {} } of entries) {
    for (const [key, change] of Object.entries(counts)) changes[key] = (changes[key] ?? 0) + change;
  }
  showLeft(changes[LEFT] ?? 0);
  for (const link of $$("#side a[href]")) showSide(link, changes);
}

function showLeft(change) {
  const text = $("#status [data-testid=todo-count]");
  if (!text) return;
  const left = show($("strong", text), change, (number) => number.toLocaleString("en"));
  if (left !== undefined) text.lastChild.textContent = ` item${left === 1 ? "" : "s"} left`;
}

function showSide(link, changes) {
  const number = $(".n:not(.late)", link), { pathname } = new URL(link.href);
  const isRoot = link.pathname === new URL($("#side .brand").href).pathname;
  const key = isRoot ? "/" : Object.keys(changes).find((each) => each !== "/" && pathname.endsWith(each));
  if (number) show(number, changes[key] ?? 0, (count) => count ? count.toLocaleString("en") : "");
}

/** Show a count, changed by a number. Return it, unless it is one such as “1,000+”. */
function show(element, change, toText) {
  element.dataset.base ??= element.textContent.trim().replaceAll(",", "");
  const count = Math.max(0, Number(element.dataset.base) + change);
  if (Number.isNaN(count)) return undefined;
  if (element.textContent !== toText(count)) element.textContent = toText(count);
  return count;
}
