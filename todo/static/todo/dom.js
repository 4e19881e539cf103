// Small helpers that several modules share.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const row = (id) => document.getElementById(`task-${id}`);
export const rowOf = (node) => node?.closest?.("[data-testid=todo-item]");
export const taskId = (li) => li?.id.slice("task-".length);
export const cookie = (name) => document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? "";
export const page = () => location.pathname + location.search;

/** Give a form the CSRF token of the cookie: its own is stale after a new sign-in. */
export function renewToken(form) {
  const field = form.elements.csrfmiddlewaretoken;
  if (field) field.value = cookie("csrftoken") || field.value;
}

export function dispatch(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

// The newest id of this tab is the largest, even if the clock is set back.
let lastTime = 0, sequence = 0;

/** Return a new UUIDv7, later than another. Over plain HTTP `crypto` has no randomUUID. */
export function uuid7(earlier = "") {
  const time = Math.max(Date.now(), lastTime, timeOf(earlier) + 1);
  sequence = time === lastTime ? sequence + 1 : 0;
  if (sequence > 0xfff) return uuid7(fromTime(time));
  lastTime = time;
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  bytes[0] = (bytes[0] & 0x3f) | 0x80;
  const random = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const counter = sequence.toString(16).padStart(3, "0");
  return `${fromTime(time)}-7${counter}-${random.slice(0, 4)}-${random.slice(4)}`;
}

const timeOf = (id) => parseInt(id.slice(0, 13).replace("-", ""), 16) || 0;

function fromTime(milliseconds) {
  const hex = milliseconds.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** Say something to everybody. An empty text closes the toast. */
export function showMessage(text, status) {
  const toast = $("#toast");
  toast.textContent = text;
  if (status !== 401) return;
  const link = document.createElement("a");
  Object.assign(link, { href: document.body.dataset.signIn, target: "_blank", textContent: "Sign in" });
  toast.append(" ", link);
}
