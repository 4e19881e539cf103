// Lets one tab at a time send what is queued.

import { owner, read, remove, write } from "./store.js";

const LEASE = 10_000; // milliseconds
const tab = Math.random().toString(36);

/** Run `work` while no other tab does. Return false if another one does. */
export function exclusively(work) {
  const name = `aido:${owner}:outbox`;
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
