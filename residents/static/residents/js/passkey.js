// Passkeys: <form data-passkey="login|get|create"> with a hidden field `credential`. What the browser is asked lies in
// #passkey_data, or behind data-options. Bytes travel as base64url, as WebAuthn's own JSON has them.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((one) => Object.assign({}, one, { id: toBytes(one.id) }));

async function create(options) {
  const asked = Object.assign({}, options.publicKey);
  asked.challenge = toBytes(asked.challenge);
  asked.user = Object.assign({}, asked.user, { id: toBytes(asked.user.id) });
  asked.excludeCredentials = known(asked.excludeCredentials);
  // It signs in alone, so the device keeps it and asks for its finger, face or code.
  asked.authenticatorSelection = Object.assign({}, asked.authenticatorSelection, {
    residentKey: "required", requireResidentKey: true, userVerification: "required",
  });
  const made = await navigator.credentials.create({ publicKey: asked });
  return packed(made, {
    clientDataJSON: toText(made.response.clientDataJSON),
    attestationObject: toText(made.response.attestationObject),
  });
}

async function get(options) {
  const asked = Object.assign({}, options.publicKey);
  asked.challenge = toBytes(asked.challenge);
  asked.allowCredentials = known(asked.allowCredentials);
  const shown = await navigator.credentials.get({ publicKey: asked });
  const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
  return packed(shown, {
    clientDataJSON: toText(clientDataJSON),
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : null,
  });
}

function packed(credential, response) {
  const clientExtensionResults = credential.getClientExtensionResults();
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response, clientExtensionResults };
}

async function optionsOf(form) {
  if (!form.dataset.options) return JSON.parse(document.getElementById("passkey_data").textContent);
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function troubled(form, error) {
  const kind = { SecurityError: "address", InvalidStateError: "known" }[error.name] || "stopped";
  form.querySelectorAll("[data-passkey-trouble]").forEach((box) => { box.hidden = box.dataset.passkeyTrouble !== kind; });
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey-none]").forEach((words) => { words.hidden = true; });
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const options = await optionsOf(form);
        const credential = form.dataset.passkey === "create"
          ? await create(options.creation_options)
          : await get(options.request_options);
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch (error) {
        troubled(form, error);
      }
    });
  }
}
