"use strict";
// Lists the pages that are kept on this device, the last seen first.
(async () => {
  const place = document.getElementById("kept");
  const lines = [];
  for (const name of await caches.keys()) {
    if (!name.startsWith("koprogo-pages-")) continue;
    const pages = await caches.open(name);
    for (const each of (await pages.keys()).reverse()) {
      const read = new DOMParser().parseFromString(await (await pages.match(each)).text(), "text/html");
      const link = Object.assign(document.createElement("a"), { href: each.url, textContent: read.title.replace(/ · KoproGo$/, "") });
      lines.push(document.createElement("li"));
      lines.at(-1).append(link);
    }
  }
  place.querySelector("ul").append(...lines);
  place.hidden = lines.length === 0;
})();
