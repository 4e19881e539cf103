// Says that changes wait to be sent, and why. Asks before somebody signs out with them.

import { $, renewToken, row, showMessage } from "./dom.js";
import { entries, flush } from "./outbox.js";

const SIGN_OUT = "form[action$='/logout/']";
const SIGN_OUT_TIME = 2_000; // milliseconds in which changes may be saved before asking
const NOT_FOR_OUTBOX = new Set([401, 507]); // these are said in the toast

const changes = (number) => `${number} change${number === 1 ? "" : "s"}`;

let reason = null; // why nothing can be sent now

document.addEventListener("aido:waiting", ({ detail: { text, status } }) => {
  document.body.classList.toggle("offline", status === 0);
  const isSaid = NOT_FOR_OUTBOX.has(status);
  reason = isSaid ? "" : text;
  showWaiting();
  if (text && isSaid) showMessage(text, status);
});

document.addEventListener("aido:shown", showWaiting);

document.addEventListener("aido:sent", () => {
  reason = null;
  document.body.classList.remove("offline");
});

function showWaiting() {
  const waiting = entries();
  if (!waiting.length) return say("");
  if (reason === null) return;
  for (const { tasks } of waiting) for (const id of tasks) row(id)?.classList.add("waiting");
  say(`${changes(waiting.length)} ${waiting.length === 1 ? "is" : "are"} waiting to be sent. ${reason}`.trim());
}

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
  if (!form.matches(SIGN_OUT) || !entries().length || event.defaultPrevented) return;
  event.preventDefault();
  signOut();
});

async function signOut() {
  const giveUpAt = Date.now() + SIGN_OUT_TIME;
  flush();
  while (entries().length && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 50));
  const number = entries().length;
  const question = `${changes(number)} not sent yet. They stay in this browser until you sign in again. Sign out all the same?`;
  if (number && !confirm(question)) return;
  const form = $(SIGN_OUT); // an answer may have replaced it
  renewToken(form);
  form.submit();
}
