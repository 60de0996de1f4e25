// Three buttons for what somebody thinks just now. The blank comes with the board, the same for everybody; without
// scripts the same form is on the page.

export function matchTemperature(page, board) {
  const place = page.querySelector("[data-temperature]");
  if (!place) return;
  const blank = board.querySelector("template[data-leanings-template]");
  const now = blank ? blank.getAttribute("data-leanings-template") : "";
  if (now === place.getAttribute("data-temperature")) return;
  place.setAttribute("data-temperature", now);
  place.querySelectorAll("[data-temperature-unit]").forEach((unit) => {
    const inside = unit.querySelector("[data-leanings-place]");
    unit.hidden = !blank;
    inside.textContent = "";
    if (!blank) return;
    const form = document.importNode(blank.content, true).querySelector("form");
    const token = document.createElement("input");
    token.type = "hidden"; token.name = "csrfmiddlewaretoken"; token.value = place.getAttribute("data-csrf");
    form.appendChild(token);
    form.elements.entry.value = unit.getAttribute("data-entry");
    inside.appendChild(form);
  });
}

export function keepTemperature(page) {
  const place = page.querySelector("[data-temperature]");
  if (!place) return;
  place.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=answer]");
    if (!button) return;
    event.preventDefault();
    press(place, button.form, button);
  });
}

function press(place, form, button) {
  const words = new URLSearchParams(new FormData(form));
  words.set("answer", button.value);
  const buttons = form.querySelectorAll("button");
  buttons.forEach((one) => { one.disabled = true; });
  const told = form.closest("[data-temperature-unit]").querySelector("[data-leanings-words]");
  fetch(form.action, { method: "POST", body: words, credentials: "same-origin", headers: { Accept: "application/json" } })
    .then((answer) => answer.json())
    .then((reply) => {
      if (!reply.accepted) { told.textContent = reply.error.message; return; }
      buttons.forEach((one) => { one.setAttribute("aria-pressed", one === button ? "true" : "false"); });
    })
    .catch(() => { told.textContent = place.getAttribute("data-said-lost"); })
    .then(() => { buttons.forEach((one) => { one.disabled = false; }); });
}
