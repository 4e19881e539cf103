// Enhances the pages. Links and forms work without it.

const $ = (selector, root = document) => root.querySelector(selector);
const item = (node) => node?.closest?.("[data-testid=todo-item]");
const cookie = (name) => document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? "";

function showMessage(text, status) {
  $("#toast").textContent = text;
  if (status !== 401) return;
  const link = document.createElement("a");
  Object.assign(link, { href: document.body.dataset.signIn, target: "_blank", textContent: "Sign in" });
  $("#toast").append(" ", link);
}

// Send the CSRF token of the cookie: that of the page is stale after a new sign-in.
document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  detail.headers["X-CSRFToken"] = cookie("csrftoken");
  detail.parameters.delete?.("csrfmiddlewaretoken");
  delete detail.parameters.csrfmiddlewaretoken;
  if (!target.matches(".edit-box")) return;
  target.dataset.left = "yes";
  detail.parameters.version = $(".row", item(target)).dataset.version;
});

// New tasks and "mark all" are sent one after the other, each with the values it was given.
// A title stays in its box, selected, until the task is saved or the next one is typed.

let queue = Promise.resolve(), waiting = 0, sentTitle = null;

document.addEventListener("submit", (event) => {
  if (event.target.id !== "new") return;
  event.preventDefault();
  event.stopPropagation();
  const input = $("#title");
  const title = input.value.trim();
  if (!title || title === sentTitle) return;
  sentTitle = title;
  input.select();
  const values = { title, key: crypto.randomUUID?.() ?? "" }; // over plain HTTP only localhost has it
  const swap = $("#sort").value === "-created_at" ? "afterbegin" : "beforeend";
  enqueue($("#new").getAttribute("action"), () => ({ swap, values }));
}, true);

document.addEventListener("change", ({ target }) => {
  if (target.id !== "toggle-all") return;
  const completed = target.checked ? "1" : "";
  const values = () => ({ completed, since: $("#tasks").dataset.since ?? "" });
  enqueue(target.form.getAttribute("action"), () => ({ swap: "outerHTML", values: values() }));
});

function enqueue(path, getOptions) {
  waiting += 1;
  queue = queue
    .then(() => htmx.ajax("POST", path, { source: $("#tasks"), target: "#tasks", ...getOptions() }))
    .catch(() => {})
    .finally(() => { waiting -= 1; syncToggleAll(); continueWhenSaved(); });
}

// Once all requests are answered, check "mark all" if no task of the list is open.
function syncToggleAll() {
  const all = $("#toggle-all");
  if (waiting || !all) return;
  const hasOpen = $("#tasks > [data-testid]:not(.completed)");
  const isKnown = !$("#tasks > .more") || "completed" in $("#tasks").dataset;
  all.hidden = !$("#tasks > [data-testid]");
  all.checked = !all.hidden && !hasOpen && (isKnown || $("#status").dataset.open === "0");
}

document.addEventListener("htmx:afterRequest", ({ detail: { successful, requestConfig } }) => {
  if (requestConfig.path !== $("#new")?.getAttribute("action")) return;
  const title = requestConfig.parameters.get?.("title") ?? requestConfig.parameters.title;
  const input = $("#title");
  const isUnchanged = input.value.trim() === sentTitle;
  if (!successful) input.value = !input.value || isUnchanged ? title : `${title} · ${input.value}`;
  else if (title !== sentTitle) return; // a later one is on its way
  else if (isUnchanged) input.value = "";
  sentTitle = null;
});

// A link is followed once all changes are saved, and not at all if one failed. The list
// is read after them too: it would show deleted tasks, and their rows could not be removed.

let sending = 0, sent = 0, sentBeforeRead = 0, pendingLink = null;

document.addEventListener("htmx:beforeSend", ({ target, detail }) => {
  if (target.matches(".search")) sentBeforeRead = sent;
  if (detail.requestConfig.verb !== "post") return;
  sending += 1;
  sent += 1;
});

document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (detail.requestConfig.verb !== "post") return afterRead(target, detail.successful);
  sending -= 1;
  if (!detail.successful) pendingLink = null;
  continueWhenSaved();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || elsewhere || event.defaultPrevented || !(sending || waiting)) return;
  event.preventDefault();
  pendingLink = link.href;
});

function continueWhenSaved() {
  if (sending || waiting) return;
  retryRead();
  if (!pendingLink) return;
  location.assign(pendingLink);
  pendingLink = null; // the Back button may show this page again
}

window.addEventListener("beforeunload", (event) => {
  if (waiting > 1) event.preventDefault(); // unsent tasks would be lost
});

// A page that the browser kept in memory may be old, or of a user who has signed out.
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.body.hidden = true;
  location.reload();
});

// A row: rename its task in place, open and close its details.

function edit(li) {
  if (!li || li.hasAttribute("data-editing") || !$(".toggle", li)) return;
  const box = $("#edit-box").cloneNode(true);
  const input = $("input", box);
  box.removeAttribute("id");
  Object.assign(box, { hidden: false, className: "edit-box" });
  box.setAttribute("hx-post", `/tasks/${li.id.slice(5)}/rename`);
  box.setAttribute("hx-target", `#${li.id}`);
  input.value = $(".title", li).textContent;
  li.setAttribute("data-editing", "");
  li.append(box);
  htmx.process(box);
  input.focus();
  input.select();
}

function cancelEdit(li) {
  const box = $(".edit-box", li);
  box.dataset.left = "yes";
  box.remove();
  li.removeAttribute("data-editing");
  li.focus();
}

function save(box) {
  const li = item(box);
  if (!li || box.dataset.left) return;
  if ($("input", box).value.trim() === $(".title", li).textContent) return cancelEdit(li);
  box.requestSubmit();
}

document.addEventListener("dblclick", (event) => {
  if (!event.target.closest("button, a, input, .more-of-it")) edit(item(event.target));
});

document.addEventListener("blur", ({ target }) => {
  if (target.matches?.(".edit")) save(target.form);
}, true);

document.addEventListener("click", (event) => {
  const li = item(event.target);
  const more = li && $(".more-of-it", li);
  if (event.target.matches(".cancel") && more) close(event, li, more);
  if (event.target.matches(".details") && more?.firstElementChild) close(event, li, more);
}, true);

function close(event, li, more) {
  event.preventDefault();
  event.stopPropagation();
  more.replaceChildren();
  $(".details", li).focus();
}

// After htmx swaps.

let focusCandidates = []; // ids of a swapped row and its neighbors, to restore the focus
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  const isPage = detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html");
  if (detail.xhr.status === 409 && isPage) Object.assign(detail, { shouldSwap: true, isError: false });
  const li = item(target);
  focusCandidates = li ? [li.id, li.nextElementSibling?.id, li.previousElementSibling?.id] : [];
});

// A tick renews the description in the form below it, unless someone is writing there. Then
// the form keeps its version too, so that saving it reports the conflict.
document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
  const text = target.form && $("textarea", target.form);
  if (text && text.value !== text.defaultValue) detail.shouldSwap = false;
});

// The row that a deleted task left may be gone too. Then restoring it shows the whole list.
document.addEventListener("submit", ({ target }) => {
  const isGone = target.matches("#toast form") && !$(target.getAttribute("hx-target"));
  if (isGone) target.setAttribute("hx-target", "#tasks");
}, true);

document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  syncToggleAll();
  for (const li of document.querySelectorAll("#tasks > li[id]")) {
    const [first, second] = document.querySelectorAll(`#${li.id}`);
    if (second) first.remove();
  }
  if (target.matches(".more-of-it")) $("[name=title]", target)?.focus();
  else if (detail.requestConfig?.verb === "post" && document.activeElement === document.body) {
    const rows = focusCandidates.map((id) => item(document.getElementById(id)));
    (rows.find(Boolean) ?? $("#tasks > [data-testid]") ?? $("#title"))?.focus();
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches(".search, .more a, #toast form")) showMessage("");
  if (event.target.matches(".search") && (sending || waiting)) {
    event.preventDefault();
    pendingRead = event.target;
  }
});

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ target, detail }) => {
    const { xhr } = detail;
    const isText = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
    showMessage(isText ? xhr.responseText : "That did not work. Try again in a few seconds.", xhr.status);
    if (target.matches("[type=checkbox]")) target.checked = !target.checked;
    if (target.matches(".edit-box")) {
      delete target.dataset.left;
      const row = $(".row", item(target));
      row.dataset.version = xhr.getResponseHeader("Version") ?? row.dataset.version;
      $("input", target).focus();
    }
  });
}

// A search or "More" that failed is sent again when the user comes back to this tab. A
// list that was read while a change was on its way is read again after it.

let pendingRead = null;
function afterRead(target, isSuccessful) {
  const isSearch = target.matches(".search");
  if (!isSearch && !target.matches(".more a")) return;
  if (!isSuccessful) pendingRead ??= target;
  else if (isSearch) {
    pendingRead = sent === sentBeforeRead ? null : target;
    continueWhenSaved();
  }
}

window.addEventListener("focus", retryRead);

function retryRead() {
  const element = pendingRead;
  pendingRead = null;
  if (element?.isConnected) htmx.trigger(element, "retry");
}

// Keyboard shortcuts, outside of inputs.

const keys = {
  n: () => $("#title")?.focus(),
  "/": () => $("#search")?.focus(),
  "?": () => { const help = $(".help"); if (help) { help.open = !help.open; $("summary", help).focus(); } },
  j: (li) => step(li, "nextElementSibling", 0),
  k: (li) => step(li, "previousElementSibling", -1),
  x: (li) => $(".toggle", li ?? document.createElement("li"))?.click(),
  e: (li) => edit(li),
};

function step(li, direction, edge) {
  const all = [...document.querySelectorAll("[data-testid=todo-item]")];
  const at = li && all[all.indexOf(li) + (direction === "nextElementSibling" ? 1 : -1)];
  (at ?? li ?? all.at(edge))?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return escape(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const action = keys[event.key];
  if (!action || !$("#tasks")) return;
  event.preventDefault();
  action(item(document.activeElement));
});

function escape(event) {
  const li = item(event.target);
  if (event.target.matches(".edit")) cancelEdit(li);
  else if (li && $(".more-of-it", li).firstElementChild) close(event, li, $(".more-of-it", li));
  else if ($(".help")?.open) $(".help").open = false;
  else document.activeElement?.blur();
}

const zone = $("[name=time_zone][type=hidden]");
if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
