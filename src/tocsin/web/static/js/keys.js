// Single keys, as in UX "Conventions". Never while typing, never with a modifier; can be turned off.
(() => {
  const OFF = "tocsin.keys.off";
  const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  let waitingForGo = false;

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("is-at"));
    const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
    if (at >= 0) all[at].classList.remove("is-at");
    all[to].classList.add("is-at");
    const link = all[to].querySelector("a[data-row-link]");
    link.focus({ preventScroll: true });
    all[to].scrollIntoView({ block: "nearest" });
  };
  const press = (name) => {
    const element =
      document.querySelector(`[data-row].is-at [data-row-key="${name}"]`) || document.querySelector(`[data-key="${name}"]`);
    if (!element) return false;
    if (element.matches("input, textarea, select")) element.focus();
    else element.click();
    if (element.matches("input[type=search], input[type=text]")) element.select();
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (localStorage.getItem(OFF) && event.key !== "?") return;
    if (typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (waitingForGo) {
      waitingForGo = false;
      if (press(`g ${event.key}`)) event.preventDefault();
      return;
    }
    // Where there are no rows these keys are free for what the page itself names (the command's "known now").
    if (event.key === "j" && rows().length) move(1);
    else if (event.key === "k" && rows().length) move(-1);
    else if (event.key === "g") waitingForGo = true;
    else if (event.key === "?") document.getElementById("keys").showModal();
    else if (event.key === "Enter" && event.target === document.body) {
      const row = document.querySelector("[data-row].is-at a[data-row-link]");
      if (row) row.click();
    } else if (!press(event.key)) return;
    event.preventDefault();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    for (const other of rows()) other.classList.toggle("is-at", other === row);
  });
  const toggle = document.querySelector("[data-keys-toggle]");
  const show = () => {
    const on = !localStorage.getItem(OFF);
    toggle.textContent = on ? "On" : "Off";
    toggle.setAttribute("aria-pressed", String(on));
  };
  if (toggle) {
    show();
    toggle.addEventListener("click", () => {
      if (localStorage.getItem(OFF)) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
      show();
    });
  }
})();
