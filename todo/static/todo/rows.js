// A row: rename its task in place, open and close its details.

import { $, row, rowOf } from "./dom.js";

export function edit(li, text) {
  if (!li || li.hasAttribute("data-editing") || !$(".toggle", li)) return;
  const box = $("#edit-box").cloneNode(true);
  const input = $(".edit", box);
  box.removeAttribute("id");
  Object.assign(box, { hidden: false, className: "edit-box" });
  box.setAttribute("action", `/tasks/${li.id.slice(5)}/rename`);
  input.value = text ?? $(".title", li).textContent;
  $("[name=version]", box).value = li.dataset.version ?? "";
  li.setAttribute("data-editing", "");
  li.append(box);
  input.focus();
  input.select();
}

function closeEdit(li) {
  const box = $(".edit-box", li);
  if (!box) return;
  box.dataset.left = "yes";
  box.remove();
  li.removeAttribute("data-editing");
  li.focus();
}

function save(box) {
  const li = rowOf(box);
  if (!li || box.dataset.left) return;
  if ($(".edit", box).value.trim() === $(".title", li).textContent) return closeEdit(li);
  box.requestSubmit();
}

document.addEventListener("dblclick", (event) => {
  if (!event.target.closest("button, a, input, .more-of-it")) edit(rowOf(event.target));
});

document.addEventListener("blur", ({ target }) => {
  if (target.matches?.(".edit")) save(target.form);
}, true);

document.addEventListener("aido:queued", ({ detail: { entry } }) => {
  if (entry.act === "rename") closeEdit(row(entry.tasks[0]));
  if (entry.act === "edit") $(".more-of-it", row(entry.tasks[0]) ?? document)?.replaceChildren();
});

document.addEventListener("aido:refused", ({ detail: { entry, headers } }) => {
  const li = entry.act === "rename" && row(entry.tasks[0]);
  if (!li) return;
  if (headers.version) li.dataset.version = headers.version;
  edit(li, entry.fields.find(([name]) => name === "title")[1]);
});

document.addEventListener("click", (event) => {
  const li = rowOf(event.target);
  const more = li && $(".more-of-it", li);
  if (event.target.matches(".cancel") && more) close(event, li, more);
  if (event.target.matches(".details") && more?.firstElementChild) close(event, li, more);
}, true);

export function close(event, li, more) {
  event.preventDefault();
  event.stopPropagation();
  more.replaceChildren();
  $(".details", li).focus();
}

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.matches(".more-of-it")) $("[name=title]", target)?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const li = rowOf(event.target);
  if (event.target.matches(".edit")) closeEdit(li);
  else if (li && $(".more-of-it", li)?.firstElementChild) close(event, li, $(".more-of-it", li));
});
