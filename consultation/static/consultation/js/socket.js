// Following a meeting: states come down, never deltas. A lost socket is replaced by asking again; nothing is ever sent.

const POLL = 4000;
const BEATS_MISSED = 10000;

export function follow(place, onBoard, onNumbers, onState) {
  const path = place.getAttribute("data-socket");
  const boardPath = place.getAttribute("data-board-path");
  let token = place.getAttribute("data-token");
  let version = Number(place.getAttribute("data-version") || 0);
  let socket = null;
  let failures = 0;
  let heard = 0;
  let asking = false;

  function address() {
    const base = path.indexOf("ws") === 0 ? path : location.origin.replace(/^http/, "ws") + path;
    return base + "?token=" + encodeURIComponent(token);
  }

  function connect() {
    if (document.hidden) return;
    try { socket = new WebSocket(address()); } catch (error) { again(); return; }
    const mine = socket;
    mine.onmessage = (event) => { if (mine === socket) take(JSON.parse(event.data)); };
    mine.onclose = () => { if (mine === socket) { socket = null; again(); } };
  }

  function again() {
    onState("polling");
    failures += 1;
    // Random, so that a hall whose network comes back does not knock all at once.
    const wait = Math.min(30000, 1000 * Math.pow(2, Math.min(failures, 5))) * (0.3 + Math.random() * 0.7);
    setTimeout(connect, wait);
    ask();
  }

  function take(frame) {
    heard = Date.now();
    failures = 0;
    onState("live");
    if (frame.type === "beat") { if (frame.version > version) ask(); return; }
    if (!frame.version || frame.version < version) return;
    version = frame.version;
    if (frame.type === "board") onBoard(frame.html);
    if (frame.type === "tally") onNumbers(frame);
  }

  function ask() {
    if (asking) return;
    asking = true;
    fetch(boardPath, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
      .then((answer) => {
        if (answer.status === 401 || answer.status === 403 || answer.redirected) { location.reload(); return null; }
        if (!answer.ok) throw new Error("board");
        token = answer.headers.get("X-Socket-Token") || token;
        const newest = Number(answer.headers.get("X-Board-Version") || 0);
        return answer.text().then((html) => { if (newest >= version) { version = newest; onBoard(html); } });
      })
      .then(() => { if (!socket || socket.readyState !== 1) onState("polling"); })
      .catch(() => onState("lost"))
      .then(() => { asking = false; });
  }

  setInterval(() => {
    if (document.hidden) return;
    const open = socket && socket.readyState === 1;
    if (open && heard && Date.now() - heard > BEATS_MISSED) { socket.close(); ask(); }
    else if (!open) ask();
  }, POLL);
  // A phone that comes back to the front has missed an unknown number of states.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    ask();
    if (!socket) connect();
  });
  connect();
}
