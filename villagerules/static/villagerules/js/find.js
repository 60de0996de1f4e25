// [data-find]: marks what is typed while it is typed, without asking the server; the same that ?find= does without scripts.
const form = document.querySelector("[data-find]");
const text = document.querySelector(".rules");

if (form && text) {
  const input = form.querySelector("input[name=find]");
  const said = document.querySelector("[data-found]");
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look(input.value, said), 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look(input.value, said);
    const first = text.querySelector("mark");
    if (first) first.scrollIntoView({ block: "center" });
  });
}

function look(asked, said) {
  text.querySelectorAll("mark").forEach((mark) => mark.replaceWith(...mark.childNodes));
  text.normalize();
  const words = asked.normalize("NFC").replace(/[\s\u3000]+/g, " ").trim();
  said.textContent = "";
  if (!words || words.length > 60) return;
  const places = [];
  let count = 0;
  text.querySelectorAll("[data-piece]:not(.plain-words):not(#standards)").forEach((piece) => {
    const hits = markIn(piece, words);
    count += hits;
    if (hits && piece.id) places.push(piece);
  });
  const line = form.getAttribute(count ? "data-some" : "data-none");
  said.append(line.replace("{n}", count).replace("{w}", () => words));
  places.slice(0, 60).forEach((piece) => {
    const link = document.createElement("a");
    link.href = `#${piece.id}`;
    link.textContent = piece.getAttribute("data-piece");
    said.append(" ", link);
  });
}

function markIn(piece, words) {
  const walker = document.createTreeWalker(piece, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(".no-print, .article-number, .item-label")) nodes.push(walker.currentNode);
  }
  const low = words.toLowerCase();
  let hits = 0;
  nodes.forEach((first) => {
    let node = first;
    let found = node.data.toLowerCase().indexOf(low);
    while (found >= 0) {
      const hit = node.splitText(found);
      node = hit.splitText(words.length);
      const mark = document.createElement("mark");
      hit.replaceWith(mark);
      mark.append(hit);
      hits += 1;
      found = node.data.toLowerCase().indexOf(low);
    }
  });
  return hits;
}
