// One's own place in the line of speakers, told from the line on the board: the board is the same for everybody.

let version = document.querySelector("[data-floor]") ? document.querySelector("[data-floor]").getAttribute("data-floor") : "0";

export function matchFloor(page, board) {
  const line = board.querySelector("[data-floor]");
  const newest = line ? line.getAttribute("data-floor") : "0";
  if (newest !== version) lookAfterQuestions(page);
  version = newest;
  const places = line ? line.getAttribute("data-places").split(" ") : [];
  const speaking = line ? line.getAttribute("data-speaking") : "";
  page.querySelectorAll("[data-own-floor]").forEach((own) => {
    const number = own.getAttribute("data-entry");
    const before = places.indexOf(number);
    own.setAttribute("data-state", speaking === number ? "speaking" : before >= 0 ? "waiting" : "none");
    if (before < 0) return;
    const said = before === 0 ? own.getAttribute("data-said-next") : own.getAttribute("data-said-before");
    own.querySelector("[data-place-words]").textContent = said.replace("{number}", before);
  });
}

// What became of one's own questions is asked for only by who waits for it, and not by all in the same moment.
function lookAfterQuestions(page) {
  const place = page.querySelector("[data-own-questions]");
  if (!place || !place.querySelector("[data-undecided]")) return;
  setTimeout(() => {
    fetch(place.getAttribute("data-path"), { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
      .then((answer) => (answer.ok && !answer.redirected ? answer.text().then((html) => { place.innerHTML = html; }) : null))
      .catch(() => {});
  }, Math.random() * 2000);
}
