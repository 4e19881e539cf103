// The add box: how long a title may be, and where the new task is.

import { $, $$, announce, create, length, MAX_TITLE, row, uuid7, valueOf } from "./dom.js";
import { enqueue } from "./outbox.js";
import { askToAdd, readLines } from "./paste.js";
import { read, write } from "./store.js";

const COUNT_FROM = MAX_TITLE - 20; // characters
const NEW_TIME = 2000; // milliseconds

const box = $("#title");
const form = $("#new");

const chips = () => $$("#chips .chip");

// Length.

/** Return the length of the title: the text without the words that set other values. */
function countTitle() {
  const words = chips().reduce((text, { dataset }) => text.replace(dataset.text, ""), box.value);
  return length(words.replace(/\s{2,}/g, " "));
}

function showLength() {
  const count = countTitle();
  const output = $("#title-length") ?? form.appendChild(create("p", { id: "title-length", className: "hint" }));
  const text = count > MAX_TITLE
    ? `${count - MAX_TITLE} too many: ${count} of ${MAX_TITLE} characters.`
    : count > COUNT_FROM ? `${count} of ${MAX_TITLE} characters.` : "";
  if (count > MAX_TITLE !== (box.getAttribute("aria-invalid") === "true") && text) announce(text);
  output.textContent = text;
  output.hidden = !text;
  box.setAttribute("aria-invalid", count > MAX_TITLE);
}

// Add.

function add() {
  const title = box.value.trim();
  if (!title) return;
  if (countTitle() > MAX_TITLE) return announce($("#title-length").textContent);
  const key = uuid7();
  const given = [...new FormData(form)].filter(([name]) => !["title", "key", "csrfmiddlewaretoken"].includes(name));
  const fields = [["title", title], ["key", key], ...given];
  const kinds = $$("#chips .chip").map(({ dataset }) => dataset.kind);
  box.value = "";
  update();
  enqueue({ act: "add", url: form.getAttribute("action"), tasks: [key], fields, kinds });
  showNew(row(key));
}

/** Scroll to a new row, also if "More" brings rows before it, and mark it for a moment. */
export function showNew(li) {
  if (!li) return;
  const scroll = () => li.scrollIntoView({ block: "nearest" });
  const easing = matchMedia("(prefers-reduced-motion: reduce)").matches ? "step-end" : "ease-in";
  li.animate([{ backgroundColor: "var(--wash)" }, { backgroundColor: "transparent" }], { duration: NEW_TIME, easing });
  scroll();
  document.addEventListener("htmx:afterSettle", scroll);
  setTimeout(() => document.removeEventListener("htmx:afterSettle", scroll), NEW_TIME);
}

// What the server refuses, or what is undone before it has it, is typed again. If something
// else is typed by then, it is offered.
for (const name of ["aido:refused", "aido:withdrawn"]) {
  document.addEventListener(name, ({ detail: { entry, isLocal } }) => {
    if (entry.act !== "add" || !isLocal) return;
    const title = valueOf(entry, "title");
    if (!box) return read("draft:add") || write("draft:add", title);
    if (box.value.trim()) return offer(title);
    setText(title);
    box.select();
  });
}

function setText(text) {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function offer(title) {
  const button = create("button", { type: "button", className: "link", textContent: "Edit it" });
  const notice = create("p", { className: "refused" }, `“${title}” was not added. `, button);
  notice.setAttribute("role", "status");
  button.addEventListener("click", () => {
    const other = box.value.trim();
    setText(title);
    box.focus();
    notice.remove();
    if (other) offer(other);
  });
  form.after(notice);
}

function onPaste(event) {
  const lines = readLines(event.clipboardData?.getData("text/plain") ?? "");
  if (lines.length < 2) return;
  event.preventDefault();
  askToAdd(lines, form, box);
}

// The chips show what the server understands, so they cannot work without it.
async function update() {
  showLength();
  const module = await import("./chips.js").catch(() => null);
  module?.understandSoon();
}

if (box) {
  box.removeAttribute("maxlength"); // it would cut what is pasted
  box.addEventListener("input", update);
  box.addEventListener("paste", onPaste);
  document.addEventListener("aido:understood", showLength);
  form.addEventListener("submit", (event) => { event.preventDefault(); add(); });
  if (box.value) update();
}
