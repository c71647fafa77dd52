// What is polled is swapped only when it says something new, and then keeps what the reader had opened.
(() => {
  const said = new WeakMap();
  const opened = new WeakMap();
  const polled = (element) => element.getAttribute("hx-trigger")?.startsWith("every");
  // Times tick by themselves (clock.js) and tokens differ in every answer: neither is news.
  const gist = (html) => html.replace(/<time[^>]*>[^<]*<\/time>/g, "").replace(/name="csrfmiddlewaretoken" value="\w+"/g, "");

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const element = event.detail.target;
    if (!polled(element) || event.detail.xhr.status !== 200) return;
    const now = gist(event.detail.xhr.responseText);
    if (said.get(element) === now) {
      event.detail.shouldSwap = false;
      return;
    }
    said.set(element, now);
    opened.set(element, new Map([...element.querySelectorAll("details[id]")].map((item) => [item.id, item.open])));
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const known = opened.get(event.detail.target);
    if (!known) return;
    for (const item of event.detail.target.querySelectorAll("details[id]")) if (known.has(item.id)) item.open = known.get(item.id);
  });
})();
