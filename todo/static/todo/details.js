// The page of one task. Once what is done there is saved, it leads back to the list.

import { $, page } from "./dom.js";
import { entries } from "./outbox.js";
import { keepToast } from "./undo.js";

const leaving = new Set(); // ids of changes

function leaveAfter(entry) {
  if (["edit", "trash"].includes(entry.act) && entry.page === page()) leaving.add(entry.id);
}

entries().forEach(leaveAfter); // that were made before this module was loaded
document.addEventListener("aido:queued", ({ detail: { entry } }) => leaveAfter(entry));

document.addEventListener("aido:sent", ({ detail: { entry, headers } }) => {
  if (!leaving.delete(entry.id) || headers["hx-retarget"]) return; // the form, with what is wrong
  keepToast(entry.id);
  location.assign($(".back a").href);
});
