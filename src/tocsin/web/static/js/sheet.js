// Links marked data-sheet open their page in the side sheet; without script they are ordinary links.
(() => {
  const sheet = document.getElementById("sheet");
  const content = document.getElementById("sheet-content");
  if (!sheet) return;
  let opener = null;

  const open = (href, from) => {
    opener = from || document.activeElement;
    htmx.ajax("GET", href, { target: content, swap: "innerHTML" }).then(() => {
      if (!sheet.open) sheet.showModal();
      const first = content.querySelector("[autofocus], textarea, select, input:not([type=hidden])");
      if (first) first.focus();
    });
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      open(link.href, link);
    }
    const opens = event.target.closest("[data-open]");
    if (opens) document.getElementById(opens.dataset.open).showModal();
    const closes = event.target.closest("[data-close]");
    if (closes) closes.closest("dialog").close();
  });
  // A click on the backdrop closes boxes, but never a sheet in which something may have been written.
  for (const box of document.querySelectorAll("dialog.box")) {
    box.addEventListener("click", (event) => {
      if (event.target === box) box.close();
    });
  }
  sheet.addEventListener("close", () => {
    content.replaceChildren();
    if (opener) opener.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("form[data-ctrl-enter]");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  window.tocsinOpenSheet = open;
})();
