// Times that go on by themselves from what the board says. The phone's own clock is never asked what time it is, only
// how much has passed since the board came.

function words(left) {
  const whole = Math.max(0, Math.floor(left));
  return Math.floor(whole / 60) + ":" + ("0" + (whole % 60)).slice(-2);
}

function show(timer, passed) {
  const limit = Number(timer.getAttribute("data-limit"));
  const place = timer.querySelector("[data-timer-words]");
  const over = limit > 0 && passed >= limit;
  timer.classList.toggle("timer--over", over);
  timer.classList.toggle("timer--soon", limit > 0 && !over && limit - passed <= 30);
  const said = over ? "data-said-over" : limit > 0 ? "data-said-left" : "data-said-passed";
  const time = over ? words(passed - limit) : limit > 0 ? words(limit - passed + 0.999) : words(passed);
  place.textContent = timer.getAttribute(said).replace("{time}", time);
}

function showMinutes(timer, passed) {
  const planned = Number(timer.getAttribute("data-planned"));
  const minutes = Math.max(0, Math.floor(passed / 60));
  timer.classList.toggle("item-time--over", planned > 0 && minutes >= planned);
  timer.querySelector("[data-minutes-words]").textContent = timer.getAttribute("data-said").replace("{time}", minutes);
}

const running = [];

export function startTimers(board) {
  const version = Number(board.getAttribute("data-version"));
  const arrived = performance.now();
  for (let at = running.length - 1; at >= 0; at -= 1) if (!document.contains(running[at].timer)) running.splice(at, 1);
  board.querySelectorAll("[data-timer], [data-minutes]").forEach((timer) => {
    const before = (version - Number(timer.getAttribute("data-started"))) / 1000;
    const tell = timer.hasAttribute("data-timer") ? show : showMinutes;
    const one = { timer, tell: () => tell(timer, before + (performance.now() - arrived) / 1000) };
    running.push(one);
    one.tell();
  });
}

document.querySelectorAll("[data-board]").forEach(startTimers);
setInterval(() => running.forEach((one) => one.tell()), 250);
