// Says that changes wait to be sent, and why.

import { $, showMessage } from "./dom.js";
import { entries, flush } from "./outbox.js";
import { row } from "./dom.js";

document.addEventListener("aido:waiting", ({ detail: { text, status } }) => {
  document.body.classList.toggle("offline", status === 0);
  for (const entry of entries()) for (const id of entry.tasks) row(id)?.classList.add("waiting");
  const number = entries().length;
  const reason = [401, 507].includes(status) ? "" : ` ${text}`;
  show(`${number} change${number === 1 ? " is" : "s are"} waiting to be sent.${reason}`);
  if (text && [401, 507].includes(status)) showMessage(text, status);
});

document.addEventListener("aido:shown", () => {
  const number = entries().length, box = $("#outbox");
  if (!number && box) box.replaceChildren();
});

function show(text) {
  const box = $("#outbox");
  if (!box) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: "Send now" });
  button.addEventListener("click", flush);
  box.replaceChildren(text, " ", button);
}

document.addEventListener("aido:sent", () => document.body.classList.remove("offline"));
