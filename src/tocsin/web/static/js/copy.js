// The copy button of an address that is shown once.
(() => {
  const button = document.querySelector("[data-copy]");
  const source = document.querySelector("[data-copy-from]");
  const said = document.querySelector("[data-copied]");
  if (!button || !source) return;
  source.addEventListener("focus", () => source.select());
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value);
    said.textContent = "Copied.";
  });
})();
