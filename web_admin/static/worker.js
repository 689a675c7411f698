"use strict";
// Stands between the office and the network: shows pages that were kept on this device where there is no connection, and leaves a form
// as it is where it can not be sent. What may be kept, and for whom, the server says (web_admin/offline/keeping.py).

const FRAME = "koprogo-frame";
const PAGES = "koprogo-pages-";
const MOST = 60;
const LASTS = 14 * 24 * 60 * 60 * 1000;
const SCOPE = new URL(self.registration.scope).pathname;
const NO_PAGE = `${SCOPE}offline/${new URLSearchParams(self.location.search).get("language")}`;
const STYLE = ["/static/office.css", "/static/offline.js", "/static/kept.js", "/static/icons/house.svg"];
let emptied = 0;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(FRAME).then((frame) => frame.addAll([NO_PAGE, ...STYLE])));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(forget());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/") && request.method === "GET") {
    event.respondWith(styled(event));
  } else if (request.mode === "navigate" && url.pathname.startsWith(SCOPE) && url.pathname !== `${SCOPE}sign-out`) {
    event.respondWith(request.method === "GET" ? page(event) : form(event));
  }
});

async function styled(event) {
  try {
    const answer = await fetch(event.request);
    if (answer.status === 200) {
      const copy = answer.clone();
      event.waitUntil(caches.open(FRAME).then((frame) => frame.put(event.request, copy)));
    }
    return answer;
  } catch {
    return (await caches.match(event.request, { cacheName: FRAME })) ?? Response.error();
  }
}

async function page(event) {
  const before = emptied;
  try {
    const answer = await fetch(event.request);
    event.waitUntil(noted(event.request.url, answer, answer.clone(), before));
    return answer;
  } catch {
    return (await kept(event.request.url)) ?? (await notKept());
  }
}

// A navigation that is answered with 204 leaves the page where it is, with all that was typed.
async function form(event) {
  try {
    const answer = await fetch(event.request);
    event.waitUntil(belongs(answer));
    return answer;
  } catch {
    for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage("not sent");
    return new Response(null, { status: 204 });
  }
}

// Empties the store of what belongs to somebody else. Gives the name of his who reads now; none where it says of nobody.
async function belongs(answer) {
  const whose = answer.headers.get("X-Kept-For");
  if (whose === null) return null;
  if (whose === "nobody") emptied += 1;
  await forget(PAGES + whose);
  return whose === "nobody" ? null : PAGES + whose;
}

async function forget(but = "") {
  if (!but) emptied += 1;
  for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== but) await caches.delete(name);
}

async function noted(url, answer, copy, before) {
  const name = await belongs(answer);
  if (name === null || answer.headers.get("X-Keep") !== "yes" || emptied !== before) return;
  // What is said once is not said again.
  const text = (await copy.text()).replace(/<p class="flash"[^]*?<\/p>/, "");
  if (emptied !== before) return;
  const pages = await caches.open(name);
  await pages.put(url, new Response(text, { headers: answer.headers }));
  const all = await pages.keys();
  for (const oldest of all.slice(0, Math.max(0, all.length - MOST))) await pages.delete(oldest);
}

async function kept(url) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGES)) continue;
    const pages = await caches.open(name);
    for (const each of await pages.keys()) {
      const seen = Date.parse((await pages.match(each)).headers.get("Date"));
      if (!(Date.now() - seen < LASTS)) await pages.delete(each);
    }
    const found = await pages.match(url);
    if (found) return again(found, 200, "<html data-kept");
  }
  return null;
}

async function notKept() {
  const found = await caches.match(NO_PAGE, { cacheName: FRAME });
  return found ? again(found, 503, "<html") : Response.error();
}

async function again(found, status, begun) {
  const headers = new Headers(found.headers);
  headers.delete("Content-Length");
  return new Response((await found.text()).replace("<html", begun), { status, headers });
}
