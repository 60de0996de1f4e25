// Putting what arrives on the screen: a whole board, or only its numbers.

import { startTimers } from "./timer.js";

export function showBoard(place, html) {
  const box = document.createElement("div");
  box.innerHTML = html;
  const fresh = box.querySelector("[data-board]");
  const old = place.querySelector("[data-board]");
  if (!fresh) return null;
  if (old) old.parentNode.replaceChild(fresh, old); else place.appendChild(fresh);
  startTimers(fresh);
  return fresh;
}

export function showNumbers(place, frame) {
  const board = place.querySelector("[data-board]");
  if (!board) return;
  const numbers = { cast: frame.cast, present: frame.present, entitled: frame.entitled, answered: frame.answered };
  if (frame.counts) Object.keys(frame.counts).forEach((key) => { numbers[key] = frame.counts[key]; });
  board.querySelectorAll("[data-live]").forEach((element) => {
    const value = numbers[element.getAttribute("data-live")];
    if (value !== undefined) element.textContent = value;
  });
  board.querySelectorAll("[data-live-place]").forEach((element) => {
    const value = frame.places && frame.places[element.getAttribute("data-live-place")];
    if (value !== undefined) element.textContent = value;
  });
  board.querySelectorAll("[data-live-width]").forEach((bar) => {
    const key = bar.getAttribute("data-live-width");
    const whole = key === "present" ? frame.entitled : frame.present * Number(bar.getAttribute("data-live-times") || 1);
    if (numbers[key] !== undefined && whole) bar.setAttribute("width", Math.min(100, numbers[key] * 100 / whole) + "%");
  });
}

export function showConnection(root, state) {
  root.querySelectorAll("[data-connection]").forEach((line) => line.setAttribute("data-state", state));
}
