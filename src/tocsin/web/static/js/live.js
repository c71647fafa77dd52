// "live, 2 s ago": amber and in words when the server cannot be reached.
(() => {
  const light = document.querySelector("[data-live]");
  if (!light) return;
  const words = light.querySelector("[data-live-words]");
  // Nobody looks: do not ask. The first answer after coming back is at most one interval away.
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt.getAttribute("hx-trigger")?.startsWith("every")) event.preventDefault();
  });
  let last = Date.now();
  let lost = false;
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    last = Date.now();
    lost = false;
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.body.addEventListener(name, () => {
      lost = true;
    });
  }
  setInterval(() => {
    const seconds = Math.round((Date.now() - last) / 1000);
    const away = lost || seconds > 30;
    light.classList.toggle("is-lost", away);
    const text = away ? `not connected, as of ${seconds} s ago` : seconds < 2 ? "live" : `live, ${seconds} s ago`;
    if (words.textContent !== text) words.textContent = text;
  }, 1000);
})();
