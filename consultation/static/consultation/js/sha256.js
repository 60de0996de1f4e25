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

const CONSTANTS = Int32Array.from(K);
const words = new Int32Array(64);
const state = new Int32Array(8);

// One block of 64 bytes. A bulletin has hundreds of thousands of them, so nothing is made anew here.
function mix(bytes, at) {
  for (let i = 0; i < 16; i += 1, at += 4) {
    words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const near = words[i - 2], far = words[i - 15];
    const one = ((near >>> 17) | (near << 15)) ^ ((near >>> 19) | (near << 13)) ^ (near >>> 10);
    const nought = ((far >>> 7) | (far << 25)) ^ ((far >>> 18) | (far << 14)) ^ (far >>> 3);
    words[i] = (words[i - 16] + nought + words[i - 7] + one) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const big = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const sum = (h + big + ((e & f) ^ (~e & g)) + CONSTANTS[i] + words[i]) | 0;
    const small = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const other = (small + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + sum) | 0; d = c; c = b; b = a; a = (sum + other) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

// 32 bytes of any number of bytes.
export function sha256(bytes) {
  const length = bytes.length, whole = length - (length % 64);
  for (let i = 0; i < 8; i += 1) state[i] = START[i];
  for (let at = 0; at < whole; at += 64) mix(bytes, at);
  const last = new Uint8Array(length - whole < 56 ? 64 : 128);
  for (let i = whole; i < length; i += 1) last[i - whole] = bytes[i];
  last[length - whole] = 0x80;
  const high = Math.floor(length / 0x20000000), low = length << 3;
  for (let i = 0; i < 4; i += 1) {
    last[last.length - 1 - i] = low >>> (8 * i);
    last[last.length - 5 - i] = high >>> (8 * i);
  }
  for (let at = 0; at < last.length; at += 64) mix(last, at);
  const out = new Uint8Array(32);
  for (let i = 0; i < 32; i += 1) out[i] = state[i >> 2] >>> (24 - 8 * (i & 3));
  return out;
}

export function hex(bytes) {
  return Array.prototype.map.call(bytes, (byte) => ("0" + byte.toString(16)).slice(-2)).join("");
}
