"use strict";
// Says so where there is no connection, and keeps what was typed. Its sentences stand on its own tag, in the reader's language.
(() => {
  const { worker, seen, again, unsent, unsure, left } = document.currentScript.dataset;
  const main = document.getElementById("content");
  const workers = navigator.serviceWorker;
  let sending = false;
  let reached = false;

  const say = (sentence, kind, role) => {
    document.getElementById("offline")?.remove();
    const shown = document.createElement("p");
    Object.assign(shown, { id: "offline", className: kind, textContent: sentence, tabIndex: -1 });
    shown.setAttribute("role", role);
    main.prepend(shown);
    return shown;
  };
  const refuse = (sentence) => say(sentence, "error", "alert").focus();

  if ("kept" in document.documentElement.dataset && seen) {
    const link = Object.assign(document.createElement("a"), { href: "", textContent: again });
    say(`${seen} `, "warning", "status").append(link);
  }

  if (workers) {
    workers.register(worker).catch(() => {});
    workers.addEventListener("message", (event) => {
      if (event.data === "not sent" && sending) refuse(unsure);
    });
  }

  const reachable = () => fetch(worker, { method: "HEAD", cache: "no-store" }).then(() => true, () => false);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method")?.toLowerCase() !== "post") return;
    const leaving = form.getAttribute("action")?.endsWith("/sign-out");
    if (leaving) workers?.controller?.postMessage("forget");
    sending = true;
    if (navigator.onLine || reached) return;
    // Without any network there may still be a server on this very machine.
    event.preventDefault();
    event.stopImmediatePropagation();
    reachable().then((there) => {
      reached = there;
      if (there) form.requestSubmit(event.submitter);
      else refuse(leaving ? left : unsent);
    });
  }, true);

  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.requestConfig.verb !== "get") refuse(unsure);
  });
  addEventListener("online", () => {
    const said = document.getElementById("offline");
    if (said?.textContent === unsent) said.remove();
  });
})();
