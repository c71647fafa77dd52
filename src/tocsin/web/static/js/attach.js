// Pasted and dropped pictures become files of the message; the list says what will be sent, and takes it out again.
(() => {
  for (const form of document.querySelectorAll("form[data-attach]")) {
    const input = form.querySelector("input[type=file]");
    const list = form.querySelector("[data-files]");
    const text = form.querySelector("textarea");
    if (!input || !list || !text) continue;

    const show = () => {
      list.replaceChildren(...[...input.files].map((file, at) => {
        const line = document.createElement("li");
        const name = document.createElement("span");
        name.textContent = `${file.name} (${Math.max(1, Math.round(file.size / 1000))} KB)`;
        const out = document.createElement("button");
        out.type = "button";
        out.className = "btn ghost mini";
        out.textContent = say("Take out");
        out.setAttribute("aria-label", say("Take out {1}", file.name));
        out.addEventListener("click", () => keep([...input.files].filter((_, other) => other !== at)));
        line.append(name, out);
        return line;
      }));
    };
    const keep = (files) => {
      const bag = new DataTransfer();
      for (const file of files) bag.items.add(file);
      input.files = bag.files;
      show();
    };
    const add = (files) => keep([...input.files, ...files]);

    let before = [];
    input.addEventListener("click", () => { before = [...input.files]; });
    input.addEventListener("change", () => keep([...before.filter((file) => ![...input.files].includes(file)), ...input.files]));
    text.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (!files.length) return;
      event.preventDefault();
      const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
      add(files.map((file, at) => new File([file], file.name === "image.png" ? `pasted-${stamp}-${at + 1}.png` : file.name, { type: file.type })));
    });
    form.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) event.preventDefault(); });
    form.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      add([...event.dataTransfer.files]);
    });
    show();
  }
})();
