// Passkeys: asks the server for options, the browser for the key, and sends what it answers with the form around it.
(() => {
  const forms = [...document.querySelectorAll("form[data-passkey]")];
  const isAble = window.PublicKeyCredential && navigator.credentials && window.isSecureContext;
  document.querySelectorAll("[data-passkey-none]").forEach((one) => { one.hidden = Boolean(isAble); });
  if (!isAble) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const words = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  const ask = async (kind, address) => {
    const answer = await fetch(address, { method: "POST", headers: { Accept: "application/json" } });
    const options = await answer.json();
    if (!answer.ok) throw new Error(options.error);
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (kind === "create") {
      publicKey.user = { ...options.user, id: bytes(options.user.id) };
      publicKey.excludeCredentials = listed(options.excludeCredentials);
      return navigator.credentials.create({ publicKey });
    }
    publicKey.allowCredentials = listed(options.allowCredentials);
    return navigator.credentials.get({ publicKey });
  };

  const told = ({ id, rawId, type, response }) => {
    const said = { clientDataJSON: words(response.clientDataJSON) };
    if (response.attestationObject) {
      said.attestationObject = words(response.attestationObject);
      said.transports = response.getTransports?.() ?? [];
    } else {
      said.authenticatorData = words(response.authenticatorData);
      said.signature = words(response.signature);
      if (response.userHandle) said.userHandle = words(response.userHandle);
    }
    return JSON.stringify({ id, rawId: words(rawId), type, response: said, clientExtensionResults: {} });
  };

  // The dialog of the app's own pages asks the same way.
  window.passkey = async (kind, address) => told(await ask(kind, address));

  forms.forEach((form) => {
    const submit = form.querySelector("[type=submit]"), said = form.querySelector("[data-said]"), calm = submit.textContent;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.getAttribute("aria-disabled") === "true") return;
      submit.setAttribute("aria-disabled", "true");
      submit.textContent = document.body.dataset.busy;
      said.textContent = "";
      try {
        form.elements.passkey.value = await window.passkey(form.dataset.passkey, form.dataset.options);
        form.submit();
      } catch (error) {
        const { cancelled, known } = form.dataset;
        said.textContent = { NotAllowedError: cancelled, AbortError: cancelled, InvalidStateError: known ?? cancelled }[error.name] ?? error.message;
        submit.removeAttribute("aria-disabled");
        submit.textContent = calm;
      }
    });
  });
})();
