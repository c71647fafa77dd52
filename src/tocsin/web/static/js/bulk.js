// Ticking rows: x ticks the row under the cursor; what can be done with the ticked ones appears above the list.
(() => {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const all = document.querySelector("[data-bulk-all]");
  const ones = () => [...document.querySelectorAll("[data-bulk-one]")];
  const count = bar.querySelector("[data-bulk-count]");
  const act = bar.querySelector("[name=act]");
  const tag = bar.querySelector(".bulk-tag");
  const show = () => {
    const ticked = ones().filter((one) => one.checked);
    bar.hidden = !ticked.length;
    count.textContent = `${ticked.length} ticked`;
    all.checked = ticked.length > 0 && ticked.length === ones().length;
    all.indeterminate = ticked.length > 0 && !all.checked;
    tag.hidden = act.value !== "tag";
    for (const one of ones()) one.closest("tr").classList.toggle("is-ticked", one.checked);
  };
  document.addEventListener("change", (event) => {
    if (event.target === all) for (const one of ones()) one.checked = all.checked;
    if (event.target === all || event.target === act || event.target.matches("[data-bulk-one]")) show();
  });
  bar.querySelector("[data-bulk-none]").addEventListener("click", () => {
    for (const one of ones()) one.checked = false;
    show();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("tocsin.keys.off")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    const one = document.querySelector("[data-row].is-at [data-bulk-one]");
    if (!one) return;
    one.checked = !one.checked;
    event.preventDefault();
    show();
  });
  show();
})();
