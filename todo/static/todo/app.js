// Enhances the pages. Links and forms work without it.

import "./outbox.js";
import "./rebase.js";
import { showUnsent } from "./acts.js";
import "./undo.js";
import "./waiting.js";
import "./refresh.js";
import "./search.js";
import "./drafts.js";
import "./add.js";
import "./rows.js";
import "./quick.js";
import "./choose.js";
import "./hold.js";
import "./drag.js";
import "./order.js";
import "./keys.js";
import "./offline.js";
import { flush } from "./outbox.js";
import { $, renewToken } from "./dom.js";

document.addEventListener("submit", ({ target }) => renewToken(target), true);

const zone = $("[name=time_zone][type=hidden]");
if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;

showUnsent();
flush();
