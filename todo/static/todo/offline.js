// The page that the service worker shows offline: what is added there waits for the network.

import { $, create, dispatch, valueOf } from "./dom.js";
import { entries } from "./outbox.js";
import { owner } from "./store.js";

const RETRY_INTERVAL = 10_000; // milliseconds
const VERBS = {
  add: "Add", complete: "Complete", reopen: "Reopen", trash: "Delete", restore: "Restore", rename: "Rename",
  edit: "Change", set: "Change", move: "Move", bulk: "Change", tick: "Tick in", undo: "Undo",
  "complete-all": "Mark all", "clear-completed": "Clear completed",
};

function describe(entry) {
  const title = entry.act === "add" ? valueOf(entry, "title") : entry.seen;
  return [VERBS[entry.act] ?? "Change", title && `“${title}”`].filter(Boolean).join(" ");
}

function showWaiting() {
  const items = entries().map((entry) => create("li", { textContent: describe(entry), dir: "auto" }));
  $("#waiting").replaceChildren(...items);
  $("#nothing-waits").hidden = items.length > 0;
}

async function leaveWhenOnline() {
  const response = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (response && response.status < 500 && !$("#title")?.value) location.reload();
}

$("#new").hidden = !owner;
document.addEventListener("aido:shown", showWaiting);
document.addEventListener("aido:sent", () => entries().length || leaveWhenOnline());
window.addEventListener("online", leaveWhenOnline);
setInterval(leaveWhenOnline, RETRY_INTERVAL);
dispatch("aido:shown");
