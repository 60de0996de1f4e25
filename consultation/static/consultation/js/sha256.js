// SHA-256 (FIPS 180-4) in the page: crypto.subtle is missing where a hall is served by plain http from a laptop.

const K = [];
const START = [];

// The constants are the first 32 bits of the fractional parts of cube and square roots of the first primes.
(function primes() {
  const fraction = (root) => ((root - Math.floor(root)) * 4294967296) | 0;
  for (let candidate = 2; K.length < 64; candidate += 1) {
    let prime = true;
    for (let factor = 2; factor * factor <= candidate; factor += 1) if (candidate % factor === 0) { prime = false; break; }
    if (!prime) continue;
    if (START.length < 8) START.push(fraction(Math.sqrt(candidate)));
    K.push(fraction(Math.cbrt(candidate)));
  }
})();

const turn = (word, by) => (word >>> by) | (word << (32 - by));

// 32 bytes of any number of bytes.
export function sha256(bytes) {
  const length = bytes.length;
  const padded = new Uint8Array(((length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(length / 0x20000000));
  view.setUint32(padded.length - 4, length << 3);
  const state = START.slice();
  const words = new Int32Array(64);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 64; i += 1) {
      const near = words[i - 2], far = words[i - 15];
      const one = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
      const nought = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
      words[i] = (words[i - 16] + nought + words[i - 7] + one) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const sum = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
      const other = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + sum) | 0; d = c; c = b; b = a; a = (sum + other) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => { state[i] = (state[i] + word) | 0; });
  }
  const out = new Uint8Array(32);
  const written = new DataView(out.buffer);
  state.forEach((word, i) => written.setInt32(i * 4, word));
  return out;
}

export function hex(bytes) {
  return Array.prototype.map.call(bytes, (byte) => ("0" + byte.toString(16)).slice(-2)).join("");
}
