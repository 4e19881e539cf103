// What several modules share: elements, ids of tasks, messages and days.

const DAY = 86_400_000; // milliseconds
export const MAX_TITLE = 200; // characters
const FAILED = "That did not work. Try again in a few seconds.";
const OFFLINE = "You are offline. This needs the network: try again when it is back.";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const row = (id) => document.getElementById(`task-${id}`);
export const rowOf = (node) => node?.closest?.("[data-testid=todo-item]");
export const taskId = (li) => li?.id.slice("task-".length);
export const cookie = (name) => document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? "";
export const page = () => location.pathname + location.search;

/** Return the address of a route such as "tasks/bulk": aido may be served under a path. */
export const address = (route) => document.body.dataset.root + route;

/** Give a form the CSRF token of the cookie: its own is stale after a new sign-in. */
export function renewToken(form) {
  const field = form.elements.csrfmiddlewaretoken;
  if (field) field.value = cookie("csrftoken") || field.value;
}

/** Return what a change sends in a field. */
export const valueOf = (entry, name) => entry.fields.find(([each]) => each === name)?.[1];

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
  toast.append(" ", create("a", { href: document.body.dataset.signIn, target: "_blank", textContent: "Sign in" }));
}

/** Say why something could not be read, as far as the browser knows. */
export const failureText = () => navigator.onLine === false ? OFFLINE : FAILED;

// Rows and elements.

export const items = () => $$("#tasks > [data-testid=todo-item]:not([hidden])");
export const titleOf = (li) => $("[data-testid=todo-title]", li)?.textContent.trim() ?? "";
export const length = (text) => [...text.trim()].length; // as the server counts
export const isByHand = () => $("#sort")?.value === "position" && !$("#search")?.value.trim();
export const isComposing = (event) => event.isComposing || event.keyCode === 229; // Safari
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

export function create(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function hiddenInput(name, value) {
  const input = create("input", { type: "hidden", name });
  input.setAttribute("value", value); // so that a reset keeps it
  return input;
}

/** Announce a text to screen readers. */
export function announce(text) {
  const region = $("#announcement");
  if (region) region.textContent = text;
}

// Days as the user counts them. The page says which day it was when it was loaded.

const toDate = (text) => new Date(`${text}T12:00Z`);
const toText = (date) => date.toISOString().slice(0, 10);
const localDay = (time) => toText(new Date(time - new Date(time).getTimezoneOffset() * 60_000));

const addDays = (day, count) => toText(new Date(toDate(day).getTime() + count * DAY));

/** Return today's date in the time zone of the user. A page may stay open for days. */
export function today() {
  const loaded = localDay(performance.timeOrigin);
  const passed = Math.round((toDate(localDay(Date.now())) - toDate(loaded)) / DAY);
  return addDays($("[data-today]")?.dataset.today || loaded, passed);
}

/** Return the date of "0", "1" (in how many days) or "next-week". */
export function dayFor(text) {
  const monday = 7 - ((toDate(today()).getUTCDay() + 6) % 7);
  return addDays(today(), text === "next-week" ? monday : Number(text));
}

/** Return such as "Tomorrow", "Dec 24" or "Jan 1, 2027", as the server does. */
export function dayText(day) {
  const near = { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[(toDate(day) - toDate(today())) / DAY];
  const year = day.slice(0, 4) === today().slice(0, 4) ? undefined : "numeric";
  return near ?? toDate(day).toLocaleDateString("en", { month: "short", day: "numeric", year, timeZone: "UTC" });
}

export const weekday = (day) => toDate(day).toLocaleDateString("en", { weekday: "short", timeZone: "UTC" });
