// Whoever waits to be signed in at the table need not reload. The board says only how many are there; a page with
// somebody still missing then asks for its own papers, later the more are missing, so that a full hall does not ask at once.

const EACH = 20; // milliseconds for everybody who is missing
const LEAST = 600;
const MOST = 10000;

let present = null;
let asked = null;

// A phone that comes back to the front may have been signed in while another left.
export function keepPresence(area) {
  document.addEventListener("visibilitychange", () => { if (!document.hidden) askSoon(area, 0); });
}

// What a frame or a board says of how many are there.
export function matchPresence(area, there, entitled) {
  const before = present === null ? Number(area.getAttribute("data-present")) : present;
  present = there;
  if (there !== before) askSoon(area, Math.max(0, entitled - there));
}

function askSoon(area, missing) {
  if (asked || !area.querySelector("[data-away]")) return;
  const longest = Math.min(MOST, Math.max(LEAST, EACH * missing));
  asked = setTimeout(() => ask(area), longest * (0.3 + Math.random() * 0.7));
}

function ask(area) {
  const seen = present;
  fetch(area.getAttribute("data-own-path"), { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
    .then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""))
    .catch(() => "")
    .then((html) => {
      asked = null;
      const again = html ? !arrive(area, html) || present !== seen : true;
      if (again) askSoon(area, 50);
    });
}

// False when the vote moved on meanwhile: then what came is of another moment.
function arrive(area, html) {
  const box = document.createElement("div");
  box.innerHTML = html;
  const fresh = box.querySelector("[data-present]");
  if (!fresh || fresh.getAttribute("data-motion") !== (area.getAttribute("data-motion") || "")) return false;
  area.querySelectorAll("[data-away]").forEach((paper) => {
    const came = fresh.querySelector('[data-paper][data-entry="' + paper.getAttribute("data-entry") + '"]');
    if (!came || came.hasAttribute("data-away")) return;
    paper.removeAttribute("data-away");
    paper.querySelector("[data-away-note]").remove();
    const old = paper.querySelector("[data-paper-ballot]");
    const own = came.querySelector("[data-paper-ballot]");
    // A paper that is being filled in stays as it is where the unit may vote.
    if (!(old.querySelector("[data-ballot]") && own.querySelector("[data-ballot]"))) old.innerHTML = own.innerHTML;
  });
  const line = document.getElementById("speak");
  const newest = box.querySelector("#speak");
  if (line && newest) line.parentNode.replaceChild(newest, line);
  return true;
}
