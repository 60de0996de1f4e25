// The hall's screen: keeps itself awake, shows the time and a lost connection.
import { follow } from "./socket.js";
import { showBoard, showNumbers, showConnection } from "./board.js";

const place = document.querySelector("[data-live-meeting]");
const clock = document.querySelector("[data-clock]");

follow(
  place,
  (html) => showBoard(document.querySelector("main"), html),
  (frame) => showNumbers(document, frame),
  (state) => showConnection(document, state),
);

function tell() {
  const zone = clock.getAttribute("data-zone");
  clock.textContent = new Date().toLocaleTimeString("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", hour12: false });
}
tell();
setInterval(tell, 5000);

function stayAwake() {
  if (navigator.wakeLock && !document.hidden) navigator.wakeLock.request("screen").catch(() => {});
}
stayAwake();
document.addEventListener("visibilitychange", stayAwake);
