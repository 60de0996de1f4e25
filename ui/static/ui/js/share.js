// <button data-share="address" data-share-text="words" hidden>: the phone's own sharing, or else words and address are
// copied. A [data-share-done] beside it says so.

export function offerShare(root) {
  root.querySelectorAll("[data-share]").forEach((button) => {
    const url = new URL(button.getAttribute("data-share") || location.href, location.href).href;
    const text = button.getAttribute("data-share-text") || "";
    const able = navigator.share || (navigator.clipboard && navigator.clipboard.writeText);
    if (!able) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      if (navigator.share) {
        navigator.share(text ? { title: document.title, text, url } : { title: document.title, url }).catch(() => {});
      } else {
        navigator.clipboard.writeText(text ? `${text}\n${url}` : url).then(() => say(button)).catch(() => {});
      }
    });
  });
}

function say(button) {
  const done = button.parentNode.querySelector("[data-share-done]");
  if (!done) return;
  done.hidden = false;
  setTimeout(() => { done.hidden = true; }, 4000);
}
