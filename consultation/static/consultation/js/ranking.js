// Options of a ballot that are put in order: a tap gives the next place, another one takes it back. What goes up are the
// menus of places beside them, which do it all where this script does not run.
document.documentElement.setAttribute("data-taps", "");

const all = (list) => Array.prototype.slice.call(list);
const menus = (group) => all(group.querySelectorAll("[data-rank] select"));

// The menus that give a place, the first place first.
export function placed(group) {
  return menus(group).filter((menu) => menu.value).sort((one, other) => one.selectedIndex - other.selectedIndex);
}

export function placeOf(menu) {
  return menu.value ? menu.options[menu.selectedIndex].text : "";
}

function show(group) {
  menus(group).forEach((menu) => {
    const row = menu.closest("[data-rank]");
    row.querySelector("[data-rank-place]").textContent = placeOf(menu);
    row.querySelector("[data-rank-tap]").setAttribute("aria-pressed", String(Boolean(menu.value)));
    row.classList.toggle("rank--placed", Boolean(menu.value));
  });
}

function put(group, order) {
  menus(group).forEach((menu) => { menu.selectedIndex = order.indexOf(menu) + 1; });
  show(group);
}

document.addEventListener("click", (event) => {
  const group = event.target.closest("[data-ranks]");
  if (!group) return;
  if (event.target.closest("[data-rank-again]")) {
    put(group, []);
    group.querySelector("[data-rank-tap]").focus();
    return;
  }
  const tap = event.target.closest("[data-rank-tap]");
  if (!tap) return;
  const menu = tap.closest("[data-rank]").querySelector("select"), order = placed(group);
  put(group, order.indexOf(menu) < 0 ? order.concat(menu) : order.filter((one) => one !== menu));
});

// What was given before: by a page that comes back, or by a browser that remembers what was chosen.
export function showRanks(place) {
  place.querySelectorAll("[data-ranks]").forEach(show);
}

window.addEventListener("pageshow", () => showRanks(document));
