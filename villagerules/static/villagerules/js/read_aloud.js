// [data-read-aloud] holds the buttons start, pause, go-on and stop; [data-read="id"] reads one article. All stay hidden
// unless the browser has a Chinese voice. A sentence at a time: old Androids cannot pause within one.
const synth = window.speechSynthesis;
const bar = document.querySelector("[data-read-aloud]");
let voice = null;
let queue = [];
let at = 0;
let turn = 0; // of the reading that goes on; what an earlier one still has to say is void

if (bar && synth) {
  offer();
  if (synth.addEventListener) synth.addEventListener("voiceschanged", offer); else synth.onvoiceschanged = offer;
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) act(button.getAttribute("data-do"));
  });
  document.querySelectorAll("[data-read]").forEach((button) => {
    button.addEventListener("click", () => start([document.getElementById(button.getAttribute("data-read"))]));
  });
  window.addEventListener("pagehide", () => synth.cancel());
}

function offer() {
  const voices = synth.getVoices();
  voice = [/^(zh[-_]CN|cmn)/i, /^zh/i].map((kind) => voices.find((one) => kind.test(one.lang))).find(Boolean) || null;
  bar.hidden = !voice;
  document.querySelectorAll("[data-read]").forEach((button) => { button.hidden = !voice; });
}

function act(what) {
  if (what === "start") start(Array.from(document.querySelectorAll(".rules [data-piece]")));
  if (what === "pause") { turn += 1; synth.cancel(); show("paused"); }
  if (what === "go-on") { turn += 1; show("reading"); say(turn); }
  if (what === "stop") stop();
}

function start(pieces) {
  turn += 1;
  synth.cancel();
  queue = pieces.filter(Boolean).flatMap((piece) => sentences(piece).map((words) => ({ piece, words })));
  at = 0;
  if (!queue.length) return;
  show("reading");
  say(turn);
}

function say(mine) {
  if (mine !== turn) return;
  if (at >= queue.length) { stop(); return; }
  const { piece, words } = queue[at];
  mark(piece);
  const spoken = new SpeechSynthesisUtterance(words);
  spoken.voice = voice;
  spoken.lang = voice.lang;
  spoken.rate = 0.9;
  spoken.onend = () => { if (mine === turn) { at += 1; say(mine); } };
  spoken.onerror = () => { if (mine === turn) stop(); };
  synth.speak(spoken);
}

function stop() {
  turn += 1;
  synth.cancel();
  queue = [];
  mark(null);
  show("quiet");
}

function mark(piece) {
  const before = document.querySelector(".is-read");
  if (before === piece) return;
  if (before) before.classList.remove("is-read");
  if (!piece) return;
  piece.classList.add("is-read");
  const box = piece.getBoundingClientRect();
  if (box.top < 0 || box.bottom > window.innerHeight) piece.scrollIntoView({ block: "center" });
}

function show(state) {
  const shown = { quiet: ["start"], reading: ["pause", "stop"], paused: ["go-on", "stop"] }[state];
  bar.querySelectorAll("[data-do]").forEach((button) => {
    const hide = !shown.includes(button.getAttribute("data-do"));
    if (hide && button === document.activeElement) bar.querySelector(`[data-do="${shown[0]}"]`).hidden = false;
    if (hide && button === document.activeElement) bar.querySelector(`[data-do="${shown[0]}"]`).focus();
    button.hidden = hide;
  });
}

function sentences(piece) {
  const copy = piece.cloneNode(true);
  copy.querySelectorAll(".no-print, .visually-hidden").forEach((part) => part.remove());
  copy.querySelectorAll("p, li, h1, h2, h3, .article-number").forEach((part) => part.append("\n"));
  return copy.textContent.replace(/[。；！？!?;]/g, "$&\n").split("\n").map((one) => one.trim()).filter(Boolean);
}
