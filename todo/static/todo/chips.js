// Chips below the add box: what its words are understood as. Each can be taken back: then
// its words stay in the title. Loaded when something is typed.

import { $, $$, address, announce, dispatch, hiddenInput, isComposing } from "./dom.js";

const UNDERSTAND_DELAY = 120; // milliseconds
const ANNOUNCE_DELAY = 500; // milliseconds

const box = $("#title");
const form = $("#new");
let plain = []; // parts of the text that stay words
let timer, request, announcing;

const chips = () => $$("#chips .chip");

/** Show what the text is understood as, once nothing is typed for a moment. */
export function understandSoon() {
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
    const options = { signal: request.signal, headers: { "HX-Request": "true" } };
    const response = await fetch(`${address("tasks/understand")}?${query}`, options);
    if (response.ok && !response.redirected) showChips(await response.text());
  } catch {
    // Typed on, or offline: the server decides when the task is added.
  }
}

function showChips(html) {
  const before = describeChips();
  const hadFocus = $("#chips").contains(document.activeElement);
  $("#chips").innerHTML = html;
  dispatch("aido:understood");
  if (hadFocus) ($("#chips button") ?? box).focus();
  clearTimeout(announcing);
  const after = describeChips();
  if (after && after !== before) announcing = setTimeout(() => announce(`Understood: ${after}`), ANNOUNCE_DELAY);
}

const describeChips = () =>
  chips().map((chip) => `${chip.dataset.kind} ${$("bdi", chip)?.textContent ?? chip.dataset.text}`).join(", ");

function takeBack(chip) {
  const text = chip.dataset.text;
  const next = chip.nextElementSibling ?? chip.previousElementSibling;
  if (chip.contains(document.activeElement)) ((next && $("button", next)) ?? box).focus();
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

// Keys and clicks.

function onKeydown(event) {
  if (isComposing(event) || event.key !== "Backspace" || event.ctrlKey || event.metaKey || event.altKey) return;
  const chip = chipBeforeCursor();
  if (!chip) return;
  event.preventDefault();
  takeBack(chip);
}

function onChip(event) {
  const button = event.target.closest(".chip button");
  if (!button || event.key && !["Backspace", "Delete"].includes(event.key)) return;
  event.preventDefault();
  takeBack(button.closest(".chip"));
}

if (box) {
  box.addEventListener("keydown", onKeydown);
  for (const name of ["keydown", "click"]) $("#chips").addEventListener(name, onChip);
}
