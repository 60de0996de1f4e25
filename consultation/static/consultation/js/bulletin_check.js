// The checks of docs/bulletin.md, counted in the page by code of its own; check_bulletin.py says the same sentences.
import { canonical, has, hash, rootOf } from "./canonical.js";
import { find } from "./codes.js";
import { formOf, misshapen, summed } from "./bulletin_shape.js";

const sum = (numbers) => numbers.reduce((one, other) => one + other, 0);
const values = (counts) => Object.keys(counts).map((key) => counts[key]);
const holds = (good, name, facts) => ({ holds: good, name, facts });

function differs(text, other) {
  const left = Array.from(text), right = Array.from(other);
  let i = 0;
  while (i < left.length && i < right.length && left[i] === right[i]) i += 1;
  return i + 1;
}

// The smallest count from 1 that reaches the share of the total.
function least(total, share) {
  const [op, num, den] = share, whole = total * num, rest = whole % den;
  const floor = (whole - rest) / den;
  return Math.max(1, op === ">" || rest ? floor + 1 : floor);
}

// Whether so many ballots can say this: each abstains or names from one to `most`, none of them twice; no ranking has a
// place without the one before it.
function possible(counts, ballots, most) {
  const voted = ballots - counts.abstain, picked = values(summed(counts)), places = [];
  for (let i = 1; i <= most; i += 1) places.push(sum(Object.keys(counts).filter((key) => key[0] === String(i)).map((key) => counts[key])));
  const inOrder = places.every((number, i) => i === 0 || number <= places[i - 1]) && (places[0] === 0 || places[0] === voted);
  return Math.max(...picked) <= voted && voted <= sum(picked) && sum(picked) <= voted * most && inOrder;
}

// Papers or hands that say something.
function speaking(sheet) {
  if (has(sheet, "valid")) return sheet.valid;
  return sheet.counts ? sum(values(sheet.counts)) : Math.max(sheet.returned - sheet.blank - sheet.invalid, 0);
}

// What follows from the votes: outcome, those elected, those in a runoff (docs/bulletin.md).
function outcomeOf(counted, form, threshold) {
  const keys = Object.keys(counted), votes = keys.map((key) => counted[key]);
  const most = form.ranked ? 1 : form.most, needed = form.ranked ? Math.max(1, ...votes) : threshold;
  const order = votes.slice().sort((one, other) => other - one);
  const level = order[0] > 0 && order[0] === order[order.length - 1];
  const left = level ? "tied" : "lost";
  if (!form.options) return [counted.for >= needed ? "carried" : left, [], []];
  const over = order.filter((number) => number >= needed).length > most;
  const last = over ? order[most - 1] : needed;
  const tie = over && order[most] === last;
  const elected = keys.filter((key) => (tie ? counted[key] > last : counted[key] >= last));
  const among = keys.filter((key) => (tie ? counted[key] === last : counted[key] >= Math.max(order[1], 1)));
  if ((tie || !(elected.length || form.several)) && among.length > 1 && !form.again && !level) return ["runoff", elected, among];
  return [elected.length ? "carried" : left, elected, []];
}

function sheetFaults(sheets, secret, most, words) {
  const faults = [];
  sheets.forEach((sheet, i) => {
    const paper = sheet.method === "paper", known = speaking(sheet) + sheet.blank + sheet.invalid;
    const out = sheet.returned + sheet.spoiled + sheet.not_returned;
    const names = [sheet.entered_by, sheet.confirmed_by];
    [
      ["returned", sheet.returned, known, !paper || sheet.returned === known],
      ["issued", sheet.issued, out, !paper || sheet.issued === out],
      ["hands", known, `≤ ${sheet.base}`, sheet.method !== "hands" || known <= sheet.base],
      ["counts", "—", "0…", sheet.counts ? possible(sheet.counts, speaking(sheet), most) : secret && paper],
      ["names", names.join("、"), "2", names.every((name) => name.trim())],
    ].forEach((row) => {
      if (!row[3]) faults.push(holds(false, "sheets", { where: i + 1, what: words[row[0]], said: row[1], counted: row[2] }));
    });
  });
  return faults;
}

function agreement(body, words) {
  const definition = body.definition, rules = definition.rules, rule = body.rule;
  const due = {};
  ["roster", "entitled", "present"].forEach((key) => { due[key] = definition[key]; });
  ["threshold_of", "law", "citation"].forEach((key) => { due[key] = rules[key]; });
  ["quorum", "threshold"].forEach((key) => { due[key] = ["_op", "_num", "_den"].map((part) => rules[key + part]); });
  const written = (value) => (value === undefined ? "null" : canonical(value));
  const rows = Object.keys(due).map((key) => {
    const set = Array.isArray(due[key]) ? `[${due[key].map(written).join(",")}]` : written(due[key]);
    return { what: words[key], said: written(has(rule, key) ? rule[key] : body[key]), counted: set };
  });
  const other = rows.filter((row) => row.said !== row.counted)[0];
  return holds(!other, "agree", other || {});
}

// Every check of one bulletin: {holds, name of the sentence, facts}.
function checkOne(text, body, canon, given, words) {
  const word = (one, kind) => (has(words, `${kind} ${one}`) ? words[`${kind} ${one}`] : has(words, one) ? words[one] : String(one));
  const list = (value) => (Array.isArray(value) ? value : Object.keys(value).map((key) => `${key} ${value[key]}`));
  const figures = (pairs, kind = "") => pairs
    .map(([key, value]) => [word(key, kind), typeof value === "object" ? list(value).join("、") : word(value, kind)])
    .filter(([, value]) => value !== "").map((pair) => pair.join(" ")).join("，");
  const lines = [holds(text === canon, "canonical", text === canon ? {} : { where: differs(text, canon) })];
  const wrong = misshapen(body);
  lines.push(holds(!wrong.length, "shape", { where: wrong.join(", ").slice(0, 80) }));
  if (wrong.length) return lines;
  const root = rootOf(body), { rule, sheets, codes, totals, marks, present, entitled } = body, choices = body.choices["1"], form = formOf(body);
  lines.push(holds(root === body.root, "root", { said: body.root, counted: root }));
  if (given) {
    const mine = given.normalize("NFKC").toLowerCase().split("#").pop().replace(/[^0-9a-f]/g, "");
    const same = mine.length >= 16 && root.startsWith(mine);
    lines.push(holds(same, "given", { count: mine.length, said: mine || given, counted: root }));
  }
  const fixed = hash(canonical(body.definition));
  lines.push(holds(fixed === body.definition_hash, "definition", { said: body.definition_hash, counted: fixed }));
  lines.push(agreement(body, words));
  const ordered = codes.filter((code, i) => i === 0 || codes[i - 1] < code).length;
  lines.push(holds(ordered === codes.length && ordered === marks, "codes", { said: marks, counted: ordered }));
  const due = marks + sum(sheets.filter((s) => !s.counts).map(speaking)), picked = {}, counted = {};
  form.keys.forEach((key) => { picked[key] = choices.filter((one) => one === key).length; });
  lines.push(holds(possible(picked, due, form.most), "choices", { said: due, counted: choices.length }));
  const faults = sheetFaults(sheets, body.definition.secret === true, form.most, words);
  lines.push(...(faults.length ? faults : [holds(true, "sheets", { count: sheets.length })]));
  form.keys.forEach((key) => { counted[key] = picked[key] + sum(sheets.map((s) => (s.counts ? s.counts[key] : 0))); });
  const asTotals = (numbers) => figures(form.keys.map((key) => [key, numbers[key]]));
  const right = form.keys.every((key) => counted[key] === totals[key]);
  lines.push(holds(right, "totals", { said: asTotals(totals), counted: asTotals(counted) }));
  const votes = marks + sum(sheets.map((s) => (s.method === "paper" ? s.returned : speaking(s))));
  const most = Math.max(votes, form.several || form.ranked ? Math.max(...values(counted)) : sum(values(counted)));
  const people = figures([["votes", votes], ["present", present], ["entitled", entitled]]);
  lines.push(holds(most <= present && present <= entitled, "present", { counted: people }));
  const required = least(entitled, rule.quorum);
  const needed = form.ranked ? 0 : least(rule.threshold_of === "electorate" ? entitled : present, rule.threshold);
  const points = summed(counted, form.ranked ? form.most : 0), counts = outcomeOf(points, form, needed), voted = body.definition.referred_to ? ["referred", counts[1], []] : counts;
  const [outcome, winners, goingOn] = present < required ? ["inquorate", [], []] : voted;
  const asked = ["required", "needed", "outcome", "winners", "going_on", "points"];
  const verdict = (named) => figures(asked.filter((key) => has(named, key)).map((key) => [key, named[key]]), form.ranked ? "ranked" : "");
  const found = { required, needed, outcome, ...(form.options ? { winners, going_on: goingOn } : {}), ...(form.ranked ? { points } : {}) };
  const said = verdict(body), follows = verdict(found);
  const same = Object.keys(found).every((key) => canonical(found[key]) === canonical(body[key]));
  lines.push(holds(same, "verdict", { said, counted: follows }));
  return lines;
}

// Whether a bulletin follows on those before it; `past` remembers them.
function link(where, text, body, past, words) {
  const motion = `${body.meeting.number}/${body.motion}`;
  const [version, corrects] = past.motions[motion] || [1, ""];
  if (past.village === undefined) past.village = body.village.code;
  const rows = [
    ["number", body.number, where], ["previous", body.previous, past.previous], ["version", body.version, version],
    ["corrects", body.corrects, corrects], ["village", body.village.code, past.village],
  ];
  past.previous = hash(text);
  past.motions[motion] = [body.version + 1, past.previous];
  const other = rows.filter((row) => row[1] !== row[2])[0];
  const row = other || rows[0];
  return holds(!other, "chain", { where, what: words[row[0]], said: row[1] || "—", counted: row[2] || "—" });
}

// All lines of the answer. Throws for what is no bulletin. `text` is the file; `many` a village's whole chain.
export function report(text, { many = false, given = "", code = "", words }) {
  const lines = [], links = [], found = [], past = { previous: "", motions: {} };
  let files = many ? text.split("\n") : [text];
  if (many && !files[files.length - 1]) files = files.slice(0, -1);
  files.forEach((file, i) => {
    const body = JSON.parse(file);
    const answers = checkOne(file, body, canonical(body).normalize("NFC"), i + 1 === files.length ? given : "", words);
    lines.push(...answers.filter((answer) => !(many && answer.holds)));
    const shaped = answers.length > 2;
    if (code && shaped) found.push(find(code, body.codes));
    if (!many) return;
    const said = shaped ? body.meeting.title : "？";
    lines.push(holds(answers.every((answer) => answer.holds), "whole", { where: i + 1, said }));
    if (shaped) links.push(link(i + 1, file, body, past, words));
  });
  const broken = links.filter((answer) => !answer.holds);
  if (links.length) lines.push(...(broken.length ? broken : [holds(true, "chain", { count: links.length })]));
  if (found.length) lines.push(found.filter((answer) => answer.holds)[0] || found[0]);
  if (!lines.length) throw new SyntaxError("nothing in it");
  return lines;
}

const DECODER = { fatal: true, ignoreBOM: true };

// Bytes or text in, sentences out: {holds, name, words}; `said` holds the sentences and words of check_bulletin.py.
export function check(content, { name = "", given = "", code = "", said }) {
  const sentence = ({ holds: good, name: key, facts }) => ({
    holds: good, name: key,
    words: said.sentences[key][good ? 0 : 1]
      .replace(/\{(\w+)\}/g, (_all, fact) => String(facts[fact]))
      .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "?"),
  });
  try {
    const text = typeof content === "string" ? content : new TextDecoder("utf-8", DECODER).decode(content);
    const many = name.endsWith(".jsonl") || text.indexOf("\n{") >= 0;
    const lines = report(text, { many, given, code, words: said.words });
    const sound = lines.every((line) => line.holds);
    return [...lines, { holds: sound, name: "end", facts: {} }].map(sentence);
  } catch (error) {
    return [sentence({ holds: false, name: "unreadable", facts: {} })];
  }
}
