// The service worker: shows an offline page without a network. It keeps that page
// and its files, never tasks. Files whose names have a hash come from here first.

const CACHE = "aido-offline";
const OFFLINE = new URL("offline", self.registration.scope).href;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;
const LINKS = [/(?:src|href)="([^"#]+)/g, /\b(?:import|from)\s*"(\.\/[^"]+)"/g];

self.addEventListener("install", (event) => {
  event.waitUntil(keepOfflinePage().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// A page names its script: another name means that a new version was deployed.
self.addEventListener("message", (event) => {
  event.waitUntil(caches.match(event.data.script).then((known) => known ?? keepOfflinePage()));
});

/** Keep the page and all files that it links to or imports, and no others. */
async function keepOfflinePage() {
  const cache = await caches.open(CACHE);
  const kept = new Set(), queue = [OFFLINE];
  for (let url; (url = queue.pop());) {
    if (kept.has(url)) continue;
    kept.add(url);
    const cached = HASHED.test(url) ? "default" : "no-cache";
    const response = await fetch(url, { cache: cached, credentials: "omit" });
    if (!response.ok) continue;
    await cache.put(url, response.clone());
    if (/html|javascript/.test(response.headers.get("Content-Type"))) queue.push(...filesIn(await response.text(), url));
  }
  for (const { url } of await cache.keys()) if (!kept.has(url)) await cache.delete({ url });
}

function filesIn(text, base) {
  const urls = LINKS.flatMap((pattern) => [...text.matchAll(pattern)]).map(([, url]) => new URL(url, base));
  return urls.filter(({ origin, pathname }) => origin === location.origin && /\.(js|css|svg)$/.test(pathname)).map(String);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  else if (HASHED.test(request.url)) event.respondWith(fromCache(request));
  else if (/\.(js|css|svg)$/.test(request.url)) event.respondWith(fromNetwork(request));
});

const fromCache = async (request) => await caches.match(request) ?? fetch(request);

async function fromNetwork(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}
