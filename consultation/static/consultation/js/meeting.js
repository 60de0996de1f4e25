// A resident's meeting page: the board follows the hall, the papers stay as they are being filled in.
import { follow } from "./socket.js";
import { showBoard, showNumbers, showConnection } from "./board.js";
import { matchFloor } from "./floor.js";
import { keepTemperature, matchTemperature } from "./temperature.js";
import { keepBallots, matchBallots } from "./ballots.js";
import { keepPresence, matchPresence } from "./presence.js";

const place = document.querySelector("[data-live-meeting]");
const area = document.querySelector("[data-ballots]");
if (area) { keepBallots(area); keepPresence(area); }
keepTemperature(document);
if (place) {
  follow(
    place,
    (html) => {
      const board = showBoard(place.querySelector("[data-board-place]"), html);
      if (board && area) matchBallots(area, board);
      if (board && area) matchPresence(area, Number(board.getAttribute("data-present")), Number(board.getAttribute("data-entitled")));
      if (board) matchFloor(document, board);
      if (board) matchTemperature(document, board);
    },
    (frame) => {
      showNumbers(place, frame);
      if (area) matchPresence(area, frame.present, frame.entitled);
    },
    (state) => showConnection(document, state),
  );
}
