// Shows each change at once, before the server has it, and takes it back if it is refused.
// `confirmed` has the rows as the server knows them; queued changes are shown on top.

import { $, $$, dispatch, page, row, showMessage } from "./dom.js";
import { effects } from "./effects.js";
import { discard, entries, update } from "./outbox.js";
import { parse, swap, swapRow } from "./swap.js";
import { countRows, showCounts } from "./waiting.js";

const confirmed = new Map(); // task id: its row
const KEEPING_FIELDS = new Set(["complete", "reopen", "complete-all", "move"]); // of the details
const ADDING = new Set(["add", "paste"]);

/** Show what a change does to the rows of these tasks. */
function show(entry, ids = entry.tasks) {
  for (const id of ids) {
    if (ADDING.has(entry.act)) effects[entry.act](entry);
    const li = row(id);
    if (!li) continue;
    if (!confirmed.has(id)) confirmed.set(id, ADDING.has(entry.act) ? null : copy(li));
    const hasLeft = !li.matches("[data-testid]"); // an earlier change took it out of the list
    if (!ADDING.has(entry.act) && (!hasLeft || entry.act === "undo")) effects[entry.act]?.(li, entry);
    li.classList.add("pending");
  }
}

function copy(li) {
  const clone = li.cloneNode(true);
  for (const box of $$("[type=checkbox]", clone)) box.checked = box.defaultChecked; // not as clicked
  for (const open of $$(".edit-box, .more-of-it > *", clone)) open.remove();
  clone.removeAttribute("data-editing");
  return clone;
}

/** Show rows as the server knows them, with the changes that are still queued. */
function showAgain(ids) {
  const places = []; // of tasks that are still to be added
  for (const id of ids) {
    const li = row(id), old = confirmed.get(id);
    if (!li || old === undefined) continue;
    if (old) swapRow(li, old.cloneNode(true));
    else {
      places.push([id, li.nextSibling]);
      li.remove();
    }
  }
  showQueued(ids);
  for (const [id, next] of places) if (next?.isConnected) row(id)?.parentNode.insertBefore(row(id), next);
}

function showQueued(ids) {
  for (const id of ids) confirmed.delete(id);
  for (const entry of entries()) show(entry, entry.tasks.filter((id) => ids.has(id)));
  dispatch("aido:shown");
}

document.addEventListener("aido:queued", ({ detail: { entry } }) => {
  addRows(entry);
  const rows = () => entry.tasks.map(row).filter(Boolean);
  const added = ADDING.has(entry.act) ? entry.tasks.map((id) => [`task-${id}`]) : [];
  dispatch("aido:before", { entry, before: [...added, ...rows().map((li) => [li.id, copy(li).outerHTML])] });
  const focused = document.activeElement, counts = countRows(rows(), -1);
  show(entry);
  entry.counts = countRows(rows(), 1, counts);
  update(entry);
  moveFocus(focused, entry);
  dispatch("aido:shown");
});

/** Note which of the rows on this page a change of the whole list is about. */
function addRows(entry) {
  const isCompleting = entry.fields.some(([name]) => name === "completed");
  const about = {
    "complete-all": `#tasks > [data-testid]${isCompleting ? ":not(.completed)" : ".completed"}`,
    "clear-completed": "#tasks > .completed",
  }[entry.act];
  if (!about) return;
  entry.tasks = $$(about).map((li) => li.id.slice("task-".length));
  update(entry);
}

// What was hidden keeps the focus until the page is drawn.
const isShown = (element) => element && element !== document.body && element.checkVisibility();

/** Keep the focus near a row that left the list. */
function moveFocus(focused, { tasks: [id] }) {
  if (focused === document.body || isShown(document.activeElement)) return;
  const li = row(id);
  const next = (way) => { let each = li; while ((each = each[way]) && !each.matches("[data-testid]")); return each; };
  const place = li && (li.hidden ? next("nextElementSibling") ?? next("previousElementSibling") : li);
  [document.getElementById(focused.id), place, $("#title")].find(isShown)?.focus();
}

function showRestored(entry) {
  const isHere = entry.page.split("?")[0] === location.pathname;
  if (entry.act !== "add" || isHere) show(entry);
}

document.addEventListener("aido:restored", ({ detail: { entry } }) => showRestored(entry));

document.addEventListener("aido:withdrawn", ({ detail }) => takeBack(detail));
document.addEventListener("aido:refused", ({ detail }) => {
  takeBack(detail);
  if (detail.text) showMessage(detail.text);
});

/** Show rows without a change. What was done since with tasks that it added is discarded. */
function takeBack({ entry, isLocal }) {
  const isAbout = ({ tasks }) => tasks.length && tasks.every((id) => entry.tasks.includes(id));
  if (isLocal && ADDING.has(entry.act)) entries().filter(isAbout).forEach(discard);
  showAgain(new Set(entry.tasks));
}

// An answer shows rows as they are in the list that the change was made in.
document.addEventListener("aido:sent", ({ detail: { entry, html, headers } }) => {
  const fresh = parse(html);
  if (entry.page !== page()) return dispatch("aido:stale");
  const rows = fresh.flatMap((each) => each.matches("li") ? [each] : $$("#tasks > li[id]", each.parentNode));
  const ids = new Set([...entry.tasks, ...rows.map((li) => li.id.slice("task-".length))]);
  const answered = new Set(rows.map((li) => li.id));
  if (!headers["hx-retarget"] && entry.act !== "undo") {
    for (const id of entry.tasks) if (!answered.has(`task-${id}`)) row(id)?.remove();
  }
  if (KEEPING_FIELDS.has(entry.act)) rows.forEach(renewVersion);
  // The page has announced a move already, with the new place.
  const kept = entry.act === "move" ? ["toast", "announcement"] : ["toast"];
  if (swap(html, headers, kept).some((each) => each.matches("li:not([hidden])"))) dispatch("aido:stale");
  showQueued(ids);
});

/** Let open details be saved after a change by the same user, which does not conflict with them. */
function renewVersion(fresh) {
  const li = document.getElementById(fresh.id), version = li && $(".edit-form [name=version]", li);
  if (!version) return;
  const old = confirmed.get(fresh.id.slice("task-".length)) ?? li;
  const text = (each) => $(".what", each)?.textContent.replace(/\s+/g, " ");
  if (version.value === old.dataset.version && text(fresh) === text(old)) version.value = fresh.dataset.version;
}

// A list that was read lacks the changes that are still queued.
document.addEventListener("aido:read", ({ detail: { isWhole } }) => {
  if (isWhole) confirmed.clear();
  for (const entry of entries()) showRestored(entry);
  dispatch("aido:shown");
});

document.addEventListener("aido:shown", () => {
  showCounts(entries());
  showEmpty();
  syncToggleAll();
});

function showEmpty() {
  const empty = $("#tasks > .empty");
  if (empty) empty.hidden = Boolean($("#tasks > [data-testid]"));
}

/** Check "mark all" if no task of the list is open, as far as the page knows. */
function syncToggleAll() {
  const all = $("#toggle-all"), list = $("#tasks");
  if (!all || !list) return;
  const hasOpen = $("#tasks > [data-testid]:not(.completed)");
  const isKnown = !$("#tasks > .more") || "completed" in list.dataset;
  const queued = entries().findLast(({ act }) => act === "complete-all");
  all.hidden = !$("#tasks > [data-testid]");
  if (queued) all.checked = queued.fields.some(([name]) => name === "completed");
  else all.checked = !all.hidden && !hasOpen && (isKnown || $("#status")?.dataset.open === "0");
}

// A checkbox sends the form it is in.
document.addEventListener("change", ({ target }) => {
  if (target.matches("form[data-act] .toggle, #toggle-all, form[data-act=tick] .box")) target.form.requestSubmit();
});

/** Show what earlier pages queued. All modules that know what acts do have to be loaded. */
export function showUnsent() {
  for (const entry of entries()) dispatch("aido:restored", { entry });
  dispatch("aido:shown");
}
