// Beside numbers that must add up: what they come to so far. Wrong or empty fields count as nothing, full-width digits as digits.
function number(input) {
  const text = input.value.trim().normalize("NFKC");
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
}

document.querySelectorAll("[data-sum]").forEach((line) => {
  const inputs = line.closest("form").querySelectorAll("[data-sum-of] input");
  const place = line.querySelector("[data-sum-number]");
  const show = () => {
    place.textContent = Array.prototype.reduce.call(inputs, (sum, input) => sum + number(input), 0);
  };
  inputs.forEach((input) => input.addEventListener("input", show));
  line.hidden = false;
  show();
});
