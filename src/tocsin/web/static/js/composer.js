// Drafts survive a reload and a crash: kept in this browser per ticket, gone once the message is sent.
(() => {
  const form = document.querySelector("form[data-composer]");
  if (!form) return;
  const key = `tocsin.draft.${form.dataset.composer}`;
  const text = form.querySelector("textarea");
  const state = form.querySelector("[data-draft]");
  const kinds = form.querySelectorAll("[name=kind]");
  const kind = () => form.querySelector("[name=kind]:checked").value;

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
    state.textContent = "Draft brought back";
  }
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (text.value.trim()) {
        localStorage.setItem(key, JSON.stringify({ body: text.value, kind: kind(), seen: form.elements.seen.value }));
        state.textContent = "Draft kept";
      } else {
        localStorage.removeItem(key);
        state.textContent = "";
      }
    }, 250);
  };
  text.addEventListener("input", keep);
  for (const radio of kinds) radio.addEventListener("change", keep);

  const choose = (value) => {
    for (const radio of kinds) radio.checked = radio.value === value;
    text.focus();
    text.scrollIntoView({ block: "center" });
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-compose]");
    if (button) choose(button.dataset.compose);
  });
})();
