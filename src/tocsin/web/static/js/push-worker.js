// Runs in the background of a browser that was turned on: shows pages, and answers them from the notification itself.
self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  const everything = told.all ? " all" : "";
  const actions = told.answer
    ? [
        { action: "acknowledge", title: `Acknowledge${everything}` },
        { action: "decline", title: `Decline${everything}` },
      ]
    : [];
  event.waitUntil(
    self.registration.showNotification(told.title || "Tocsin", {
      body: told.body || "",
      tag: told.tag,
      requireInteraction: Boolean(told.urgent),
      renotify: Boolean(told.urgent && told.tag),
      icon: "/static/favicon.svg",
      data: { url: told.url || "/", answer: told.answer || "" },
      actions,
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  const { url, answer } = event.notification.data;
  event.notification.close();
  if (event.action && answer) {
    const form = new URLSearchParams({ verb: event.action });
    event.waitUntil(
      fetch(answer, { method: "POST", body: form, credentials: "omit" })
        .then(async (said) => ({ ok: said.ok, words: await said.text() }))
        .catch(() => ({ ok: false, words: "The answer did not arrive. Open the page and answer there." }))
        .then(({ ok, words }) =>
          self.registration.showNotification(ok ? "Answered" : "Not answered", { body: words, data: { url, answer: "" } }),
        ),
    );
    return;
  }
  event.waitUntil(self.clients.openWindow(url));
});
