// The page of one task. Once what is done there is saved, it leads back to the list.

import { $ } from "./dom.js";
import { keepToast } from "./undo.js";

const back = $(".edit-page") && $(".back a");
const leaving = new Set(); // ids of changes

document.addEventListener("aido:queued", ({ detail: { entry } }) => {
  if (back && ["edit", "trash"].includes(entry.act)) leaving.add(entry.id);
});

document.addEventListener("aido:sent", ({ detail: { entry, headers } }) => {
  if (!leaving.delete(entry.id) || headers["hx-retarget"]) return; // the form, with what is wrong
  keepToast(entry.id);
  location.assign(back.href);
});
