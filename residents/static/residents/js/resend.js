// <button data-resend="60">: a new code after a minute. The server holds to it anyway; here the button says so.
for (const button of document.querySelectorAll("[data-resend]")) {
  const wait = button.form.querySelector("[data-resend-wait]");
  const left = wait.querySelector("[data-resend-left]");
  const until = Date.now() + Number(button.dataset.resend) * 1000;
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    button.hidden = seconds > 0;
    wait.hidden = seconds <= 0;
    left.textContent = String(seconds);
    if (seconds > 0) setTimeout(tick, 1000);
  };
  tick();
}
