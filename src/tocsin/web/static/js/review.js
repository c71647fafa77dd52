// A review: who else writes on it; notes are saved as they are typed; the tree of causes is worked by keyboard.
(() => {
  const others = document.querySelector("[data-watching]");
  if (others) {
    const parts = { edit: "text", notes: "notes", causes: "causes", actions: "actions", moments: "timeline" };
    let part = "";
    let typed = 0;
    let told = 0;
    const body = (word) => {
      const data = new FormData();
      data.append("csrfmiddlewaretoken", others.dataset.token);
      data.append("part", word);
      return data;
    };
    const sign = async () => {
      told = Date.now();
      if (part && Date.now() - typed > 45000) part = "";
      try {
        const answer = await fetch(others.dataset.watching, { method: "POST", body: body(part) });
        if (answer.ok) others.innerHTML = await answer.text();
      } catch {
        /* the light says that the server is away */
      }
    };
    document.addEventListener("input", (event) => {
      const place = event.target.form && new URL(event.target.form.action).pathname.match(/^\/reviews\/\d+\/(\w+)/);
      if (!place || !parts[place[1]]) return;
      typed = Date.now();
      const before = part;
      part = parts[place[1]];
      if (part !== before) sign();
    });
    sign();
    setInterval(() => !document.hidden && Date.now() - told >= 20000 && sign(), 5000);
    window.addEventListener("pagehide", () => navigator.sendBeacon(others.dataset.watching, body("gone")));
  }

  const form = document.querySelector("[data-notes]");
  if (form) {
    const text = form.querySelector("textarea");
    const before = form.querySelector("[name=before]");
    const told = form.querySelector("[data-notes-said]");
    const theirs = form.querySelector("[data-notes-theirs]");
    let timer = 0;
    let saving = false;
    let held = false; // two have written: from then on only the button saves
    const save = async () => {
      if (saving || held || text.value === before.value) return;
      saving = true;
      const sent = text.value;
      try {
        const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
        const { said, theirs: there } = await answer.json();
        told.textContent = said;
        told.classList.toggle("is-breached", !answer.ok);
        if (answer.ok) {
          before.value = sent;
        } else {
          if (there !== undefined) {
            held = true;
            before.value = there;
            theirs.querySelector("[data-notes-there]").textContent = there;
            theirs.hidden = false;
          }
          return;
        }
      } catch {
        told.textContent = say("Not saved: the server cannot be reached. Your text stays here.");
        told.classList.add("is-breached");
      } finally {
        saving = false;
      }
      if (text.value !== before.value) soon();
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(save, 800);
    };
    text.addEventListener("input", soon);
    window.addEventListener("beforeunload", (event) => {
      if (text.value.trim() !== before.value.trim()) event.preventDefault();
    });
    form.addEventListener("submit", () => {
      before.dataset.left = "yes";
      window.addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), { capture: true });
    });
  }

  const tree = document.querySelector("[data-causes]");
  if (!tree) return;
  const nodes = [...tree.querySelectorAll(".rv-cause")];
  const here = location.hash.startsWith("#cause-") && document.getElementById(location.hash.slice(1));
  if (here) here.focus();
  tree.addEventListener("keydown", (event) => {
    const node = event.target;
    if (!node.classList.contains("rv-cause") || event.ctrlKey || event.metaKey) return;
    const pressed = `${event.altKey ? "Alt+" : ""}${event.key}`;
    const control = node.querySelector(`[data-cause-key="${CSS.escape(pressed).replaceAll("\\", "")}"]`);
    if (control) {
      event.preventDefault();
      event.stopPropagation();
      if (!control.disabled) control.click();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[pressed];
    if (!step) return;
    event.preventDefault();
    nodes[Math.min(nodes.length - 1, Math.max(0, nodes.indexOf(node) + step))].focus();
  });
})();
