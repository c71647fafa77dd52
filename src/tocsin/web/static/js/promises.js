// Promises noticed in a reply are offered under the composer. Nothing is a promise until it is ticked and the reply is sent.
(() => {
  const place = document.querySelector("[data-promise-offers]");
  const form = place?.closest("form");
  if (!form) return;
  const text = form.querySelector("textarea");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  let timer = 0;
  let asked = "";
  const ask = async () => {
    const body = form.querySelector("[name=kind]:checked").value === "reply" ? text.value : "";
    if (body === asked) return;
    asked = body;
    if (!body.trim()) {
      place.replaceChildren();
      return;
    }
    const fields = new FormData();
    fields.append("csrfmiddlewaretoken", token);
    fields.append("body", body);
    try {
      const answer = await fetch(place.dataset.promiseOffers, { method: "POST", body: fields, headers: { "X-CSRFToken": token } });
      if (!answer.ok || body !== asked) return;
      const ticked = new Set([...place.querySelectorAll("input:checked")].map((box) => box.name + box.value));
      place.innerHTML = await answer.text();
      for (const box of place.querySelectorAll("input")) box.checked = ticked.has(box.name + box.value);
    } catch {
      asked = ""; // the light says that the server is away; the next key asks again
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 500);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  soon();
})();
