"use strict";
// Offers to install the office where the browser can.
addEventListener("beforeinstallprompt", (offer) => {
  const place = document.getElementById("install");
  offer.preventDefault();
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => {
    offer.prompt();
    place.hidden = true;
  }, { once: true });
});
