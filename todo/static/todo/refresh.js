// The list as it is now: after another tab or device changed it, and at the same place
// after Back.

import { $, $$, dispatch, showMessage } from "./dom.js";
import { entries } from "./outbox.js";
import { owner, read as stored } from "./store.js";
import { swapElement } from "./swap.js";

const MIN_INTERVAL = 2_000; // milliseconds between reads that nobody asked for
const MAX_PAGES = 20; // of "More", read to show as many rows as before
const PARTS = ["tasks", "side", "status"];
const rows = (list) => $$(":scope > [data-testid]", list);
const state = (list) => rows(list).map((li) => `${li.id} ${li.dataset.version} ${li.className}`).join("\n");

let lastRead = Date.now();
let isStale = false; // a change was made elsewhere, or its rows are not on this page

/** Read the list again, if it can have changed and no change is on its way. */
async function refresh() {
  if (!$("#tasks") || entries().length) return;
  [lastRead, isStale] = [Date.now(), false];
  const url = location.href, sent = lastRead;
  const response = await read(url).catch(() => null);
  if (!response?.ok) return response?.status === 401 && showMessage(await response.text(), 401);
  const parts = parsePage(await response.text());
  if (!parts.tasks) return;
  await loadMore(parts.tasks, rows($("#tasks")).length);
  if (entries().length || location.href !== url || lastRead !== sent) { isStale = true; return; }
  if (state(parts.tasks) === state($("#tasks"))) delete parts.tasks;
  for (const [id, fresh] of Object.entries(parts)) if (fresh) swapElement($(`#${id}`), fresh);
  dispatch("aido:shown");
}

const read = (url) => fetch(url, { headers: { "HX-Request": "true", "Aido-User": owner } });

/** Return the parts of a page that this page has, too: id -> element. */
export function parsePage(html, others = []) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return Object.fromEntries([...PARTS, ...others].map((id) => [id, $(`#${id}`) && page.getElementById(id)]));
}

/** Read "More" until the list has this number of rows. */
async function loadMore(list, number) {
  for (let pages = 0; pages < MAX_PAGES && rows(list).length < number; pages += 1) {
    const more = $(":scope > .more", list);
    const response = more && await read($("a", more).getAttribute("href")).catch(() => null);
    if (!response?.ok) return;
    more.replaceWith(...(parsePage(await response.text()).tasks?.children ?? []));
  }
}

function refreshSoon() {
  isStale = true;
  if (!entries().length) refresh();
}

document.addEventListener("aido:stale", refreshSoon);
for (const outcome of ["sent", "refused", "withdrawn"]) {
  document.addEventListener(`aido:${outcome}`, () => isStale && refreshSoon());
}

function onReturn() {
  if (!document.hidden && (isStale || Date.now() - lastRead > MIN_INTERVAL)) refresh();
}

window.addEventListener("focus", onReturn);
document.addEventListener("visibilitychange", onReturn);

// Back shows the same rows at the same place.

const placeKey = () => `aido:${owner}:place:${location.pathname}${location.search}`;

window.addEventListener("pagehide", () => {
  const list = $("#tasks");
  if (!list) return;
  try {
    sessionStorage.setItem(placeKey(), JSON.stringify({ y: scrollY, number: rows(list).length }));
  } catch { /* the place is not kept */ }
});

async function restorePlace() {
  const { type } = performance.getEntriesByType("navigation")[0] ?? {};
  const place = JSON.parse(sessionStorage.getItem(placeKey()) ?? "null");
  if (!["back_forward", "reload"].includes(type) || !place) return;
  const list = $("#tasks");
  if ($(":scope > .more", list) && rows(list).length < place.number) {
    const fresh = list.cloneNode(true);
    await loadMore(fresh, place.number);
    swapElement(list, fresh);
    dispatch("aido:read", { isWhole: true });
  }
  scrollTo({ top: place.y, behavior: "instant" });
}

if ($("#tasks")) restorePlace();
// The page before this one sent a change after the server had read this list.
if (stored("sent") > performance.timeOrigin) refreshSoon();

// A page that the browser kept in memory may be old, or of a user who has signed out.
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.body.hidden = true;
  location.reload();
});
