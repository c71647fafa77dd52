// The board's rows never move under the pointer or the focus: what is new waits until they are left.
(() => {
  const board = document.getElementById("board");
  if (!board) return;
  let waiting = false;
  const held = () => board.querySelector("[data-row]:hover, [data-row]:focus-within") !== null || document.querySelector("dialog[open]") !== null;
  board.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== board || !held()) return;
    event.detail.shouldSwap = false;
    waiting = true;
  });
  const catchUp = () => {
    if (!waiting || held()) return;
    waiting = false;
    document.body.dispatchEvent(new Event("live:tickets"));
  };
  board.addEventListener("pointerout", () => setTimeout(catchUp));
  board.addEventListener("focusout", () => setTimeout(catchUp));
})();
