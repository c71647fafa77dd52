// Ctrl-K: one field that finds tickets, people, policies and pages. Results come from the server.
(() => {
  const box = document.getElementById("palette");
  if (!box) return;
  const input = box.querySelector("input");
  const list = box.querySelector(".palette-list");
  let at = 0;
  let timer = 0;
  const items = () => [...list.querySelectorAll("a")];
  const mark = (index) => {
    const all = items();
    at = Math.max(0, Math.min(all.length - 1, index));
    all.forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    if (all[at]) {
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const load = async () => {
    const asked = input.value;
    const answer = await fetch(`${box.dataset.source}?q=${encodeURIComponent(asked)}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || input.value !== asked) return;
    list.innerHTML = await answer.text();
    mark(0);
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!box.open) box.showModal();
    }
  });
  new MutationObserver(() => {
    if (!box.open) return;
    input.value = "";
    input.focus();
    load();
  }).observe(box, { attributeFilter: ["open"] });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, 80);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter" && items()[at]) items()[at].click();
    else return;
    event.preventDefault();
  });
})();
