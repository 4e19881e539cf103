// What each act does to a row, as far as the browser can tell, and that the row leaves a view
// it no longer belongs to. The server's answer replaces all of it.

import { $, $$, create, dayFor, dayText, row, today, valueOf } from "./dom.js";
import { swapRow } from "./swap.js";

const WITHOUT_COMPLETED = new Set(["open", "inbox", "today", "upcoming", "list", "label"]);
const PRIORITIES = ["", "Low", "Medium", "High"];
const view = () => $("#tasks")?.dataset.view;

// Name of the act -> (row, entry) => void. `move` is in order.js.
export const effects = {
  complete: (li) => WITHOUT_COMPLETED.has(view()) ? leave(li) : mark(li, true),
  reopen: (li) => view() === "completed" ? leave(li) : mark(li, false),
  trash: leave,
  restore: (li) => view() === "trash" && leave(li),
  delete: leave,
  rename: (li, entry) => valueOf(entry, "title").trim() ? retitle(li, entry) : leave(li),
  edit: retitle,
  add,
  bulk: (li, entry) => effects[valueOf(entry, "action")]?.(li, entry),
  set,
  label,
  unlabel,
  paste,
  "overdue-to-today": (li) => showDue(li, dayFor("0")),
  "complete-all": (li, entry) => effects[valueOf(entry, "completed") ? "complete" : "reopen"](li),
  "clear-completed": leave,
  undo: (li, entry) => {
    const [id, html] = entry.before?.find(([each]) => each === li.id) ?? [];
    if (!id) return;
    if (!html) return leave(li); // it was added
    const template = document.createElement("template");
    template.innerHTML = html;
    swapRow(li, template.content.firstElementChild);
  },
};

/** Take a row out of the list, but keep its place. */
function leave(li) {
  swapRow(li, create("li", { id: li.id, hidden: true }));
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
  const title = $(".title", li), text = valueOf(entry, "title")?.trim();
  if (!title || !text) return;
  title.textContent = text;
  $(".toggle", li)?.setAttribute("aria-label", text);
}

function set(li, entry) {
  const values = Object.fromEntries(["due_date", "priority", "list"].map((name) => [name, valueOf(entry, name)]));
  if (!isInView(values)) return leave(li);
  setData(li, entry);
  if (values.due_date !== undefined) showDue(li, values.due_date);
  if (values.priority !== undefined) showPriority(li, values.priority);
  if (values.list !== undefined) showList(li, values.list);
}

function setData(li, entry) {
  for (const name of ["priority", "due_date", "list"]) {
    const given = valueOf(entry, name);
    if (given !== undefined) li.dataset[name.replace("_date", "")] = given;
  }
  const priority = valueOf(entry, "priority");
  if (priority === undefined) return;
  for (const each of ["1", "2", "3"]) li.classList.toggle(`p${each}`, each === priority);
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  const sprite = $("svg.i use")?.getAttribute("href").split("#")[0] ?? "";
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

/** Replace, add or remove a part of the line below the title. */
function showPart(li, selector, part, isFirst = false) {
  const meta = $(".meta", li);
  const old = $(selector, meta);
  if (part && old) old.replaceWith(part);
  else if (part) meta[isFirst ? "prepend" : "append"](part);
  else old?.remove();
}

function showDue(li, day) {
  const isLate = day < today();
  const state = isLate ? "overdue" : day === today() ? "today" : "";
  const part = day && create("time", { className: `due ${state}`, dateTime: day },
    icon(isLate ? "triangle-alert" : "calendar"), create("span", { className: "day", textContent: dayText(day) }));
  if (part && li.dataset.time) part.append(" ", create("span", { className: "time", textContent: li.dataset.time.slice(0, 5) }));
  showPart(li, ".due", part, true);
}

function showPriority(li, priority) {
  const text = PRIORITIES[priority];
  showPart(li, ".priority", text && create("span", { className: "priority" }, icon("flag"), text));
}

function showList(li, id) {
  const link = id && $(`#side a[href$="/lists/${id}"]`);
  const name = link && create("bdi", { textContent: $("bdi", link)?.textContent ?? link.textContent });
  showPart(li, ".in-list", link && create("span", { className: "in-list" }, $(".dot", link)?.cloneNode() ?? "", name));
}

/** Return whether the view shows tasks with these values. */
function isInView({ due_date: due, list }) {
  const { view, viewId } = $("#tasks").dataset;
  const isListed = { inbox: !list, list: list === viewId }[view];
  const isDue = { today: due && due <= today(), upcoming: due > today() }[view];
  return (list === undefined || (isListed ?? true)) && (due === undefined || (isDue ?? true));
}

const labelsOf = (li) => $$(".meta .label", li).filter((each) => $("bdi", each));
const isLabel = (name) => (each) => $("bdi", each).textContent.toLowerCase() === name.toLowerCase();

function label(li, entry) {
  const name = valueOf(entry, "label");
  if (labelsOf(li).some(isLabel(name))) return;
  $(".meta", li).append(create("span", { className: "label" }, "#", create("bdi", { textContent: name })), " ");
}

function unlabel(li, entry) {
  labelsOf(li).filter(isLabel(valueOf(entry, "label"))).forEach((each) => each.remove());
}

// Kinds of words that take a new task out of a view.
const LEADING_AWAY = { today: ["date", "repeat"], inbox: ["list"], list: ["list"] };

/** Return whether the view may not show a new task: then the answer says where it is. */
function mayBeElsewhere({ kinds = [] }) {
  if (view() === "completed" || $("#search")?.value.trim()) return true;
  if (view() === "upcoming") return !kinds.some((kind) => LEADING_AWAY.today.includes(kind));
  return kinds.some((kind) => LEADING_AWAY[view()]?.includes(kind));
}

function add(entry) {
  const template = $("#new-row"), list = $("#tasks"), [id] = entry.tasks ?? [];
  if (!id || !template || !list || row(id) || mayBeElsewhere(entry)) return;
  const place = document.createElement("template");
  place.innerHTML = template.innerHTML.replaceAll("NEW", id);
  const li = place.content.firstElementChild;
  const title = valueOf(entry, "title");
  $(".title", li).textContent = title;
  for (const control of $$("[aria-label]", li)) control.ariaLabel = `${control.ariaLabel.trim()} ${title}`;
  setData(li, entry);
  list[$("#sort")?.value === "-created_at" ? "prepend" : "append"](li);
}

// Each line is a new row, until the server has understood its words.
function paste(entry) {
  const lines = valueOf(entry, "text").split("\n");
  entry.tasks.forEach((id, index) => add({ tasks: [id], fields: [["title", lines[index]]] }));
}
