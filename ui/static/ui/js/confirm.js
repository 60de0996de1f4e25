// <form data-confirm="确定结束表决?"> asks once more in the page itself: WeChat blocks or restyles window.confirm.
// The first press turns the button into the question, the second one sends; leaving it alone takes it back.
// Works by delegation, so forms that arrive later over the socket are covered too.

const WAIT = 6000;

export function confirmTwice(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    const question = form.getAttribute("data-confirm");
    if (question === null || form.hasAttribute("data-confirmed")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, question, event.submitter);
  }, true);
}

function ask(form, question, submitter) {
  const button = submitter || form.querySelector("button[type=submit], button:not([type])");
  const words = button.querySelector("span:last-child") || button;
  const before = words.textContent;
  form.setAttribute("data-confirmed", "");
  button.classList.add("button--asking");
  words.textContent = question;
  words.setAttribute("aria-live", "assertive");
  button.focus();
  // A double tap must not be question and answer at once.
  button.disabled = true;
  setTimeout(() => { button.disabled = false; button.focus(); }, 600);
  setTimeout(() => {
    form.removeAttribute("data-confirmed");
    button.classList.remove("button--asking");
    words.textContent = before;
  }, WAIT);
}
