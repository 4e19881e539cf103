// Shows at once what quick actions set: dates, priorities, lists and labels of a row, and
// that it leaves a view it no longer belongs to. The server's answer replaces all of it.

import { dayFor, dayText, today } from "./dates.js";
import { $, $$ } from "./dom.js";
import { effects } from "./effects.js";
import { create } from "./tasks.js";

const PRIORITIES = ["", "Low", "Medium", "High"];
const value = (entry, name) => entry.fields.find(([each]) => each === name)?.[1];

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

const set = effects.set;
effects.set = (li, entry) => {
  const values = Object.fromEntries(["due_date", "priority", "list"].map((name) => [name, value(entry, name)]));
  if (!isInView(values)) return effects.trash(li); // it leaves the list, as a deleted one does
  set(li, entry);
  if (values.due_date !== undefined) showDue(li, values.due_date);
  if (values.priority !== undefined) showPriority(li, values.priority);
  if (values.list !== undefined) showList(li, values.list);
};

const labelsOf = (li) => $$(".meta .label", li).filter((each) => $("bdi", each));
const isLabel = (name) => (each) => $("bdi", each).textContent.toLowerCase() === name.toLowerCase();

effects.label = (li, entry) => {
  const name = value(entry, "label");
  if (labelsOf(li).some(isLabel(name))) return;
  $(".meta", li).append(create("span", { className: "label" }, "#", create("bdi", { textContent: name })), " ");
};

effects.unlabel = (li, entry) => {
  labelsOf(li).filter(isLabel(value(entry, "label"))).forEach((each) => each.remove());
};

effects["overdue-to-today"] = (li) => showDue(li, dayFor("0"));
