// Messages leave by themselves after a while, but not those that offer an undo or tell of an error before they were read.
(() => {
  const leave = (item) => item.remove();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (button) leave(button.closest("[data-toast]"));
  });
  for (const item of document.querySelectorAll("[data-toast]:not(.error)")) setTimeout(() => leave(item), item.querySelector("form") ? 15000 : 6000);
})();
