// The groups of the sidebar stay as the viewer left them; the one with the present page is always open.
(() => {
  const KEY = "tocsin.nav.";
  for (const group of document.querySelectorAll("details.nav-group")) {
    const kept = localStorage.getItem(KEY + group.id);
    if (kept && !group.querySelector("[aria-current]")) group.open = kept === "open";
    group.addEventListener("toggle", () => localStorage.setItem(KEY + group.id, group.open ? "open" : "closed"));
  }
})();
