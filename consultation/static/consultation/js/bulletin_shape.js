// The form of a bulletin: which fields there are and what each may hold.
import { has } from "./canonical.js";

const whole = (value) => Number.isInteger(value) && value >= 0;
const text = (value) => typeof value === "string";
const like = (pattern) => (value) => text(value) && pattern.test(value);
const object = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (inner) => (value) => Array.isArray(value) && value.every(inner);
const share = (value) =>
  Array.isArray(value) && value.length === 3 && /^>=?$/.test(value[0]) && text(value[0]) && whole(value[1]) && whole(value[2]);
const fields = (shape) => (value) =>
  object(value) && Object.keys(value).length === Object.keys(shape).length &&
  Object.keys(shape).every((key) => has(value, key) && shape[key](value[key]));

const hex = like(/^[0-9a-f]{64}$/), maybe = like(/^([0-9a-f]{64})?$/);
const counts = fields({ for: whole, against: whole, abstain: whole });
const sheet = fields({
  method: like(/^(hands|paper|belenios)$/), place: text, counts: (value) => value === null || counts(value),
  blank: whole, invalid: whole, issued: whole, spoiled: whole, not_returned: whole, returned: whole, base: whole,
  entered_by: text, confirmed_by: text,
});
const SHAPE = {
  format: like(/^village-bulletin-1$/), village: fields({ code: text, name: text }), number: whole, previous: maybe,
  meeting: fields({ number: whole, title: text }), motion: whole, version: whole, corrects: maybe, reason: text,
  closed_at: like(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/), definition: object, definition_hash: hex, roster: text,
  entitled: whole, present: whole, marks: whole, codes: list(hex),
  choices: fields({ 1: list(like(/^(for|against|abstain)$/)) }), sheets: list(sheet), totals: counts,
  rule: fields({ quorum: share, threshold: share, threshold_of: like(/^(present|electorate)$/), law: text, citation: text }),
  required: whole, needed: whole, outcome: like(/^(carried|lost|tied|inquorate)$/), root: hex,
};

// The names of the fields that do not fit.
export function misshapen(body) {
  if (!object(body)) return ["{}"];
  const keys = Object.keys({ ...SHAPE, ...body }).sort();
  const wrong = keys.filter((key) => !(has(SHAPE, key) && has(body, key) && SHAPE[key](body[key])));
  if (wrong.length) return wrong;
  const again = body.version > 1, { quorum, threshold } = body.rule;
  const together = {
    previous: Boolean(body.previous) === body.number > 1,
    corrects: Boolean(body.corrects) === again,
    reason: !again || body.reason.trim() !== "",
    version: body.version > 0,
    rule: Math.max(quorum[1], quorum[2], threshold[1], threshold[2]) < 10000 && quorum[2] * threshold[2] > 0,
    definition: object(body.definition.rules),
  };
  return Object.keys(together).filter((key) => !together[key]);
}
