// Days as the user counts them. The page says which day it was when it was loaded.

import { $ } from "./dom.js";

const DAY = 86_400_000; // milliseconds
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
