// <button data-print hidden> appears where printing exists: WeChat's browser has none.

export function offerPrint(root) {
  if (typeof window.print !== "function" || /MicroMessenger/i.test(navigator.userAgent)) return;
  root.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}
