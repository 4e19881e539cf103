// The page that the service worker shows offline: what is added there waits for the network.

import { $, dispatch } from "./dom.js";
import { entries } from "./outbox.js";
import { owner } from "./store.js";

const RETRY_INTERVAL = 10_000; // milliseconds
const VERBS = {
  add: "Add", complete: "Complete", reopen: "Reopen", trash: "Delete", restore: "Restore", rename: "Rename",
  edit: "Change", set: "Change", move: "Move", bulk: "Change", tick: "Tick in", undo: "Undo",
  "complete-all": "Mark all", "clear-completed": "Clear completed",
};

if (window.isSecureContext && navigator.serviceWorker) {
  const script = $("script[type=module]").src;
  navigator.serviceWorker.register(new URL("../../sw.js", script)).catch(() => {});
  navigator.serviceWorker.ready.then(({ active }) => active.postMessage({ script }));
}

const list = $("#waiting");

function describe({ act, fields, seen }) {
  const title = act === "add" ? fields.find(([name]) => name === "title")?.[1] : seen;
  return [VERBS[act] ?? "Change", title && `“${title}”`].filter(Boolean).join(" ");
}

function showWaiting() {
  const items = entries().map((entry) => Object.assign(document.createElement("li"), { textContent: describe(entry), dir: "auto" }));
  list.replaceChildren(...items);
  $("#nothing-waits").hidden = items.length > 0;
}

async function leaveWhenOnline() {
  const response = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (response && response.status < 500 && !$("#title")?.value) location.reload();
}

if (list) {
  $("#new").hidden = !owner;
  document.addEventListener("aido:shown", showWaiting);
  document.addEventListener("aido:sent", () => entries().length || leaveWhenOnline());
  window.addEventListener("online", leaveWhenOnline);
  setInterval(leaveWhenOnline, RETRY_INTERVAL);
  dispatch("aido:shown");
}
