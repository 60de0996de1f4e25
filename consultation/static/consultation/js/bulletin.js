// A bulletin's page: looks a voter's number up in the page itself, and compares the root that a QR code brought along.
import { digitsOf, inFours, numberOf } from "./codes.js";

const place = document.querySelector("[data-find]");
const at = (name) => place.querySelector(`[data-find-${name}]`);

function listed() {
  const rows = document.querySelectorAll("[data-number]");
  if (rows.length || place.getAttribute("data-listed") === "1") {
    return Promise.resolve(Array.prototype.map.call(rows, (row) => row.getAttribute("data-number")));
  }
  // Long lists are not on the page: the whole bulletin is fetched, never a part that would tell which number is sought.
  return fetch(place.getAttribute("data-file"), { credentials: "same-origin" })
    .then((answer) => answer.json())
    .then((body) => body.codes.map(numberOf).sort());
}

function tell(name, words) {
  ["in", "out", "wrong", "away"].forEach((one) => { at(one).hidden = one !== name; });
  if (words) at(name).querySelector("[data-words]").textContent = words;
}

function find() {
  const digits = digitsOf(at("code").value);
  document.querySelectorAll(".code--mine").forEach((row) => row.classList.remove("code--mine"));
  if (digits.length !== 12) return tell("wrong", String(digits.length));
  return listed().then((numbers) => {
    const where = numbers.indexOf(digits);
    const row = document.querySelector(`[data-number="${digits}"]`);
    if (row) row.classList.add("code--mine");
    at("in").querySelector("[data-row]").textContent = String(where + 1);
    tell(where < 0 ? "out" : "in", inFours(digits));
  }).catch(() => tell("away"));
}

if (place) {
  place.hidden = false;
  at("run").addEventListener("click", find);
  at("code").addEventListener("keydown", (event) => { if (event.key === "Enter") find(); });
}

const brought = location.hash.slice(1);
const own = document.querySelector("[data-root]");
if (own && /^[0-9a-f]{64}$/.test(brought)) {
  const same = brought === own.getAttribute("data-root");
  document.querySelector(same ? "[data-root-same]" : "[data-root-other]").hidden = false;
  document.querySelectorAll("[data-check-link]").forEach((link) => { link.href += `&root=${brought}`; });
}
