// The console: its board follows the hall; when the meeting itself has moved on, the forms are fetched again.
import { follow } from "./socket.js";
import { showBoard, showNumbers, showConnection } from "./board.js";
import "./ranking.js";

const place = document.querySelector("[data-live-meeting]");

function structure(board) {
  return board.getAttribute("data-motion") + "/" + board.getAttribute("data-state") + "/" + board.getAttribute("data-sheets");
}

// Reloading would throw away what somebody is typing: then only a line says that there is news.
function typing() {
  const inputs = document.querySelectorAll("main input:not([type=hidden]), main textarea");
  const ranked = document.querySelectorAll("main [data-rank] select");
  return Array.prototype.some.call(inputs, (input) => input.value !== input.defaultValue) ||
    Array.prototype.some.call(ranked, (menu) => menu.value !== "");
}

// The line of speakers has nothing to type into and is fetched at once; what was said only while nobody writes it.
let floor = document.querySelector("[data-floor]") ? document.querySelector("[data-floor]").getAttribute("data-floor") : "0";
function tellFloor(board) {
  const line = board.querySelector("[data-floor]");
  const now = line ? line.getAttribute("data-floor") : "0";
  if (now === floor) return;
  floor = now;
  document.body.dispatchEvent(new Event("floor"));
  if (!typing()) document.body.dispatchEvent(new Event("floor-quiet"));
}

if (place) {
  follow(
    place,
    (html) => {
      const old = place.querySelector("[data-board]");
      const before = old ? structure(old) : "";
      const board = showBoard(place.querySelector("[data-board-place]"), html);
      if (board) tellFloor(board);
      if (!board || !before || structure(board) === before) return;
      if (typing()) document.querySelector("[data-news]").hidden = false; else location.reload();
    },
    (frame) => showNumbers(document, frame),
    (state) => showConnection(document, state),
  );
}
