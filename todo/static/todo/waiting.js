// Says that changes wait to be sent, and why. Asks before somebody signs out with them.

import { $, row, showMessage } from "./dom.js";
import { entries, flush } from "./outbox.js";

const SIGN_OUT_TIME = 2_000; // milliseconds in which changes may be saved before asking
const NOT_FOR_OUTBOX = new Set([401, 507]); // these are said in the toast

const changes = (number) => `${number} change${number === 1 ? "" : "s"}`;

document.addEventListener("aido:waiting", ({ detail: { text, status } }) => {
  document.body.classList.toggle("offline", status === 0);
  for (const entry of entries()) for (const id of entry.tasks) row(id)?.classList.add("waiting");
  const number = entries().length;
  const isSaid = NOT_FOR_OUTBOX.has(status);
  say(`${changes(number)} ${number === 1 ? "is" : "are"} waiting to be sent. ${isSaid ? "" : text}`);
  if (text && isSaid) showMessage(text, status);
});

document.addEventListener("aido:shown", () => {
  if (!entries().length) say("");
});

document.addEventListener("aido:sent", () => document.body.classList.remove("offline"));

function say(text) {
  const box = $("#outbox");
  if (!box || $(".text", box).textContent === text) return;
  box.hidden = !text;
  $(".text", box).textContent = text;
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("#outbox .send")) flush();
});

// Another user may sign in next. The changes stay in this browser for the one who made them.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-sign-out]") || !entries().length || event.defaultPrevented) return;
  event.preventDefault();
  signOut(form);
});

async function signOut(form) {
  const giveUpAt = Date.now() + SIGN_OUT_TIME;
  flush();
  while (entries().length && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 50));
  const number = entries().length;
  const question = `${changes(number)} not sent yet. They stay in this browser until you sign in again. Sign out all the same?`;
  if (!number || confirm(question)) form.submit();
}
