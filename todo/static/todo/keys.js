// Keyboard shortcuts, outside of inputs.

import { $, $$, rowOf } from "./dom.js";
import { edit } from "./rows.js";

const keys = {
  n: () => $("#title")?.focus(),
  "/": () => $("#search")?.focus(),
  "?": () => { const help = $(".help"); if (help) { help.open = !help.open; $("summary", help).focus(); } },
  j: (li) => step(li, 1, 0),
  k: (li) => step(li, -1, -1),
  x: (li) => li && $(".toggle", li)?.click(),
  e: (li) => edit(li),
};

function step(li, by, edge) {
  const all = $$("[data-testid=todo-item]");
  ((li && all[all.indexOf(li) + by]) ?? li ?? all.at(edge))?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (event.key === "Escape") return escape();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const action = keys[event.key];
  if (!action || !$("#tasks")) return;
  event.preventDefault();
  action(rowOf(document.activeElement));
});

function escape() {
  if ($(".help")?.open) $(".help").open = false;
  else document.activeElement?.blur();
}
