#!/usr/bin/env python3
# ruff: noqa: E401, E701, E704, I001, T201, UP031, B905, RUF071
# fmt: off
"""核对村里的公示单：不联网，不用相信网站，自己重新数一遍。要 Python 3.8 或更新的版本，别的不用装。

用法：python3 check_bulletin.py 公示单.json [--root 总码] [--code 十二位票号]
      python3 check_bulletin.py bulletins.jsonl    （全村的公示单，连先后次序一起核对；总码是最后一份的）
也可以把公示单拖到这个文件上，或者放进同一个文件夹，再双击这个文件。
结果：0 都对，1 有不对的地方，2 读不了。格式写在 docs/bulletin.md。
"""
import hashlib, json, os, re, sys, unicodedata
_ = str  # marks the sentences: the page in the browser says the same ones. When it holds, and when not:
SAID = {
    "canonical": (_("写法规范，保存以后没有动过"), _("写法不规范，从第 {where} 个字起不一样（另存过或者动过）")),
    "shape": (_("栏目齐全"), _("栏目不对：{where}")), "present": (_("票没有多：{counted}"), _("人数不对：{counted}")),
    "root": (_("总码对得上：{counted}"), _("总码对不上：写着 {said}，重新算是 {counted}")),
    "given": (_("和您手里的总码一样（{count} 位）"), _("和您手里的总码不一样：{said}，重新算是 {counted}")),
    "definition": (_("表决前定下的没有动过"), _("表决前定下的动过：写着 {said}，重新算是 {counted}")),
    "agree": (_("名册、人数、规则和定下的一样"), _("“{what}”和定下的不一样：写着 {said}，定下的是 {counted}")),
    "codes": (_("票号 {counted} 个，个个不同"), _("票号不对：写着投了 {said} 票，按次序排、又不重复的有 {counted} 个")),
    "choices": (_("选择 {counted} 个，不多不少"), _("选择有 {counted} 个，应该是 {said} 个")),
    "sheets": (_("计票单 {count} 张，张张相符"), _("第 {where} 张计票单不符：{what}写着 {said}，应该是 {counted}")),
    "totals": (_("合计对得上：{counted}"), _("合计对不上：写着{said}，重新数是{counted}")),
    "verdict": (_("结果对得上：{counted}"), _("结果对不上：写着{said}，按规则算是{counted}")),
    "whole": (_("第 {where} 份《{said}》对得上"), _("第 {where} 份《{said}》有不对的地方")),
    "chain": (_("{count} 份一份接一份，都连得上"), _("第 {where} 份连不上：{what}写着 {said}，应该是 {counted}")),
    "code": (_("票号 {said}：在，第 {where} 行"), _("票号 {said}：不在。再对一遍 12 个数字，还是没有就找记录员")),
    "end": (_("都对得上。总码还要和会场大屏、会议记录上的一样"), _("有不对的地方，请告诉村务监督委员会")),
    "unreadable": ("", _("读不了：不是公示单，或者文件坏了、太大"))}
WORDS = {
    "for": _("赞成"), "against": _("反对"), "abstain": _("弃权"), "carried": _("通过"), "lost": _("未通过"),
    "tied": _("票数相同，未通过"), "runoff": _("再投一轮"), "inquorate": _("人数不够，无效"), "required": _("至少要到"),
    "needed": _("至少要赞成"), "outcome": _("结果"), "roster": _("名册"), "votes": _("票"), "present": _("实到"),
    "entitled": _("应到"), "quorum": _("到会要求"), "threshold": _("通过要求"), "threshold_of": _("通过基数"),
    "law": _("法律"), "citation": _("条款"), "returned": _("收回"), "issued": _("发出"), "hands": _("举手"),
    "number": _("编号"), "village": _("村"), "previous": _("前一份"), "corrects": _("更正"), "version": _("次数"),
    "names": _("录入人和核对人"), "counts": _("各项票数"), "winners": _("选定"), "going_on": _("进入第二轮"),
    "referred": _("转办"), "points": _("得分"), "ranked winners": _("排在最前"), "ranked going_on": _("并列最前"),
    "ranked carried": _("排出先后"), "ranked lost": _("没有人排"), "ranked tied": _("分不出先后")}
YES_NO, FORMATS = ("for", "against", "abstain"), ("village-bulletin-1", "village-bulletin-2")
HEX, MAYBE, TEXT, BY, LARGEST = "[0-9a-f]{64}", "([0-9a-f]{64})?", ".*", ("entered_by", "confirmed_by"), 256 * 2**20
WHOLE = ("number", "motion", "version", "entitled", "present", "marks", "required", "needed")
ON_SHEET = ("blank", "invalid", "issued", "spoiled", "not_returned", "returned", "base")
SHARE, BALLOT = (">=?", int, int), ("choice|multi_choice|ranked", [{"key": "[A-Z]2?", "text": TEXT}], int, int)
def shape_of(keys, _most, options, _several, ranked):
    """The fields of a bulletin whose ballot had these keys; between `options` there are a few more."""
    points = {"points": dict.fromkeys(summed(dict.fromkeys(keys, 0)), int)} if ranked else {}
    sheet = {**dict.fromkeys(ON_SHEET + ("valid",) * options, int), "method": "hands|paper|belenios", "place": TEXT,
             "counts": frozenset(keys), **dict.fromkeys(BY, TEXT)}
    return {**dict.fromkeys(WHOLE, int), **points, **{key: [TEXT] for key in ("winners", "going_on") * options},
        "format": FORMATS[options], "village": {"code": TEXT, "name": TEXT}, "previous": MAYBE, "corrects": MAYBE,
        "meeting": {"number": int, "title": TEXT}, "closed_at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "definition": dict,
        "definition_hash": HEX, "roster": TEXT, "codes": [HEX], "choices": {"1": ["|".join(keys)]}, "reason": TEXT,
        "totals": dict.fromkeys(keys, int), "root": HEX, "sheets": [sheet],
        "outcome": "carried|lost|tied|inquorate|referred" + "|runoff" * options, "rule": {
            "quorum": SHARE, "threshold": SHARE, "threshold_of": "present|electorate", "law": TEXT, "citation": TEXT}}
def fits(value, shape):
    if isinstance(shape, dict):
        return isinstance(value, dict) and value.keys() == shape.keys() and all(fits(value[k], shape[k]) for k in shape)
    if isinstance(shape, list): return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    if type(shape) is tuple: return type(value) is list and len(value) == len(shape) and all(map(fits, value, shape))
    if isinstance(shape, type): return type(value) is shape and (shape is dict or value >= 0)
    if isinstance(shape, frozenset): return value is None or fits(value, dict.fromkeys(shape, int))
    return isinstance(value, str) and bool(re.fullmatch(shape, value, re.A | re.S))
def form_of(body):
    """(keys that were counted, how many a ballot may pick, whether between options, each for itself, in order)."""
    said = body.get("definition") if body.get("format") == FORMATS[1] else None
    ballot = [said.get(key) for key in ("kind", "options", "most", "runoff_of")] if isinstance(said, dict) else []
    if not fits(ballot, BALLOT): return YES_NO, 1, False, False, False
    (kind, listed, most, _again), size = ballot, len(ballot[1])
    keys, allowed = [option["key"] for option in listed], {"choice": [1], "ranked": [size][: size < 9]}
    good = 1 < size <= 50 and len(set(keys)) == size and most in allowed.get(kind, range(1, size))
    keys = ["%s%s" % (place, key) for key in keys for place in range(1, size + 1)] if kind == "ranked" else keys
    return (*keys, "abstain") if good else YES_NO, most, good, kind == "multi_choice", good and kind == "ranked"
def oddities(body):
    if not isinstance(body, dict): return ["{}"]
    shape = shape_of(*form_of(body))
    wrong = [k for k in sorted({*shape, *body}) if not (k in shape and k in body and fits(body[k], shape[k]))]
    again, numbers = wrong or body["version"] > 1, wrong or body["rule"]["quorum"][1:] + body["rule"]["threshold"][1:]
    holds = {} if wrong else {
        "previous": bool(body["previous"]) == (body["number"] > 1), "corrects": bool(body["corrects"]) == again,
        "reason": body["reason"].strip() or not again, "version": body["version"] > 0,
        "rule": max(numbers) < 10000 and numbers[1] * numbers[3] > 0,
        "definition": fits([body["definition"].get(key, "") for key in ("rules", "referred_to")], (dict, TEXT))}
    return wrong + [key for key, good in holds.items() if not good]
def canonical(value): return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
def parse(line):
    """Bytes as (text, body, canonical text). A number that is not whole, or too long, becomes null and so differs."""
    hooks = {"parse_int": lambda digits: int(digits) if len(digits) < 10 else None, "parse_float": lambda _text: None}
    body = json.loads(line.decode(), parse_constant=int, **hooks)
    return line.decode(), body, unicodedata.normalize("NFC", canonical(body))
def sha256(text): return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
def root_of(body):
    """RFC 6962, level by level: neighbours are joined, one left over goes up as it is."""
    head = canonical({key: value for key, value in body.items() if key not in ("codes", "choices", "root")})
    leaves = [head, *("code:" + code for code in body["codes"]), *("choice:1:" + c for c in body["choices"]["1"])]
    level = [hashlib.sha256(b"\0" + leaf.encode("utf-8", "replace")).digest() for leaf in leaves]
    while len(level) > 1:
        rest = level[len(level) - len(level) % 2 :]
        level = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2])] + rest
    return level[0].hex()
# The smallest count from 1 that reaches the share of the total.
def least(total, op, num, den): return max(1, total * num // den + 1 if op == ">" else -(-total * num // den))
def told(kind, said):
    if isinstance(said, dict): said = ["%s %s" % one for one in said.items()]
    return "、".join(said) if isinstance(said, list) else str(WORDS.get("%s %s" % (kind, said), WORDS.get(said, said)))
def figures(numbers, kind=""):
    said = ((told(kind, key), told(kind, value)) for key, value in numbers.items())
    return "，".join("%s %s" % one for one in said if one[1])
def summed(counts, size=0):  # by option: votes; or how many rankings name it; or, among `size` of them, its points
    worth = [(k.lstrip("12345678"), n * (size - int(k[0]) if size else 1)) for k, n in counts.items() if k != "abstain"]
    return {option: sum(number for other, number in worth if other == option) for option, _number in worth}
def possible(counts, ballots, most):
    """Whether so many ballots can say this: each abstains or names from one to `most`, none twice, leaving no place."""
    cast, picked = ballots - counts["abstain"], summed(counts).values()
    ranks = [sum(number for key, number in counts.items() if key[0] == str(place)) for place in range(1, most + 1)]
    return max(picked) <= cast <= sum(picked) <= cast * most and ranks[::-1] == sorted(ranks) and ranks[0] in (0, cast)
def speaking(sheet):  # papers or hands that say something
    known = sum(sheet["counts"].values()) if sheet["counts"] else sheet["returned"] - sheet["blank"] - sheet["invalid"]
    return sheet.get("valid", max(known, 0))
def outcome_of(counts, most, options, several, again, needed):
    """What follows from the votes: (outcome, elected, those in a runoff); docs/bulletin.md, consultation/tally.py."""
    votes = summed(counts)
    if not needed: most, needed = 1, max(1, *votes.values())  # of a ranking: whoever has most points comes first
    order, level = sorted(votes.values(), reverse=True), min(votes.values()) == max(votes.values()) > 0
    if not options: return ("carried" if votes["for"] >= needed else "tied" if level else "lost"), [], []
    over = sum(number >= needed for number in order) > most
    last = order[most - 1] if over else needed
    tie = over and order[most] == last
    elected = [key for key in votes if votes[key] >= last + tie]
    among = [key for key in votes if (votes[key] == last if tie else votes[key] >= max(order[1], 1))]
    runoff = (tie or not (elected or several)) and len(among) > 1 and not (again or level)
    return ("runoff" if runoff else "carried" if elected else "tied" if level else "lost"), elected, among * runoff
def sheet_faults(sheets, secret, most):
    for where, sheet in enumerate(sheets, 1):
        method, counts, known = sheet["method"], sheet["counts"], speaking(sheet) + sheet["blank"] + sheet["invalid"]
        out, names = sheet["returned"] + sheet["spoiled"] + sheet["not_returned"], [sheet[key] for key in BY]
        rows = [
            ("returned", sheet["returned"], known, method != "paper" or sheet["returned"] == known),
            ("issued", sheet["issued"], out, method != "paper" or sheet["issued"] == out),
            ("hands", known, "≤ %s" % sheet["base"], method != "hands" or known <= sheet["base"]),
            ("counts", "—", "0…", possible(counts, speaking(sheet), most) if counts else secret and method == "paper"),
            ("names", "、".join(names), "2", all(map(str.strip, names)))]
        for what, said, counted, _holds in (row for row in rows if not row[3]):
            yield False, "sheets", {"where": where, "what": WORDS[what], "said": said, "counted": counted}
def check(text, body, canon, given=""):  # every check of one bulletin as (holds, name of the sentence, facts)
    yield text == canon, "canonical", {"where": text != canon and len(os.path.commonprefix([text, canon])) + 1}
    wrong = oddities(body)
    yield not wrong, "shape", {"where": ", ".join(wrong)[:80]}
    if wrong: return
    root, definition, rule, sheets = root_of(body), body["definition"], body["rule"], body["sheets"]
    codes, choices, totals = body["codes"], body["choices"]["1"], body["totals"]
    (keys, most, options, several, ranked), present, entitled = form_of(body), body["present"], body["entitled"]
    yield root == body["root"], "root", {"said": body["root"], "counted": root}
    mine = re.sub("[^0-9a-f]", "", unicodedata.normalize("NFKC", given).lower().split("#")[-1])
    same = len(mine) >= 16 and root.startswith(mine)
    yield from [(same, "given", {"count": len(mine), "said": mine or given, "counted": root})] * bool(given)
    fixed = sha256(canonical(definition))
    yield fixed == body["definition_hash"], "definition", {"said": body["definition_hash"], "counted": fixed}
    rules, parts, due = definition["rules"], ("_op", "_num", "_den"), {}
    due.update((key, definition.get(key)) for key in ("roster", "entitled", "present"))
    due.update((key, rules.get(key)) for key in ("threshold_of", "law", "citation"))
    due.update((key, [rules.get(key + part) for part in parts]) for key in ("quorum", "threshold"))
    rows = ((WORDS[key], canonical(rule.get(key, body.get(key))), canonical(value)) for key, value in due.items())
    other = next((row for row in rows if row[1] != row[2]), ())
    yield not other, "agree", dict(zip(("what", "said", "counted"), other))
    ordered = sum(1 for before, code in zip(["", *codes], codes) if before < code)
    yield ordered == len(codes) == body["marks"], "codes", {"said": body["marks"], "counted": ordered}
    due = body["marks"] + sum(speaking(sheet) for sheet in sheets if sheet["counts"] is None)
    picked = {key: choices.count(key) for key in keys}
    yield possible(picked, due, most), "choices", {"said": due, "counted": len(choices)}
    faults = list(sheet_faults(sheets, definition.get("secret") is True, most))
    yield from faults or [(True, "sheets", {"count": len(sheets)})]
    counted = {key: picked[key] + sum((sheet["counts"] or {}).get(key, 0) for sheet in sheets) for key in keys}
    yield counted == totals, "totals", {"said": figures({k: totals[k] for k in keys}), "counted": figures(counted)}
    votes = body["marks"] + sum(one["returned"] if one["method"] == "paper" else speaking(one) for one in sheets)
    facts = figures({"votes": votes, "present": present, "entitled": entitled})
    whole = max(counted.values()) if several or ranked else sum(counted.values())
    yield max(votes, whole) <= present <= entitled, "present", {"counted": facts}
    base, scores = entitled if rule["threshold_of"] == "electorate" else present, summed(counted, most * ranked)
    follows = {"required": least(entitled, *rule["quorum"]), "needed": 0 if ranked else least(base, *rule["threshold"])}
    found = outcome_of(scores, most, options, several, options and definition["runoff_of"] > 0, follows["needed"])
    found = ("referred", found[1], []) if definition.get("referred_to") else found
    found = found if present >= follows["required"] else ("inquorate", [], [])
    follows.update(zip(("outcome", "winners", "going_on", "points")[: 1 + 2 * options + ranked], (*found, scores)))
    said, kind = {key: body[key] for key in follows}, "ranked" * ranked
    yield said == follows, "verdict", {"said": figures(said, kind), "counted": figures(follows, kind)}
def link(where, text, body, past):  # whether a bulletin follows on those before it; `past` remembers them
    motion = (body["meeting"]["number"], body["motion"])
    version, corrects = past.get(motion, (1, ""))
    due = {"number": where, "previous": past["previous"], "version": version, "corrects": corrects}
    said = {key: body[key] for key in due}
    due["village"], said["village"] = past.setdefault("village", body["village"]["code"]), body["village"]["code"]
    past.update({"previous": sha256(text), motion: (body["version"] + 1, sha256(text))})
    what = next((key for key in due if said[key] != due[key]), "number")
    facts = {"where": where, "what": WORDS[what], "said": said[what] or "—", "counted": due[what] or "—"}
    return said[what] == due[what], "chain", facts
def find(code, body):
    digits = re.sub("[^0-9]", "", unicodedata.normalize("NFKC", code))
    numbers = ["%012d" % number for number in sorted(int(code[:16], 16) % 10**12 for code in body["codes"])]
    where = numbers.index(digits) + 1 if digits in numbers else 0
    return bool(where), "code", {"said": " ".join(re.findall("[0-9]{1,4}", digits)) or code, "where": where}
def report(content, many, given="", code=""):
    """Every line of the answer as (holds, name, facts). Raises ValueError or RecursionError for what is no bulletin."""
    lines, past = re.sub(rb"\n\Z", b"", content).split(b"\n") if many else [content], {"previous": ""}
    links, found = [], []
    for where, line in enumerate(lines, 1):
        text, body, canon = parse(line)
        answers = list(check(text, body, canon, given if where == len(lines) else ""))
        yield from (answer for answer in answers if not (many and answer[0]))
        shaped = len(answers) > 2
        found += [find(code, body)] if code and shaped else []
        if many:
            title = body["meeting"]["title"] if shaped else "？"
            yield all(answer[0] for answer in answers), "whole", {"where": where, "said": title}
            links += [link(where, text, body, past)] if shaped else []
    yield from [answer for answer in links if not answer[0]] or [(True, "chain", {"count": len(links)})] * bool(links)
    yield from sorted(found, key=lambda answer: not answer[0])[:1]
def say(holds, name, facts):
    print("✗✓"[holds], "".join(c if c.isprintable() else "?" for c in SAID[name][not holds].format(**facts)))
    return holds
def answer(path, given, code):
    print("\n" + os.path.basename(path))
    try:
        with open(path, "rb") as file: content = file.read(LARGEST)
        many = path.endswith(".jsonl") or b"\n{" in content
        return 0 if say(min([say(*line) for line in report(content, many, given, code)]), "end", {}) else 1
    except (OSError, ValueError, RecursionError, MemoryError):
        return say(False, "unreadable", {}) or 2
def main(words):
    options, files, current = {"--root": "", "--code": ""}, [], ""
    for word in words:
        if word in options: current = word
        elif current and (not options[current] or re.fullmatch("[0-9a-fA-F０-９]+", word)): options[current] += word
        else: files.append(word)
    if not files:
        folder = os.path.dirname(os.path.abspath(__file__))
        here = [name for name in sorted(os.listdir(folder)) if name.endswith((".json", ".jsonl"))]
        print(__doc__, *here, "" if len(here) == 1 else _("\n要核对哪个文件？"), sep="\n", flush=True)
        files = [os.path.join(folder, here[0] if len(here) == 1 else sys.stdin.readline().strip().strip('"'))]
        print(_("您的票号（没有就按回车）："), flush=True)
        options["--code"] = options["--code"] or sys.stdin.readline().strip()
    code = max(answer(path, options["--root"], options["--code"]) for path in files)
    if not words or (os.name == "nt" and sys.stdin.isatty()):
        print(_("按回车键关闭。"), flush=True)  # the window of a double click would be gone at once
        sys.stdin.readline()
    return code
if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # for Windows
    sys.exit(main(sys.argv[1:]))
