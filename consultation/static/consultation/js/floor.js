// One's own place in the line of speakers, told from the line on the board: the board is the same for everybody.

export function matchFloor(page, board) {
  const line = board.querySelector("[data-floor]");
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
