// What is typed and not saved survives Escape, links, reloads and searches: in the add box,
// in the details of a task, and while it is renamed. It is removed when it is saved.

import { $, $$, create, page, rowOf, showMessage, taskId } from "./dom.js";
import { read, remove, write } from "./store.js";

const RESTORED = "Restored what you typed.";
const fieldsOf = (form) => $$("[name]", form).filter(({ type }) => !["hidden", "submit", "button"].includes(type));
const valueOf = (field) => field.type === "checkbox" ? field.checked : field.value;
const defaultOf = (field) => {
  if (field.type === "checkbox") return field.defaultChecked;
  return field.options ? [...field.options].find((each) => each.defaultSelected)?.value ?? field.options[0]?.value : field.defaultValue;
};

function setValue(field, value) {
  if (field.type === "checkbox") field.checked = value;
  else field.value = value;
}

document.addEventListener("input", ({ target }) => keep(target));
document.addEventListener("change", ({ target }) => keep(target));

function keep(field) {
  if (field.id === "title") keepText("draft:add", field.value);
  else if (field.matches(".edit")) keepText(`draft:rename:${taskId(rowOf(field))}`, field.value, field.defaultValue);
  else if (field.form?.matches(".edit-form")) keepForm(field.form);
}

function keepText(name, text, saved = "") {
  if (text.trim() === saved.trim()) remove(name);
  else write(name, text);
}

// The path of the action ends in the id of the task.
const nameOf = (form) => `draft:edit:${form.getAttribute("action").match(/tasks\/([^/?]+)/)?.[1]}`;

function keepForm(form) {
  const changed = fieldsOf(form).filter((field) => valueOf(field) !== defaultOf(field));
  const values = changed.map((field) => [field.name, { was: defaultOf(field), is: valueOf(field) }]);
  const version = $("[name=version]", form)?.value;
  if (changed.length) write(nameOf(form), { version, values: Object.fromEntries(values) });
  else remove(nameOf(form));
}

/** Fill a form in. If someone else changed the same field, saving it reports a conflict. */
function restoreForm(form) {
  const draft = read(nameOf(form));
  const lost = fieldsOf(form).filter(({ name }) => draft?.values?.[name] !== undefined)
    .filter((field) => valueOf(field) !== draft.values[field.name].is);
  if (!lost.length) return;
  const isConflict = lost.some((field) => valueOf(field) !== draft.values[field.name].was);
  const version = $("[name=version]", form);
  if (isConflict && version) version.value = draft.version;
  const before = lost.map((field) => [field, valueOf(field)]);
  for (const field of lost) setValue(field, draft.values[field.name].is);
  form.prepend(notice(RESTORED, [["Discard", () => {
    for (const [field, value] of before) setValue(field, value);
    remove(nameOf(form));
    lost[0].focus();
  }]]));
}

let addNotice = null;

function restoreAddBox() {
  const box = $("#title"), text = read("draft:add");
  if (!box || box.value || !text) return;
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  addNotice = notice(RESTORED, [["Discard", () => {
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  }]]);
  box.form.after(addNotice);
}

// An edit that was left with Escape is offered, not restored: leaving the box would save it.
document.addEventListener("focusin", ({ target }) => {
  if (!target.matches?.(".edit") || target.value !== target.defaultValue) return;
  const text = read(`draft:rename:${taskId(rowOf(target))}`);
  if (!text || text === target.value || $(".draft", target.form)) return;
  target.form.append(notice(`You typed “${text}”.`, [
    ["Use it", () => { target.value = text; }],
    ["Discard", () => remove(`draft:rename:${taskId(rowOf(target))}`)],
  ]));
});

function notice(text, buttons) {
  const element = create("p", { className: "draft", textContent: text });
  element.setAttribute("role", "status");
  for (const [name, act] of buttons) {
    const button = create("button", { type: "button", className: "link", textContent: name });
    button.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    button.addEventListener("click", () => { act(); element.remove(); });
    element.append(" ", button);
  }
  return element;
}

// Saved: the outbox has it now.
document.addEventListener("aido:queued", ({ detail: { entry: { act, tasks: [id] } } }) => {
  if (act === "add") {
    remove("draft:add");
    addNotice?.remove();
  }
  if (act === "rename") remove(`draft:rename:${id}`);
  if (act === "edit") remove(`draft:edit:${id}`);
});

// Not saved: it is there when the task is opened.
document.addEventListener("aido:refused", ({ detail: { entry } }) => keepEntry(entry));
document.addEventListener("aido:sent", ({ detail: { entry, headers } }) => {
  const place = headers["hx-retarget"]; // the form again, with what is wrong
  if (!place) return;
  keepEntry(entry);
  if (entry.page !== page() || !$(`${place}, .edit-page`)) showMessage(`“${entry.seen}” was not saved. What you typed is in its details.`);
});

function keepEntry({ act, fields, tasks: [id] }) {
  const { version, ...typed } = Object.fromEntries(fields);
  if (act === "rename") write(`draft:rename:${id}`, typed.title);
  if (act !== "edit") return;
  const values = Object.entries(typed).map(([name, is]) => [name, { is }]);
  write(`draft:edit:${id}`, { version, values: Object.fromEntries(values) });
}

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.matches(".more-of-it") && $(".edit-form", target)) restoreForm($(".edit-form", target));
});

// The text was added or discarded in another tab.
window.addEventListener("storage", ({ key, newValue, oldValue }) => {
  const box = $("#title");
  if (box && key?.endsWith(":draft:add") && newValue === null && oldValue === JSON.stringify(box.value)) box.value = "";
});

restoreAddBox();
if ($("main > .edit-form, .edit-page .edit-form")) restoreForm($(".edit-form"));
