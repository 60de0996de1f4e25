// <details data-menu>: closes on Escape, on a tap elsewhere and after a link in it is followed.
// data-menu="wide" stays open on wide screens, where there is room beside the text.

export function foldMenus(root) {
  const menus = Array.from(root.querySelectorAll("details[data-menu]"));
  if (!menus.length) return;
  const close = (menu) => { if (menu.getAttribute("data-menu") !== "wide" || !roomy()) menu.open = false; };
  menus.forEach((menu) => {
    if (menu.getAttribute("data-menu") === "wide" && !roomy()) menu.open = false;
    menu.addEventListener("click", (event) => { if (event.target.closest("a")) close(menu); });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      close(menu);
      menu.querySelector("summary").focus();
    });
  });
  root.addEventListener("click", (event) => {
    menus.forEach((menu) => { if (!menu.contains(event.target)) close(menu); });
  });
}

function roomy() {
  return window.matchMedia("(min-width: 60em)").matches;
}
