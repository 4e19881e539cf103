// What this browser keeps for the user who is signed in: changes that are not sent yet,
// and drafts. Each value has its own key, so that two tabs cannot overwrite each other's.
// What localStorage does not take is kept in memory until the page is left.

const LAST_USER = "aido:last-user";
const LEASE = 10_000; // milliseconds
const tab = Math.random().toString(36);
const storage = (() => {
  try {
    return window.localStorage;
  } catch {
    return null; // the browser blocks it
  }
})();

// The page that is shown offline is the same for all users. It is for the one who was last
// signed in, unless a page since then was nobody's.
const isOffline = Boolean(document.getElementById("waiting"));
const user = isOffline ? storage?.getItem(LAST_USER) ?? "" : document.body.dataset.user ?? "";
const prefix = `aido:${user}:`;
const memory = new Map();

if (!isOffline && storage) {
  try {
    if (user) storage.setItem(LAST_USER, user);
    else storage.removeItem(LAST_USER);
  } catch { /* full: nothing can be added offline */ }
}

/** Keep a value. Return false if only this page has it, and leaving it would lose it. */
export function write(name, value) {
  try {
    storage.setItem(prefix + name, JSON.stringify(value));
    memory.delete(name);
    return true;
  } catch {
    memory.set(name, value);
    return false;
  }
}

export function read(name) {
  if (memory.has(name)) return memory.get(name);
  try {
    return JSON.parse(storage.getItem(prefix + name));
  } catch {
    return null;
  }
}

export function remove(name) {
  memory.delete(name);
  storage?.removeItem(prefix + name);
}

/** Return the names that start with this, in alphabetical order. */
export function names(start) {
  const stored = storage ? Object.keys(storage) : [];
  const own = stored.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  return [...new Set([...own, ...memory.keys()])].filter((name) => name.startsWith(start)).sort();
}

/** Return whether leaving the page would lose something. */
export const isLossy = () => memory.size > 0;
export const owner = user;

// One tab at a time sends what is queued.

/** Run `work` once no other tab does; return its result. */
export function exclusively(work) {
  const name = `${prefix}outbox`;
  if (navigator.locks) return navigator.locks.request(name, work);
  return withLease(work);
}

// Over plain HTTP there are no locks. A lease that two tabs take at the same time is
// harmless: the server ignores what it gets twice.
async function withLease(work) {
  for (let lease; (lease = read("lease")) && lease.tab !== tab && lease.until > Date.now();) {
    await pause(100);
  }
  renew();
  await pause(20);
  if (read("lease")?.tab !== tab) return withLease(work);
  const timer = setInterval(renew, LEASE / 4);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    remove("lease");
  }
}

const renew = () => write("lease", { tab, until: Date.now() + LEASE });
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
