// Ballot papers: one for each unit this account acts for. They stand outside the board, so that an arriving board
// never touches a half-filled one. A ballot goes up as the form it is; with the same key, however often it is retried.

import { placed, placeOf } from "./ranking.js";
import { newSecret, slipOf, boardOf, numberOf, keep, kept } from "./secret.js";

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
    if (form.hasAttribute("data-sending")) return;
    const wrong = fault(area, form);
    form.querySelector("[data-ballot-error]").innerHTML = "";
    if (wrong) { tell(area, form, wrong); form.querySelector("[data-ballot-error]").scrollIntoView(); return; }
    if (form.hasAttribute("data-secret") && !form.hasAttribute("data-sure")) { review(form); return; }
    send(area, form, 1);
  });
  area.addEventListener("click", (event) => {
    const button = event.target.closest("[data-again]");
    if (button) again(button.closest("form"));
  });
  area.querySelectorAll("[data-code-place]").forEach((place) => showKept(place));
}

function words(input) {
  return input.closest("label").querySelector(".choice-words").textContent.trim();
}

function wordsInOrder(menu) {
  return placeOf(menu) + " " + menu.closest("[data-rank]").querySelector(".choice-words").textContent.trim();
}

function touched(form) {
  return form.querySelector("input[name=choice]:checked") || placed(form).length > 0;
}

// What cannot be taken is said before anything is sent: more than may be picked, or abstaining beside something else.
function fault(area, form) {
  const boxes = form.querySelectorAll("input[type=checkbox][name=choice]");
  if (!boxes.length) return "";
  const picked = Array.prototype.filter.call(boxes, (box) => box.checked).concat(placed(form));
  const abstains = picked.some((box) => box.value === "abstain");
  const most = Number(form.getAttribute("data-most"));
  if (!picked.length) return form.getAttribute("data-said-none");
  if (abstains && picked.length > 1) return form.getAttribute("data-said-abstain");
  return picked.length > most ? form.getAttribute("data-said-many").replace("#", picked.length) : "";
}

// A secret ballot is final: what was chosen is read once more before it goes into the box.
function review(form) {
  const chosen = Array.prototype.map.call(form.querySelectorAll("input[name=choice]:checked"), words).concat(placed(form).map(wordsInOrder));
  if (!chosen.length && !form.reportValidity()) return;
  form.setAttribute("data-sure", "");
  const place = form.querySelector("[data-review]");
  place.hidden = false;
  place.querySelector("[data-review-choice]").textContent = chosen.join(form.getAttribute("data-and"));
  form.querySelectorAll("[data-before-review]").forEach((part) => { part.hidden = true; });
  place.querySelector("button").focus();
}

function again(form) {
  form.removeAttribute("data-sure");
  form.querySelector("[data-review]").hidden = true;
  form.querySelectorAll("[data-before-review]").forEach((part) => { part.hidden = false; });
}

function showKept(place) {
  const { secret } = kept(place.getAttribute("data-motion"), place.getAttribute("data-entry"));
  if (!secret) return;
  const change = place.closest("[data-paper-ballot]").querySelector("[data-needs-own]");
  if (change) change.hidden = false;
  place.querySelector("[data-code]").textContent = numberOf(boardOf(secret));
  place.hidden = false;
}

// The board says which motion is open; papers for it are made from the blank that came with the board.
export function matchBallots(area, board) {
  const state = board.getAttribute("data-state");
  if (state === "paused") return; // half-filled papers wait for the vote to go on
  const motion = state === "open" ? board.getAttribute("data-motion") : "";
  const before = area.getAttribute("data-motion") || "";
  if (motion === before) return;
  area.setAttribute("data-motion", motion);
  const blank = board.querySelector("template[data-ballot-template]");
  area.querySelectorAll("[data-paper]").forEach((paper) => {
    const form = paper.querySelector("[data-ballot]");
    if (form && touched(form) && !motion) { say(area, form, "closed"); lock(form); return; }
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
  if (form.elements.key) form.elements.key.value = newKey();
  form.querySelector("[data-ballot-name]").textContent = paper.getAttribute("data-name");
  form.querySelector("[data-ballot-part]").textContent = area.getAttribute("data-said-part") + " " + paper.getAttribute("data-entry");
  return form;
}

function send(area, form, attempt) {
  form.setAttribute("data-sending", "");
  const data = new FormData(form);
  if (form.hasAttribute("data-secret")) ownSecret(form, data);
  const words = new URLSearchParams(data);
  const button = form.hasAttribute("data-sure") ? form.querySelector("[data-review] button") : form.querySelector("button");
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

// The secret that came with the page is left out; this phone makes one of its own, the same for every retry. A change
// needs the one that the first paper was cast with.
function ownSecret(form, data) {
  if (!form.hasAttribute("data-own")) {
    const before = form.hasAttribute("data-change") ? kept(form.getAttribute("data-motion"), form.elements.entry.value) : { secret: "", turn: 0 };
    form.setAttribute("data-own", before.secret || newSecret());
    form.setAttribute("data-turn", before.turn + 1);
  }
  const secret = form.getAttribute("data-own");
  data.delete("secret");
  data.set("slip", slipOf(secret));
  data.set("board", boardOf(secret));
  data.set("turn", form.getAttribute("data-turn"));
}

function receive(area, form, message) {
  if (form.hasAttribute("data-own")) keep(form.getAttribute("data-motion"), form.elements.entry.value, form.getAttribute("data-own"), form.getAttribute("data-turn"));
  const receipt = document.importNode(area.querySelector("template[data-receipt-template]").content, true);
  receipt.querySelector("[data-receipt-words]").textContent = message;
  const code = receipt.querySelector("[data-code-place]");
  if (form.hasAttribute("data-own")) {
    code.querySelector("[data-code]").textContent = numberOf(boardOf(form.getAttribute("data-own")));
    code.hidden = false;
  }
  const place = form.closest("[data-paper-ballot]");
  place.innerHTML = "";
  place.appendChild(receipt);
}

function free(form, button) {
  form.removeAttribute("data-sending");
  button.disabled = false;
}

function lock(form) {
  form.querySelectorAll("input, select, button").forEach((element) => { element.disabled = true; });
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
