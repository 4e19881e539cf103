// The add box: new tasks, what their words are understood as, and how long they are.

import { $, $$, row, uuid7 } from "./dom.js";
import { enqueue } from "./outbox.js";
import { askToAdd, readLines } from "./paste.js";
import { parse } from "./swap.js";
import { announce, create, hiddenInput, isComposing, length, MAX_TITLE } from "./tasks.js";

const UNDERSTAND_DELAY = 120; // milliseconds
const COUNT_FROM = MAX_TITLE - 20; // characters
const NEW_TIME = 2000; // milliseconds

const box = $("#title");
const form = $("#new");
let plain = []; // parts of the text that stay words
let timer, request, announcing;

// Chips.

const chips = () => $$("#chips .chip");

function understandSoon() {
  clearTimeout(timer);
  request?.abort();
  plain = plain.filter((text) => box.value.includes(text));
  writePlain();
  if (!box.value.trim()) return showChips("");
  timer = setTimeout(understand, UNDERSTAND_DELAY);
}

async function understand() {
  request = new AbortController();
  const query = new URLSearchParams([["title", box.value], ...plain.map((text) => ["plain", text])]);
  try {
    const response = await fetch(`/tasks/understand?${query}`, { signal: request.signal, headers: { "HX-Request": "true" } });
    if (response.ok && !response.redirected) showChips(await response.text());
  } catch {
    // Typed on, or offline: the server decides when the task is added.
  }
}

function showChips(html) {
  const before = describeChips();
  const hadFocus = $("#chips").contains(document.activeElement);
  $("#chips").innerHTML = html;
  showLength();
  if (hadFocus) ($("#chips button") ?? box).focus();
  clearTimeout(announcing);
  const after = describeChips();
  if (after && after !== before) announcing = setTimeout(() => announce(`Understood: ${after}`), 500);
}

const describeChips = () =>
  chips().map((chip) => `${chip.dataset.kind} ${$("bdi", chip)?.textContent ?? chip.dataset.text}`).join(", ");

function takeBack(chip) {
  const text = chip.dataset.text;
  const next = chip.nextElementSibling ?? chip.previousElementSibling;
  if (chip.contains(document.activeElement)) (next?.querySelector("button") ?? box).focus();
  plain.push(text);
  writePlain();
  chip.remove();
  understandSoon();
  announce(`“${text}” stays in the title.`);
}

function writePlain() {
  for (const input of $$("[name=plain]", form)) input.remove();
  form.append(...plain.map((text) => hiddenInput("plain", text)));
}

// The chip whose words end where the cursor is.
function chipBeforeCursor() {
  const { selectionStart: at, selectionEnd, value } = box;
  if (at !== selectionEnd) return null;
  const text = value.slice(0, at);
  return chips().find(({ dataset }) => text.endsWith(dataset.text));
}

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
  box.value = "";
  update();
  enqueue({ act: "add", url: form.getAttribute("action"), tasks: [key], fields });
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

// A task that this view does not show: say where it is.
document.addEventListener("aido:sent", ({ detail: { entry, html, isLocal } }) => {
  const toast = isLocal && entry.act === "add" && parse(html).find(({ id }) => id === "toast");
  const link = toast && $("a", toast);
  if (link && $("#toast").textContent && !$("#toast a")) $("#toast").append(" ", link);
});

document.addEventListener("aido:refused", ({ detail: { entry, isLocal } }) => {
  if (entry.act !== "add" || !isLocal || !box || box.value) return;
  box.value = entry.fields.find(([name]) => name === "title")[1];
  box.select();
  update();
});

// Keys and clicks.

function onPaste(event) {
  const lines = readLines(event.clipboardData?.getData("text/plain") ?? "");
  if (lines.length < 2) return;
  event.preventDefault();
  askToAdd(lines, form, box);
}

function onKeydown(event) {
  if (isComposing(event) || event.key !== "Backspace" || event.ctrlKey || event.metaKey || event.altKey) return;
  const chip = chipBeforeCursor();
  if (!chip) return;
  event.preventDefault();
  takeBack(chip);
}

function onChipKeydown(event) {
  const chip = event.target.closest(".chip");
  if (!chip || !["Backspace", "Delete"].includes(event.key)) return;
  event.preventDefault();
  takeBack(chip);
}

function onChipClick(event) {
  const chip = event.target.closest(".chip");
  if (!chip || !event.target.closest("button")) return;
  event.preventDefault();
  takeBack(chip);
}

function update() {
  understandSoon();
  showLength();
}

if (box) {
  box.removeAttribute("maxlength"); // it would cut what is pasted
  $("#chips") ?? form.append(create("div", { id: "chips" }));
  box.addEventListener("input", update);
  box.addEventListener("paste", onPaste);
  box.addEventListener("keydown", onKeydown);
  $("#chips").addEventListener("keydown", onChipKeydown);
  $("#chips").addEventListener("click", onChipClick);
  form.addEventListener("submit", (event) => { event.preventDefault(); add(); });
  update();
}
