// The voter's own secret of a secret ballot: made on this phone, sent to nobody. What goes up are two hashes of it; the
// number that finds the ballot on the bulletin is made from the second.
import { sha256, hex } from "./sha256.js";

const PREFIX = "ballot-";

function bytesOf(words, secret) {
  const bytes = new Uint8Array(words.length + secret.length);
  for (let i = 0; i < words.length; i += 1) bytes[i] = words.charCodeAt(i);
  bytes.set(secret, words.length);
  return bytes;
}

function unhex(text) {
  return new Uint8Array((text.match(/../g) || []).map((pair) => parseInt(pair, 16)));
}

export function newSecret() {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

export function slipOf(secret) {
  return hex(sha256(bytesOf("slip", unhex(secret))));
}

export function boardOf(secret) {
  return hex(sha256(bytesOf("board", unhex(secret))));
}

// The first 16 hex digits as a number, modulo 10^12, without numbers beyond what a phone counts exactly.
export function numberOf(board) {
  let rest = 0;
  for (let i = 0; i < 16; i += 1) rest = (rest * 16 + parseInt(board[i], 16)) % 1e12;
  const digits = ("000000000000" + rest).slice(-12);
  return digits.slice(0, 4) + " " + digits.slice(4, 8) + " " + digits.slice(8);
}

// Kept on this phone only, so that its owner finds the number again and can change a vote that may be changed.
export function keep(motion, entry, secret, turn) {
  try { localStorage.setItem(PREFIX + motion + "-" + entry, secret + ":" + turn); } catch (error) { /* private windows keep nothing */ }
}

export function kept(motion, entry) {
  try {
    const [secret, turn] = (localStorage.getItem(PREFIX + motion + "-" + entry) || ":0").split(":");
    return { secret, turn: Number(turn) };
  } catch (error) { return { secret: "", turn: 0 }; }
}
