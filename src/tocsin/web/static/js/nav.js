// The groups of the sidebar stay as the viewer left them; the one with the present page is always open.
(() => {
  const KEY = "tocsin.nav.";
  for (const group of document.querySelectorAll("details.nav-group")) {
    const kept = localStorage.getItem(KEY + group.id);
    if (kept && !group.querySelector("[aria-current]")) group.open = kept === "open";
    // Only what the viewer does is kept: a group that opened for the page in it closes again with the next page.
    group.querySelector("summary").addEventListener("click", () => localStorage.setItem(KEY + group.id, group.open ? "closed" : "open"));
  }
})();
