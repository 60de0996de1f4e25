// A resident's meeting page: the board follows the hall, the papers stay as they are being filled in.
import { follow } from "./socket.js";
import { showBoard, showNumbers, showConnection } from "./board.js";
import { matchFloor } from "./floor.js";
import { keepTemperature, matchTemperature } from "./temperature.js";
import { keepBallots, matchBallots } from "./ballots.js";

const place = document.querySelector("[data-live-meeting]");
const area = document.querySelector("[data-ballots]");
if (area) keepBallots(area);
keepTemperature(document);
if (place) {
  follow(
    place,
    (html) => {
      const board = showBoard(place.querySelector("[data-board-place]"), html);
      if (board && area) matchBallots(area, board);
      if (board) matchFloor(document, board);
      if (board) matchTemperature(document, board);
    },
    (frame) => showNumbers(place, frame),
    (state) => showConnection(document, state),
  );
}
