// The add box.

import { $, uuid7 } from "./dom.js";
import { enqueue } from "./outbox.js";

document.addEventListener("submit", (event) => {
  if (event.target.id !== "new") return;
  event.preventDefault();
  const form = event.target, input = $("#title"), title = input.value.trim();
  if (!title) return;
  const key = uuid7();
  const fields = [...new FormData(form)].filter(([name]) => !["title", "key", "csrfmiddlewaretoken"].includes(name));
  input.value = "";
  enqueue({ act: "add", url: form.getAttribute("action"), tasks: [key], fields: [["title", title], ["key", key], ...fields] });
}, true);

document.addEventListener("aido:refused", ({ detail: { entry, isLocal } }) => {
  const input = $("#title");
  if (entry.act === "add" && isLocal && input && !input.value) {
    input.value = entry.fields.find(([name]) => name === "title")[1];
    input.select();
  }
});
