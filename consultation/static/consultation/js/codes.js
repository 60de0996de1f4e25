// The voter's own number: twelve digits of a board code, found without leaving the page.

// A code's first sixteen hex digits as a number, modulo 10^12; step by step, because old phones have no BigInt.
export function numberOf(code) {
  let rest = 0;
  for (let i = 0; i < 16; i += 1) rest = (rest * 16 + parseInt(code[i], 16)) % 1e12;
  return `000000000000${rest}`.slice(-12);
}

export const digitsOf = (typed) => typed.normalize("NFKC").replace(/[^0-9]/g, "");
export const inFours = (digits) => (digits.match(/[0-9]{1,4}/g) || []).join(" ");

export function find(typed, codes) {
  const digits = digitsOf(typed);
  const where = codes.map(numberOf).sort().indexOf(digits) + 1;
  return { holds: where > 0, name: "code", facts: { said: inFours(digits) || typed, where } };
}
