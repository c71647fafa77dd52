// Hears that something on this page has changed, and lets its parts ask for themselves ("live:tickets", "live:ticket", "live:me").
// Where events cannot be had it asks every few seconds. "live, 2 s ago" turns amber, in words, when the server is away.
(() => {
  const { liveUrl, liveTopics } = document.body.dataset;
  const topics = (liveTopics || "").split(" ").filter(Boolean);
  const light = document.querySelector("[data-live]");
  const words = light?.querySelector("[data-live-words]");
  const ASK = 4000; // milliseconds between looks without events
  const LOOK = 30000; // and with events, in case one was lost
  const SILENT = 32000; // three beats missed
  let last = Date.now();
  let looked = Date.now();
  let lost = false;
  let hearing = false;
  let source = null;
  let missed = false; // something changed while nobody looked

  const tell = (names) => {
    looked = Date.now();
    for (const name of names) document.body.dispatchEvent(new Event(`live:${name.split(":")[0]}`));
  };
  const look = () => {
    if (document.hidden) missed = true;
    else tell(topics);
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !missed) return;
    missed = false;
    tell(topics);
  });

  const connect = () => {
    if (!liveUrl || !topics.length || !window.EventSource) return;
    const address = new URL(liveUrl.startsWith(":") ? `${location.protocol}//${location.hostname}${liveUrl}/live` : liveUrl, location);
    for (const topic of topics) address.searchParams.append("topic", topic);
    const own = new EventSource(address, { withCredentials: true });
    source = own;
    const heard = () => {
      last = Date.now();
      lost = false;
      hearing = true;
    };
    own.addEventListener("open", () => {
      heard();
      look(); // catch up with what happened meanwhile
    });
    own.addEventListener("beat", heard);
    own.addEventListener("changed", (event) => {
      heard();
      if (document.hidden) missed = true;
      else tell([event.data]);
    });
    const end = () => {
      if (source !== own) return;
      hearing = false;
      if (own.readyState !== EventSource.CLOSED) return; // the browser connects again by itself
      source = null;
      setTimeout(connect, 15000);
    };
    own.addEventListener("ended", () => {
      own.close();
      end();
    });
    own.addEventListener("error", end);
  };
  connect();
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => event.persisted && connect());

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
    const now = Date.now();
    if (hearing && now - last > SILENT) {
      hearing = false;
      source?.close();
      source = null;
      connect();
    }
    if (topics.length && now - looked > (hearing ? LOOK : ASK)) {
      looked = now;
      look();
    }
    if (!light) return;
    const seconds = Math.round((now - last) / 1000);
    const away = lost || seconds > 35;
    light.classList.toggle("is-lost", away);
    const text = away ? `not connected, as of ${seconds} s ago` : seconds < 2 || hearing ? "live" : `live, ${seconds} s ago`;
    if (words.textContent !== text) words.textContent = text;
  }, 1000);
})();
