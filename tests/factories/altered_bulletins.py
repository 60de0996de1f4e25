"""Bulletins that somebody altered, in as many ways as we could think of: each must be caught.

A case is (what was done, file name, bytes, the root as people wrote it down from the hall's screen). Half of the
forgers take the root anew; that only helps against somebody who kept none.
"""

from __future__ import annotations

import copy
import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from consultation.bulletin_text import canonical, sha256

from .bulletins import (
    RANKED_PAPERS,
    Body,
    chain_text,
    make_body,
    make_chain,
    make_options,
    option_sheet,
    rooted,
    sheet,
    text_of,
)


class Case(NamedTuple):
    what: str
    name: str
    content: bytes
    root: str


Dice = random.Random


def _bases() -> list[Body]:
    papers = sheet("paper", (12, 5, 1), blank=2, invalid=1, spoiled=1, not_returned=2, place="祠堂")
    few = sheet("paper", (3, 1, 0), blank=1, invalid=1)
    return [
        make_body((11, 3, 2), sheets=[papers], entitled=60, present=50, number=3, previous=sha256("2")),
        make_body((8, 3, 1), sheets=[few], fold=True, entitled=30, present=25),
        make_body((9, 4, 2), sheets=[sheet("hands", (7, 2, 0), base=11)], secret=False, entitled=40, present=30),
        make_body((9, 4, 2), number=7, previous=sha256("6"), version=2, corrects=sha256("3"), reason="漏录一张"),
    ]


# In the body. Each changes what it is given; some do nothing to some bodies, and are then done to another.


def _choices(body: Body) -> list[str]:
    return body["choices"]["1"]


def flip_a_choice(body: Body, dice: Dice) -> None:
    at = dice.randrange(len(_choices(body)))
    _choices(body)[at] = dice.choice([c for c in ("for", "against", "abstain", "For", "") if c != _choices(body)[at]])


def move_a_choice(body: Body, dice: Dice) -> None:
    _choices(body).insert(dice.randrange(3), _choices(body).pop(dice.randrange(5, 9)))


def add_a_choice(body: Body, dice: Dice) -> None:
    _choices(body).append(dice.choice(["for", "against"]))


def drop_a_choice(body: Body, dice: Dice) -> None:
    _choices(body).pop(dice.randrange(len(_choices(body))))


def flip_a_choice_and_its_total(body: Body, dice: Dice) -> None:
    at = _choices(body).index("against")
    _choices(body)[at] = "for"
    body["totals"]["against"] -= 1
    body["totals"]["for"] += 1


def another_question(body: Body, dice: Dice) -> None:
    body["choices"]["2"] = ["for"]


def drop_a_code(body: Body, dice: Dice) -> None:
    body["codes"].pop(dice.randrange(len(body["codes"])))


def double_a_code(body: Body, dice: Dice) -> None:
    at = dice.randrange(len(body["codes"]) - 1)
    body["codes"][at + 1] = body["codes"][at]


def another_code(body: Body, dice: Dice) -> None:
    body["codes"][dice.randrange(len(body["codes"]))] = sha256(str(dice.random()))
    body["codes"].sort()


def stuff_the_box(body: Body, dice: Dice) -> None:
    """Everything right but that nobody cast it."""
    body["codes"] = sorted([*body["codes"], sha256(str(dice.random()))])
    _choices(body).append("for")
    body["marks"] += 1
    body["totals"]["for"] += 1


def codes_out_of_order(body: Body, dice: Dice) -> None:
    body["codes"].reverse()


def large_letters(body: Body, dice: Dice) -> None:
    body["codes"][0] = body["codes"][0].upper()


def a_count(name: str) -> Callable[[Body, Dice], None]:
    def change(body: Body, dice: Dice) -> None:
        body[name] = max(0, body[name] + dice.choice([-3, -1, 1, 2, 1000]))

    change.__name__ = f"change_{name}"
    return change


def a_word(name: str, value: Any) -> Callable[[Body, Dice], None]:
    def change(body: Body, dice: Dice) -> None:
        body[name] = value

    change.__name__ = f"other_{name}"
    return change


def totals(body: Body, dice: Dice) -> None:
    one, other = dice.sample(["for", "against", "abstain"], 2)
    body["totals"][one] += 1
    body["totals"][other] = max(0, body["totals"][other] - 1)


def sheet_counts(body: Body, dice: Dice) -> None:
    if body["sheets"] and body["sheets"][0]["counts"]:
        body["sheets"][0]["counts"][dice.choice(["for", "against"])] += dice.choice([1, 5])


def sheet_number(body: Body, dice: Dice) -> None:
    if body["sheets"]:
        name = dice.choice(["issued", "spoiled", "returned", "not_returned", "blank", "invalid", "base"])
        body["sheets"][0][name] = body["sheets"][0][name] + 1


def sheet_names(body: Body, dice: Dice) -> None:
    if body["sheets"]:
        body["sheets"][0][dice.choice(["entered_by", "confirmed_by"])] = dice.choice(["", "  ", "别人"])


def sheet_gone(body: Body, dice: Dice) -> None:
    body["sheets"] = body["sheets"][1:]


def counts_hidden(body: Body, dice: Dice) -> None:
    if body["sheets"]:
        body["sheets"][0]["counts"] = None if body["sheets"][0]["counts"] else {"for": 1, "against": 0, "abstain": 0}


def the_rule(body: Body, dice: Dice) -> None:
    share = body["rule"][dice.choice(["quorum", "threshold"])]
    at = dice.randrange(3)
    share[at] = {">": ">=", ">=": ">"}[share[0]] if at == 0 else dice.choice([0, share[at] + 1, 99999])


def the_rule_and_its_definition(body: Body, dice: Dice) -> None:
    body["rule"]["threshold"] = [">=", 1, 3]
    body["definition"]["rules"] |= {"threshold_op": ">=", "threshold_num": 1, "threshold_den": 3}
    body["definition_hash"] = sha256(canonical(body["definition"]))


def threshold_of(body: Body, dice: Dice) -> None:
    body["rule"]["threshold_of"] = dice.choice(["electorate", "everybody"])


def the_law(body: Body, dice: Dice) -> None:
    body["rule"][dice.choice(["law", "citation"])] = "别的法"


def the_outcome(body: Body, dice: Dice) -> None:
    others = {"carried", "lost", "tied", "inquorate", "won"} - {body["outcome"]}
    body["outcome"] = dice.choice(sorted(others))


def the_words(body: Body, dice: Dice) -> None:
    body["definition"]["text"] += dice.choice(["。", "（二期）", " "])


def the_words_and_their_hash(body: Body, dice: Dice) -> None:
    the_words(body, dice)
    body["definition_hash"] = sha256(canonical(body["definition"]))


def secret_or_not(body: Body, dice: Dice) -> None:
    body["definition"]["secret"] = not body["definition"]["secret"]


def the_definition(body: Body, dice: Dice) -> None:
    body["definition"] = dice.choice([[], {}, {"rules": []}, None, "x"])


def the_meeting(body: Body, dice: Dice) -> None:
    body["meeting"] |= dice.choice([{"number": 9}, {"title": "别的会"}, {"number": "1"}])


def the_village(body: Body, dice: Dice) -> None:
    body["village"] |= dice.choice([{"code": "430000000999"}, {"name": "别的村"}])


def the_root(body: Body, dice: Dice) -> None:
    body["root"] = sha256(str(dice.random()))


def one_field_more(body: Body, dice: Dice) -> None:
    body[dice.choice(["note", "__proto__", "sheet"])] = dice.choice([1, "x", {}])


def one_field_less(body: Body, dice: Dice) -> None:
    del body[dice.choice(sorted(set(body) - {"codes", "choices"}))]


def another_kind(body: Body, dice: Dice) -> None:
    name = dice.choice(["marks", "entitled", "present", "number", "version", "required"])
    body[name] = dice.choice([str(body[name]), True, None, -body[name], [body[name]], 10**12])


def a_correction(body: Body, dice: Dice) -> None:
    body |= dice.choice([{"version": 2}, {"corrects": sha256("x")}, {"version": 0}, {"version": 3, "reason": "改"}])


IN_THE_BODY = [
    flip_a_choice, move_a_choice, add_a_choice, drop_a_choice, flip_a_choice_and_its_total, another_question,
    drop_a_code, double_a_code, another_code, stuff_the_box, codes_out_of_order, large_letters,
    *map(a_count, ("marks", "entitled", "present", "required", "needed", "number", "motion")),
    a_word("previous", sha256("other")), a_word("roster", sha256("other roll")), a_word("format", "village-bulletin-2"),
    a_word("closed_at", "2026-11-26T09:00:00Z"), a_word("closed_at", "昨天"), a_word("reason", "另有原因"),
    a_word("definition_hash", sha256("y")), totals, sheet_counts, sheet_number, sheet_names, sheet_gone, counts_hidden,
    the_rule, the_rule_and_its_definition, threshold_of, the_law, the_outcome, the_words, the_words_and_their_hash,
    secret_or_not, the_definition, the_meeting, the_village, the_root, one_field_more, one_field_less, another_kind,
    a_correction,
]  # fmt: skip


def _compact(body: Body) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _in_the_text(text: str, dice: Dice) -> Iterator[tuple[str, bytes]]:
    """The same bulletin, written otherwise; and what is none."""
    body = json.loads(text)
    data = text.encode()
    at = data.index(b"number")
    yield "a space", text.replace(",", ", ", 1).encode()
    yield "spaces throughout", json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
    yield "laid out", json.dumps(body, sort_keys=True, ensure_ascii=False, indent=1).encode()
    yield "a newline at the end", data + b"\n"
    yield "a space before", b" " + data
    yield "another order of keys", _compact(dict(reversed(body.items()))).encode()
    yield "escapes", json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    yield "an escaped slash", text.replace("晒", "\\u6652", 1).encode()
    yield "composed otherwise", unicodedata.normalize("NFD", text.replace("晒谷坪", "café", 1)).encode()
    yield "a fraction", text.replace('"motion":1', '"motion":1.0', 1).encode()
    yield "an exponent", text.replace('"motion":1', '"motion":1e0', 1).encode()
    yield "minus nought", text.replace('"blank":', '"blank":-', 1).encode() if '"blank":' in text else data + b"\t"
    yield "a long number", text.replace('"motion":1', f'"motion":{10**400}', 1).encode()
    yield "not a number", text.replace('"motion":1', '"motion":NaN', 1).encode()
    yield "infinite", text.replace('"motion":1', '"motion":-Infinity', 1).encode()
    yield "a key twice", text.replace('"motion":1', '"motion":1,"motion":1', 1).encode()
    yield "a key twice, differing", text.replace('"motion":1', '"motion":2,"motion":1', 1).encode()
    yield "half a character", text.replace("晒", "\\ud800", 1).encode()
    yield "a mark of byte order", b"\xef\xbb\xbf" + data
    yield "not UTF-8", data[:at] + b"\xff" + data[at:]
    yield "another encoding", text.encode("gb18030")
    yield "cut off", data[: dice.randrange(1, len(data))]
    yield "empty", b""
    yield "a list", b"[" + data + b"]"
    yield "a list of nothing", b"[]"
    yield "a word", b'"x"'
    yield "a number", b"7"
    yield "nothing", b"null"
    yield "deep", b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "deep inside", text.replace('"options":[]', '"options":' + "[" * 5000 + "]" * 5000, 1).encode()
    yield "zeros", b"\0" * 4096
    yield "two", data + data
    yield "a comment", b"/* */" + data


def _chains(dice: Dice) -> Iterator[tuple[str, str]]:
    """What can be done to a village's whole file."""

    def put(change: Callable[[list[Body]], Any]) -> str:
        bodies = copy.deepcopy(make_chain(5))
        changed = change(bodies)
        return chain_text(bodies if changed is None else changed)

    def again(at: int, **fields: Any) -> Callable[[list[Body]], None]:
        def change(bodies: list[Body]) -> None:
            bodies[at] = rooted(bodies[at] | fields)

        return change

    yield "one missing", put(lambda b: [*b[:2], *b[3:]])
    yield "the first missing", put(lambda b: b[1:])
    yield "the last missing", put(lambda b: b[:-1])
    yield "one twice", put(lambda b: [*b[:3], b[2], *b[3:]])
    yield "two changed places", put(lambda b: [b[0], b[2], b[1], *b[3:]])
    yield "turned round", put(lambda b: b[::-1])
    yield "one made anew", put(again(1, reason="x"))
    yield "the last made anew", put(again(4, closed_at="2026-12-01T08:00:00Z"))
    yield "another previous", put(again(3, previous=sha256("x")))
    yield "another village in it", put(again(4, village={"code": "430000000999", "name": "听泉坳村"}))
    yield "a correction of another motion", put(again(4, corrects=sha256(text_of(make_chain(5)[1]))))
    yield "a correction of nothing", put(again(4, corrects=sha256("x")))
    yield "a correction skips one", put(again(4, version=3))
    yield "a second first count", put(again(4, version=1, corrects="", reason=""))
    yield "an empty line", chain_text(make_chain(5)).replace("\n", "\n\n", 1)
    yield "ends of lines of Windows", chain_text(make_chain(5)).replace("\n", "\r\n")
    yield "nothing in it", "\n"


def _between_options() -> Iterator[tuple[str, Body]]:
    """What can be done to a bulletin between options, its hashes taken anew."""
    won = make_options(["A"] * 6 + ["B"] * 2 + ["abstain"], present=11)
    second = make_options(["A"] * 5 + ["B"] * 4 + ["C"] * 3)
    papers = option_sheet("paper", {"A": 2, "B": 3, "C": 0, "D": 1, "abstain": 1}, valid=5, blank=1)
    several = make_options(["AB"] * 9 + ["C"], most=2, several=True, sheets=[papers])

    def put(base: Body, *path: Any, to: Any) -> Body:
        body = copy.deepcopy(base)
        inner: Any = body
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = to
        body["definition_hash"] = sha256(canonical(body["definition"]))
        return rooted(body)

    yield "another winner", put(won, "winners", to=["B"])
    yield "nobody won", put(won, "winners", to=[])
    yield "two won", put(won, "winners", to=["A", "B"])
    yield "not a list", put(won, "winners", to="A")
    yield "the first format", put(won, "format", to="village-bulletin-1")
    yield "a third format", put(won, "format", to="village-bulletin-3")
    yield "for and against", put(won, "definition", "kind", to="yes_no")
    yield "an option gone", put(won, "definition", "options", to=won["definition"]["options"][:3])
    yield "an option twice", put(won, "definition", "options", to=[*won["definition"]["options"][:3]] * 2)
    yield "no options", put(won, "definition", "options", to=[])
    yield "options of another kind", put(won, "definition", "options", to={"A": "全部用挖机"})
    yield "one may pick two", put(won, "definition", "most", to=2)
    yield "a choice not on the ballot", put(won, "choices", "1", 0, to="E")
    yield "a choice that is none", put(won, "choices", "1", 0, to="AB")
    yield "another total", put(won, "totals", "B", to=3)
    yield "no runoff", put(second, "outcome", to="lost")
    yield "somebody else in the runoff", put(second, "going_on", to=["A", "C"])
    yield "three in the runoff", put(second, "going_on", to=["A", "B", "C"])
    yield "it was a runoff", put(second, "definition", "runoff_of", to=1)
    yield "fewer papers than picks", put(several, "sheets", 0, "valid", to=2)
    yield "more papers than picks", put(several, "sheets", 0, "valid", to=9)
    yield "a paper unaccounted for", put(several, "sheets", 0, "blank", to=0)
    yield "an option above the papers", put(several, "sheets", 0, "counts", "A", to=7)
    yield "as many as there are", put(several, "definition", "most", to=4)
    yield "one each", put(several, "definition", "most", to=1)
    yield "a pick more", put(several, "choices", "1", to=[*several["choices"]["1"], *["D"] * 12])
    yield "not each for itself", put(several, "definition", "kind", to="choice")
    # Of four options that are put in order; A has most points.
    papers = option_sheet("paper", RANKED_PAPERS, valid=5, blank=1)
    ranked = make_options(["AB"] * 5 + ["BCA"] * 2 + ["abstain"], ranked=True, sheets=[papers])
    yield "other points", put(ranked, "points", "B", to=ranked["points"]["B"] + 1)
    yield "no points", put(ranked, "points", to={})
    yield "points of a fifth", put(ranked, "points", to={**ranked["points"], "E": 0})
    yield "another one first", put(ranked, "winners", to=["B"])
    yield "a runoff of a ranking", put(ranked, "outcome", to="runoff")
    yield "a threshold of a ranking", put(ranked, "needed", to=8)
    yield "a place that is none", put(ranked, "choices", "1", 0, to="5A")
    yield "an option without a place", put(ranked, "choices", "1", 0, to="A")
    yield "a place more", put(ranked, "choices", "1", to=[*ranked["choices"]["1"], "4D"])
    yield "fewer may be ranked", put(ranked, "definition", "most", to=3)
    yield "papers with a second and no first", put(ranked, "sheets", 0, "counts", "1D", to=0)
    yield "papers with more thirds than seconds", put(ranked, "sheets", 0, "counts", "3B", to=4)
    yield "one option on more papers than there are", put(ranked, "sheets", 0, "counts", "2A", to=3)
    yield "another total at a place", put(ranked, "totals", "2B", to=6)
    yield "not in order", put(ranked, "definition", "kind", to="choice")


def altered(number: int = 200, seed: int = 4) -> list[Case]:
    """That many cases: every kind at least once, then over again with other dice."""
    dice = random.Random(seed)
    bases = _bases()
    cases = [
        Case(f"chain: {what}", "bulletins.jsonl", text.encode(), make_chain(5)[-1]["root"])
        for what, text in _chains(dice)
    ]
    texts = _in_the_text(text_of(bases[0]), dice)
    cases += [Case(f"text: {what}", "one.json", data, bases[0]["root"]) for what, data in texts]
    turn = 0
    while len(cases) < number:
        change = IN_THE_BODY[turn % len(IN_THE_BODY)]
        anew = turn // len(IN_THE_BODY) % 2 == 1 and change is not the_root
        for base in dice.sample(bases, len(bases)):
            body = copy.deepcopy(base)
            change(body, dice)
            if body != base:
                break
        else:
            raise AssertionError(f"{change.__name__} alters nothing")
        turn += 1
        body = _rooted_if_possible(body) if anew else body
        cases.append(Case(f"{change.__name__}{', root anew' * anew}", "one.json", text_of(body).encode(), base["root"]))
    options = [(f"options: {what}", text_of(body).encode(), body["root"]) for what, body in _between_options()]
    return cases + [Case(what, "one.json", content, root) for what, content, root in options]


def _rooted_if_possible(body: Body) -> Body:
    try:
        return rooted(body)
    except (KeyError, TypeError, AttributeError):
        return body
