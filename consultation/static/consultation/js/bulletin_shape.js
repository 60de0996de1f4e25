// The form of a bulletin: what its ballot offered, which fields there are and what each may hold.
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

const YES_NO = ["for", "against", "abstain"];
const hex = like(/^[0-9a-f]{64}$/), maybe = like(/^([0-9a-f]{64})?$/);
const isOptions = list(fields({ key: like(/^[A-Z]2?$/), text }));

// The keys that were counted, how many of them a ballot may pick, whether they are options and each is for itself.
export function formOf(body) {
  const plain = { keys: YES_NO, most: 1, options: false, several: false, ranked: false, again: false };
  const said = body.definition;
  if (body.format !== "village-bulletin-2" || !object(said)) return plain;
  if (!like(/^(choice|multi_choice|ranked)$/)(said.kind) || !isOptions(said.options) || !whole(said.most) || !whole(said.runoff_of)) return plain;
  const keys = said.options.map((option) => option.key), several = said.kind === "multi_choice", ranked = said.kind === "ranked";
  const most = ranked ? said.most === keys.length && keys.length < 9 : several ? said.most > 0 && said.most < keys.length : said.most === 1;
  const good = keys.length > 1 && keys.length <= 50 && new Set(keys).size === keys.length && most;
  const counted = ranked ? [].concat(...keys.map((key) => keys.map((_other, i) => `${i + 1}${key}`))) : keys;
  return good ? { keys: counted.concat("abstain"), most: said.most, options: true, several, ranked, again: said.runoff_of > 0 } : plain;
}

// By option: votes; of a ranking (`2A`: A put second) how many name it or, among `size` of them, its points.
export function summed(counts, size = 0) {
  const found = {};
  Object.keys(counts).filter((key) => key !== "abstain").forEach((key) => {
    const option = key.replace(/^[1-8]/, "");
    found[option] = (has(found, option) ? found[option] : 0) + counts[key] * (size ? size - Number(key[0]) : 1);
  });
  return found;
}

function shapeOf({ keys, options, ranked }) {
  const counted = {}, named = options ? { winners: list(text), going_on: list(text) } : {};
  keys.forEach((key) => { counted[key] = whole; });
  const counts = fields(counted), points = {};
  Object.keys(summed(counted)).forEach((key) => { points[key] = whole; });
  const sheet = fields({
    method: like(/^(hands|paper|belenios)$/), place: text, counts: (value) => value === null || counts(value),
    blank: whole, invalid: whole, issued: whole, spoiled: whole, not_returned: whole, returned: whole, base: whole,
    entered_by: text, confirmed_by: text, ...(options ? { valid: whole } : {}),
  });
  return {
    format: like(options ? /^village-bulletin-2$/ : /^village-bulletin-1$/), village: fields({ code: text, name: text }),
    number: whole, previous: maybe, meeting: fields({ number: whole, title: text }), motion: whole, version: whole,
    corrects: maybe, reason: text, closed_at: like(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/), definition: object,
    definition_hash: hex, roster: text, entitled: whole, present: whole, marks: whole, codes: list(hex),
    choices: fields({ 1: list((value) => text(value) && keys.indexOf(value) >= 0) }), sheets: list(sheet), totals: counts,
    rule: fields({ quorum: share, threshold: share, threshold_of: like(/^(present|electorate)$/), law: text, citation: text }),
    required: whole, needed: whole, root: hex, ...named, ...(ranked ? { points: fields(points) } : {}),
    outcome: like(options ? /^(carried|lost|tied|inquorate|referred|runoff)$/ : /^(carried|lost|tied|inquorate|referred)$/),
  };
}

// The names of the fields that do not fit.
export function misshapen(body) {
  if (!object(body)) return ["{}"];
  const shape = shapeOf(formOf(body));
  const keys = Object.keys({ ...shape, ...body }).sort();
  const wrong = keys.filter((key) => !(has(shape, key) && has(body, key) && shape[key](body[key])));
  if (wrong.length) return wrong;
  const again = body.version > 1, { quorum, threshold } = body.rule;
  const together = {
    previous: Boolean(body.previous) === body.number > 1,
    corrects: Boolean(body.corrects) === again,
    reason: !again || body.reason.trim() !== "",
    version: body.version > 0,
    rule: Math.max(quorum[1], quorum[2], threshold[1], threshold[2]) < 10000 && quorum[2] * threshold[2] > 0,
    definition: object(body.definition.rules) && (!has(body.definition, "referred_to") || text(body.definition.referred_to)),
  };
  return Object.keys(together).filter((key) => !together[key]);
}
