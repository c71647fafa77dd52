// "This browser": turns its notifications on, or says plainly why it cannot.
(() => {
  const place = document.querySelector("[data-push]");
  if (!place) return;
  const { key, worker, subscribe } = place.dataset;
  const words = place.querySelector("[data-push-words]");
  const button = place.querySelector("button");
  const token = place.querySelector("[name=csrfmiddlewaretoken]").value;
  const put = (text, offer) => {
    words.textContent = text;
    button.hidden = !offer;
  };
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const plain = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

  if (!window.isSecureContext) return put(say("It cannot: this page is not served over https."), false);
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return put(say("It cannot: this browser knows no push messages. On an iPhone, add Tocsin to the home screen first."), false);
  if (Notification.permission === "denied") return put(say("It may not: notifications of this site are blocked in the browser's settings."), false);

  const show = async () => {
    const known = await navigator.serviceWorker.getRegistration("/");
    const on = await known?.pushManager.getSubscription();
    put(on ? say("This browser is on. It stands in the list of addresses above.") : say("This browser is off."), !on);
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const registration = await navigator.serviceWorker.register(worker, { scope: "/" });
      await navigator.serviceWorker.ready;
      const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
      const body = new FormData();
      body.append("endpoint", made.endpoint);
      body.append("p256dh", plain(made.getKey("p256dh")));
      body.append("auth", plain(made.getKey("auth")));
      const answer = await fetch(subscribe, { method: "POST", body, headers: { "X-CSRFToken": token } });
      if (!answer.ok) throw new Error((await answer.text()).slice(0, 200));
      location.reload();
    } catch (error) {
      put(Notification.permission === "denied" ? say("It may not: you have blocked notifications of this site.") : say("It did not work: {1}", error.message), true);
    }
    button.disabled = false;
  });
  show();
})();
