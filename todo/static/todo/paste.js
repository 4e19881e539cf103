// Lines pasted into the add box: ask whether each becomes a task.

import { $, $$, address, announce, create, isComposing, length, MAX_TITLE, plural, uuid7, valueOf } from "./dom.js";
import { change } from "./outbox.js";
import { read, write } from "./store.js";

const MAX_LINES = 100;
const MAX_PREVIEW = 5; // lines
const BULLET = /^(?:[-*+•–]|\d{1,3}[.)])\s+(?:\[[ xX]?\]\s+)?|^\[[ xX]?\]\s+/;

export const readLines = (text) =>
  text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => line.trim().replace(BULLET, "").trim()).filter(Boolean);

export function askToAdd(lines, form, box) {
  const title = `Add ${plural(lines.length, "task")}?`;
  const reason = whyNot(lines);
  const add = create("button", { type: "button", textContent: title.slice(0, -1) });
  const keep = create("button", { type: "button", className: "link", textContent: "Keep as one text" });
  const panel = create("div", { id: "pasted" }, create("p", { id: "pasted-title", textContent: title }), preview(lines));
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-labelledby", "pasted-title");
  panel.append(reason ? create("p", { className: "hint", textContent: reason }) : add, " ", keep);
  const close = () => { panel.remove(); box.focus(); };
  add.addEventListener("click", () => { close(); addLines(lines, form); });
  keep.addEventListener("click", () => { close(); keepAsOne(lines, box); });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || isComposing(event)) return;
    event.stopPropagation();
    keep.click();
  });
  $("#pasted")?.remove();
  form.after(panel);
  (reason ? keep : add).focus();
  announce(reason || title);
}

function preview(lines) {
  const shown = lines.slice(0, MAX_PREVIEW).map((line) => create("li", { textContent: line, dir: "auto" }));
  const rest = lines.length - shown.length;
  return create("ul", {}, ...shown, ...(rest ? [create("li", { textContent: `and ${rest} more` })] : []));
}

function whyNot(lines) {
  if (lines.length > MAX_LINES) return `At most ${MAX_LINES} tasks can be added at once.`;
  const at = lines.findIndex((line) => length(line) > MAX_TITLE);
  return at < 0 ? "" : `Line ${at + 1} has ${length(lines[at])} characters. A title has at most ${MAX_TITLE}.`;
}

// The tasks get the values of the view, as one that is typed does.
function addLines(lines, form) {
  const values = $$("[name=due_date], [name=list], [name=label]", form).map(({ name, value }) => [name, value]);
  const keys = lines.map(() => uuid7());
  change("paste", address("tasks/paste"), keys, { ...Object.fromEntries(values), text: lines.join("\n"), key: keys });
}

for (const name of ["aido:refused", "aido:withdrawn"]) {
  document.addEventListener(name, ({ detail: { entry, isLocal } }) => {
    if (entry.act !== "paste" || !isLocal) return;
    const lines = valueOf(entry, "text").split("\n");
    if ($("#new")) askToAdd(lines, $("#new"), $("#title"));
    else if (!read("draft:add")) write("draft:add", lines.join(" "));
  });
}

function keepAsOne(lines, box) {
  box.setRangeText(lines.join(" "), box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
