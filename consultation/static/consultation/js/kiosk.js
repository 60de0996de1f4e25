// The tablet: one address, one screen. Papers go up by the page's own forms; what comes back takes the place of what was
// there, so that the browser's history never holds anybody's paper. Without this script the pages refresh themselves.
import { showRanks } from "./ranking.js";

const EVERY = 2500;
let until = 0; // nothing is asked before: somebody is copying a code
let sending = false;

function main() {
  return document.querySelector("[data-kiosk]");
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("[data-kiosk]");
  if (!fresh) {
    location.replace(main().getAttribute("data-kiosk"));
    return;
  }
  main().replaceWith(document.importNode(fresh, true));
  document.title = page.title;
  showRanks(main());
  const seconds = Number(main().getAttribute("data-stay"));
  until = seconds ? Date.now() + seconds * 1000 : 0;
  const first = main().querySelector("h1, .kiosk-who");
  if (first) {
    first.setAttribute("tabindex", "-1");
    first.focus();
  }
  window.scrollTo(0, 0);
}

function fetchScreen() {
  return fetch(main().getAttribute("data-kiosk"), { credentials: "same-origin", cache: "no-store" })
    .then((answer) => answer.text())
    .then(show);
}

// The same paper again until it is answered: its word makes it count once.
function send(form, body) {
  sending = true;
  fetch(form.action, { method: "POST", body: body, credentials: "same-origin" })
    .then((answer) => answer.text())
    .then((html) => {
      sending = false;
      show(html);
    })
    .catch(() => {
      const news = main().querySelector("[data-kiosk-news]");
      news.textContent = main().getAttribute("data-said-retrying");
      news.hidden = false;
      setTimeout(() => send(form, body), EVERY);
    });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-kiosk-form")) return;
  event.preventDefault();
  if (sending) return;
  until = 0;
  if (form.method === "post") send(form, new URLSearchParams(new FormData(form)));
  else fetchScreen();
});

function ask() {
  const after = () => setTimeout(ask, EVERY);
  if (sending || Date.now() < until || document.hidden) {
    after();
    return;
  }
  if (until) {
    until = 0;
    fetchScreen().then(after, after);
    return;
  }
  fetch(main().getAttribute("data-kiosk"), {
    credentials: "same-origin",
    cache: "no-store",
    headers: { Accept: "application/json" },
  })
    .then((answer) => answer.json())
    .then((said) => (!sending && said.screen !== main().getAttribute("data-screen") ? fetchScreen() : null))
    .then(after, after);
}

// A page taken out of the browser's memory would show what was there before.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
if (main() && main().getAttribute("data-screen") !== "over-") setTimeout(ask, EVERY);
