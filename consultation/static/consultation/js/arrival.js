// The attendee's code: asks whether the recorder has scanned it, and goes on to the meeting by itself.
const again = setInterval(() => {
  if (document.hidden) return;
  fetch(location.href, { credentials: "same-origin" })
    .then((answer) => { if (answer.redirected) { clearInterval(again); location.href = answer.url; } })
    .catch(() => {});
}, 3000);
