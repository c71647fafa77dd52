// Passkeys: the browser's own dialogue instead of a code or a password. Forms marked data-passkey say which dialogue.
(() => {
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const create = async (form) => {
    const told = JSON.parse(form.dataset.options).publicKey;
    const alone = form.elements.passwordless && form.elements.passwordless.checked;
    const selection = { ...told.authenticatorSelection };
    selection.residentKey = alone ? "required" : "discouraged";
    selection.requireResidentKey = Boolean(alone);
    if (alone) selection.userVerification = "required";
    const made = await navigator.credentials.create({
      publicKey: {
        ...told,
        authenticatorSelection: selection,
        challenge: bytes(told.challenge),
        user: { ...told.user, id: bytes(told.user.id) },
        excludeCredentials: listed(told.excludeCredentials),
      },
    });
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        clientDataJSON: text(made.response.clientDataJSON),
        attestationObject: text(made.response.attestationObject),
        transports: made.response.getTransports ? made.response.getTransports() : [],
      },
      clientExtensionResults: made.getClientExtensionResults(),
    };
  };

  const get = async (told) => {
    const shown = await navigator.credentials.get({
      publicKey: { ...told, challenge: bytes(told.challenge), allowCredentials: listed(told.allowCredentials) },
    });
    return {
      id: shown.id,
      rawId: text(shown.rawId),
      type: shown.type,
      response: {
        clientDataJSON: text(shown.response.clientDataJSON),
        authenticatorData: text(shown.response.authenticatorData),
        signature: text(shown.response.signature),
        userHandle: shown.response.userHandle ? text(shown.response.userHandle) : null,
      },
      clientExtensionResults: shown.getClientExtensionResults(),
    };
  };

  const login = async (form) => {
    const answer = await fetch(form.action, {
      headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
    });
    if (!answer.ok) throw new Error(say("The server gave no challenge."));
    return get((await answer.json()).request_options.publicKey);
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const problem = form.querySelector("[data-passkey-error]");
      problem.hidden = true;
      try {
        const kind = form.dataset.passkey;
        const shown =
          kind === "create" ? await create(form)
          : kind === "login" ? await login(form)
          : await get(JSON.parse(form.dataset.options).publicKey);
        form.elements.credential.value = JSON.stringify(shown);
        form.submit();
      } catch (error) {
        problem.textContent = say("No passkey was used. Try again, or use another way.");
        problem.hidden = false;
      }
    });
  }
})();
