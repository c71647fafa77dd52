// Drafts survive a reload, a crash and a change of device: kept on the server as one writes, and in this browser until the
// server has them. Others see that somebody is replying. Macros put their text where the cursor stands.
(() => {
  const form = document.querySelector("form[data-composer]");
  if (!form) return;
  const key = `tocsin.draft.${form.dataset.composer}`;
  const text = form.querySelector("textarea");
  const state = form.querySelector("[data-draft]");
  const kinds = form.querySelectorAll("[name=kind]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const onlookers = document.getElementById("onlookers");
  const kind = () => form.querySelector("[name=kind]:checked").value;
  const post = (address, fields, more = {}) => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token);
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    return fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token }, ...more });
  };

  // The answer to a sent message comes back with ?sent: the draft has done its duty, and a reload must not eat the next one.
  const here = new URL(location.href);
  if (here.searchParams.has("sent")) {
    localStorage.removeItem(key);
    here.searchParams.delete("sent");
    history.replaceState(null, "", here);
  }
  const kept = JSON.parse(localStorage.getItem(key) || "null");
  if (kept && !text.value) {
    text.value = kept.body;
    for (const radio of kinds) radio.checked = radio.value === kept.kind;
    if (kept.seen) form.elements.seen.value = kept.seen;
  }
  if (text.value && !form.querySelector(".field-error")) state.textContent = say("Draft brought back");

  let timer = 0;
  let sending = false;
  const save = async () => {
    if (sending) return;
    const written = { kind: kind(), body: text.value, seen: form.elements.seen.value };
    try {
      const answer = await post(form.dataset.draft, written);
      if (!answer.ok) throw new Error(String(answer.status));
      if (text.value === written.body) localStorage.removeItem(key);
      if (!sending) state.textContent = written.body.trim() ? say("Draft kept") : "";
    } catch {
      if (!sending) state.textContent = say("Draft kept in this browser");
    }
  };
  const keep = () => {
    clearTimeout(timer);
    localStorage.setItem(key, JSON.stringify({ body: text.value, kind: kind(), seen: form.elements.seen.value }));
    if (!text.value.trim()) localStorage.removeItem(key);
    timer = setTimeout(save, 600);
  };
  // "/kb" at the start of a word opens the articles; the word itself goes.
  const articles = form.querySelector("[data-kb]");
  text.addEventListener("input", () => {
    const asked = /(^|\s)\/kb\s$/.exec(text.value.slice(0, text.selectionStart));
    if (articles && asked) {
      const at = text.selectionStart;
      text.setRangeText("", at - 4, at, "end");
      articles.click();
    }
    keep();
    here_(true);
  });
  for (const radio of kinds) radio.addEventListener("change", () => text.value.trim() && keep());
  form.addEventListener("submit", () => {
    sending = true;
    clearTimeout(timer);
  });

  // Who else is here. A sign every 20 seconds; gone when the page is closed.
  let doing = "viewing";
  let typed = 0;
  let told = 0;
  const sign = async () => {
    told = Date.now();
    if (doing === "replying" && Date.now() - typed > 45000) doing = "viewing";
    try {
      const answer = await post(form.dataset.presence, { doing });
      if (answer.ok && onlookers) onlookers.innerHTML = await answer.text();
    } catch {
      /* the light says that the server is away */
    }
  };
  const here_ = (writing) => {
    if (writing) typed = Date.now();
    const now = writing && kind() === "reply" ? "replying" : doing;
    if (now === doing && Date.now() - told < 20000) return;
    doing = now;
    sign();
  };
  sign();
  setInterval(() => !document.hidden && Date.now() - told >= 20000 && sign(), 5000);
  document.body.addEventListener("live:ticket", () => !document.hidden && Date.now() - told > 1500 && sign());
  window.addEventListener("pagehide", () => {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", token);
    body.append("doing", "gone");
    navigator.sendBeacon(form.dataset.presence, body);
  });

  const choose = (value) => {
    for (const radio of kinds) radio.checked = radio.value === value;
    text.focus();
    text.scrollIntoView({ block: "center" });
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-compose]");
    if (button) choose(button.dataset.compose);
    const macro = event.target.closest("[data-macro]");
    if (!macro) return;
    const answer = await post(macro.dataset.macro, {});
    if (!answer.ok) return;
    const filled = await answer.json();
    document.getElementById("sheet")?.close();
    if (!text.value.trim()) for (const radio of kinds) radio.checked = radio.value === filled.kind;
    text.setRangeText(filled.body, text.selectionStart, text.selectionEnd, "end");
    if (filled.status && form.elements.status) form.elements.status.value = filled.status;
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
