// Ballot papers: one for each unit this account acts for. They stand outside the board, so that an arriving board
// never touches a half-filled one. A ballot goes up as the form it is; with the same key, however often it is retried.

const TRIES = 6;

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.prototype.map.call(bytes, (byte) => ("0" + byte.toString(16)).slice(-2)).join("");
}

export function keepBallots(area) {
  area.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-ballot")) return;
    event.preventDefault();
    if (!form.hasAttribute("data-sending")) send(area, form, 1);
  });
}

// The board says which motion is open; papers for it are made from the blank that came with the board.
export function matchBallots(area, board) {
  const motion = board.getAttribute("data-state") === "open" ? board.getAttribute("data-motion") : "";
  const before = area.getAttribute("data-motion") || "";
  if (motion === before) return;
  area.setAttribute("data-motion", motion);
  const blank = board.querySelector("template[data-ballot-template]");
  area.querySelectorAll("[data-paper]").forEach((paper) => {
    const form = paper.querySelector("[data-ballot]");
    if (form && form.querySelector("input[name=choice]:checked") && !motion) { say(area, form, "closed"); lock(form); return; }
    if (!blank) { if (form) form.remove(); return; }
    const place = paper.querySelector("[data-paper-ballot]");
    place.innerHTML = "";
    place.appendChild(fill(area, paper, blank));
  });
}

function fill(area, paper, blank) {
  const form = document.importNode(blank.content, true).querySelector("form");
  const token = document.createElement("input");
  token.type = "hidden"; token.name = "csrfmiddlewaretoken"; token.value = area.getAttribute("data-csrf");
  form.appendChild(token);
  form.elements.entry.value = paper.getAttribute("data-entry");
  form.elements.key.value = newKey();
  form.querySelector("[data-ballot-name]").textContent = paper.getAttribute("data-name");
  form.querySelector("[data-ballot-part]").textContent = area.getAttribute("data-said-part") + " " + paper.getAttribute("data-entry");
  return form;
}

function send(area, form, attempt) {
  form.setAttribute("data-sending", "");
  const words = new URLSearchParams(new FormData(form));
  const button = form.querySelector("button");
  button.disabled = true;
  if (attempt === 1) say(area, form, "sending");
  fetch(form.action, { method: "POST", body: words, credentials: "same-origin", headers: { Accept: "application/json" } })
    .then((answer) => answer.json().then((body) => ({ status: answer.status, body })))
    .then((reply) => {
      if (reply.body.accepted) { receive(area, form, reply.body.message); return; }
      const error = reply.body.error || {};
      if (error.retry && error.code === "try_again") throw new Error("again");
      if (error.code === "sign_in") { form.submit(); return; }
      free(form, button);
      tell(area, form, error.message || "");
    })
    .catch(() => {
      if (attempt >= TRIES) { free(form, button); say(area, form, "lost"); return; }
      say(area, form, "retrying");
      setTimeout(() => send(area, form, attempt + 1), Math.min(8000, 500 * Math.pow(2, attempt)) * (0.7 + Math.random() * 0.6));
    });
}

function receive(area, form, message) {
  const receipt = document.importNode(area.querySelector("template[data-receipt-template]").content, true);
  receipt.querySelector("[data-receipt-words]").textContent = message;
  const place = form.closest("[data-paper-ballot]");
  place.innerHTML = "";
  place.appendChild(receipt);
}

function free(form, button) {
  form.removeAttribute("data-sending");
  button.disabled = false;
}

function lock(form) {
  form.querySelectorAll("input, button").forEach((element) => { element.disabled = true; });
}

function say(area, form, what) {
  tell(area, form, area.getAttribute("data-said-" + what));
}

function tell(area, form, words) {
  const place = form.querySelector("[data-ballot-error]");
  const note = document.importNode(area.querySelector("template[data-error-template]").content, true);
  note.querySelector("[data-error-words]").textContent = words;
  place.innerHTML = "";
  place.appendChild(note);
}
