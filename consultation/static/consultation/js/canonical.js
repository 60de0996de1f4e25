// Canonical JSON and the Merkle root of a bulletin (docs/bulletin.md), as check_bulletin.py takes them.
import { hex, sha256 } from "./sha256.js";

const encoder = new TextEncoder();
const has = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
const lone = /[\ud800-\udfff]/u; // half a character: no text

export const hash = (text) => hex(sha256(encoder.encode(text)));

// Python sorts by code point, JavaScript by UTF-16: they differ for rare characters only.
function byCodePoint(one, other) {
  const left = Array.from(one, (sign) => sign.codePointAt(0));
  const right = Array.from(other, (sign) => sign.codePointAt(0));
  for (let i = 0; i < left.length && i < right.length; i += 1) if (left[i] !== right[i]) return left[i] - right[i];
  return left.length - right.length;
}

// What may not stand in a bulletin (fractions, long numbers) is written otherwise, and so differs from the file.
export function canonical(value) {
  if (typeof value === "string") return lone.test(value) ? "\ufffd" : JSON.stringify(value);
  if (typeof value === "number") return Number.isInteger(value) && value <= 999999999 && value >= -99999999 ? String(value) : "null";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  return `{${Object.keys(value).sort(byCodePoint).map((key) => `${canonical(key)}:${canonical(value[key])}`).join(",")}}`;
}

// RFC 6962, level by level: neighbours are joined, one left over goes up as it is.
export function merkleBytes(leaves) {
  if (!leaves.length) return sha256(encoder.encode(""));
  let level = leaves.map((leaf) => {
    const marked = new Uint8Array(leaf.length + 1);
    marked.set(leaf, 1);
    return sha256(marked);
  });
  const pair = new Uint8Array(65);
  pair[0] = 1;
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      pair.set(level[i], 1);
      pair.set(level[i + 1], 33);
      above.push(sha256(pair));
    }
    if (level.length % 2) above.push(level[level.length - 1]);
    level = above;
  }
  return level[0];
}

export function rootOf(body) {
  const head = {};
  Object.keys(body).forEach((key) => {
    if (["codes", "choices", "root"].indexOf(key) < 0) head[key] = body[key];
  });
  const leaves = [canonical(head)];
  body.codes.forEach((code) => leaves.push(`code:${code}`));
  body.choices["1"].forEach((choice) => leaves.push(`choice:1:${choice}`));
  return hex(merkleBytes(leaves.map((leaf) => encoder.encode(leaf))));
}

export { has };
