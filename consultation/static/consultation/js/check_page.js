// The page that recounts a bulletin: a chosen file, a pasted text, or one of ours. Nothing leaves the page.
import { check } from "./bulletin_check.js";

const place = document.querySelector("[data-check]");
const at = (name) => place.querySelector(`[data-check-${name}]`);
const OURS = /^\/v\/[-\w]+\/bulletins\/([0-9]+\/)?[-\w]+\.jsonl?$/;

let content = null;
let name = "";

function line({ holds, words }) {
  const item = document.createElement("li");
  item.className = holds ? "check-line" : "check-line check-line--wrong";
  item.textContent = `${holds ? "✓" : "✗"} ${words}`;
  return item;
}

function show(sentences) {
  const list = at("lines");
  while (list.firstChild) list.removeChild(list.firstChild);
  sentences.forEach((sentence) => list.appendChild(line(sentence)));
}

function run(said) {
  const pasted = at("text").value.trim();
  const chosen = content === null ? pasted : content;
  at("empty").hidden = chosen !== "";
  if (chosen === "") return show([]);
  at("busy").hidden = false;
  at("name").textContent = name;
  // First the words on the screen, then the counting: it takes a second where there are many ballots.
  setTimeout(() => {
    show(check(chosen, { name, given: at("root").value, code: at("code").value, said }));
    at("busy").hidden = true;
    at("lines").focus();
  }, 30);
}

function fetched(said) {
  const asked = new URLSearchParams(location.hash.slice(1));
  const file = asked.get("file") || "";
  if (asked.get("root")) at("root").value = asked.get("root");
  if (!OURS.test(file)) return;
  fetch(file, { credentials: "same-origin" })
    .then((answer) => { if (!answer.ok) throw new Error(answer.status); return answer.arrayBuffer(); })
    .then((buffer) => { content = new Uint8Array(buffer); name = file.split("/").slice(-3).join("/"); run(said); })
    .catch(() => { at("away").hidden = false; });
}

export function offerCheck() {
  const said = JSON.parse(document.getElementById("check-words").textContent);
  place.hidden = false;
  at("file").addEventListener("change", (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const reader = new FileReader();
    reader.onload = () => { content = new Uint8Array(reader.result); name = file.name; run(said); };
    reader.readAsArrayBuffer(file);
  });
  at("text").addEventListener("input", () => { content = null; name = ""; });
  at("run").addEventListener("click", () => run(said));
  if (location.protocol !== "file:") fetched(said);
}

if (place) offerCheck();
