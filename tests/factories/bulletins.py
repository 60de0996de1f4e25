"""Bulletins as texts, without a database: valid ones of every kind, from the pure helpers alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from consultation.bulletin_text import FORMAT, FORMAT_OF_OPTIONS, board_code, canonical, leaves, merkle_root, sha256
from consultation.options import form_of, keyed, picks_of
from consultation.quorum import Share
from consultation.reserved import as_referred
from consultation.tally import YES_NO, add_up, decide, decide_options

Body = dict[str, Any]
RULES = {
    "key": "villagers_assembly_household", "label": "村民会议（户代表）", "electorate": "households",
    "quorum_op": ">=", "quorum_num": 2, "quorum_den": 3, "threshold_op": ">", "threshold_num": 1, "threshold_den": 2,
    "threshold_of": "present", "law": "中华人民共和国村民委员会组织法", "citation": "第二十五条", "verified": True,
}  # fmt: skip


def sheet(method: str, counts: Sequence[int], **fields: Any) -> Body:
    """A sheet that balances; papers are all returned unless `fields` says otherwise."""
    said = dict(zip(YES_NO, counts, strict=True))
    papers = sum(counts) + fields.get("blank", 0) + fields.get("invalid", 0) if method == "paper" else 0
    issued = papers + fields.get("spoiled", 0) + fields.get("not_returned", 0)
    return {
        "method": method, "place": "", "counts": said, "blank": 0, "invalid": 0, "issued": issued, "spoiled": 0,
        "not_returned": 0, "returned": papers, "base": sum(counts) if method == "hands" else 0,
        "entered_by": "贺春香", "confirmed_by": "谭少林",
    } | fields  # fmt: skip


def folded(one: Body) -> Body:
    """The same sheet, its counts among the choices."""
    return one | {"counts": None}


def make_body(
    votes: Sequence[int] = (5, 2, 1),
    *,
    sheets: Sequence[Body] = (),
    fold: bool = False,
    secret: bool = True,
    entitled: int = 0,
    present: int = 0,
    text: str = "晒谷坪设临时停车处",
    seed: int = 1,
    referred_to: str = "",
    **fields: Any,
) -> Body:
    """A bulletin that holds. `votes` by phone and the `sheets`' counts are for, against, abstaining; `fold` lays the
    papers' choices among the phones'. `fields` replaces top-level values before the root is taken."""
    dice = random.Random(seed)
    cast = sum(one["returned"] or sum(one["counts"].values()) for one in sheets) + sum(votes)
    present = present or max(cast, 1)
    entitled = entitled or present
    tally = add_up(
        [("online", dict(zip(YES_NO, votes, strict=True))), *((s["method"], s["counts"]) for s in sheets)], YES_NO
    )
    verdict = decide(
        tally=tally, entitled=entitled, present=present, quorum=Share(">=", 2, 3), threshold=Share(">", 1, 2),
        threshold_of="present",
    )  # fmt: skip
    choices = [choice for choice, number in zip(YES_NO, votes, strict=True) for _ in range(number)]
    if fold:
        choices += [choice for one in sheets for choice, number in one["counts"].items() for _ in range(number)]
    dice.shuffle(choices)
    definition = {
        "text": text, "kind": "yes_no", "method": "paper_and_online", "secret": secret, "options": [], "rules": RULES,
        "roster": sha256(f"roster {seed}"), "entitled": entitled, "present": present,
        **({"referred_to": referred_to} if referred_to else {}),
    }  # fmt: skip
    body = {
        "format": FORMAT,
        "village": {"code": "430000000201", "name": "老榨坊村"},
        "number": 1,
        "previous": "",
        "meeting": {"number": 1, "title": "村民会议"},
        "motion": 1,
        "version": 1,
        "corrects": "",
        "reason": "",
        "closed_at": "2026-11-26T08:00:00Z",
        "definition": definition,
        "definition_hash": sha256(canonical(definition)),
        "roster": definition["roster"],
        "entitled": entitled,
        "present": present,
        "marks": sum(votes),
        "codes": sorted(board_code(dice.randbytes(16)) for _ in range(sum(votes))),
        "choices": {"1": choices},
        "sheets": sorted((folded(s) if fold else s for s in sheets), key=lambda s: (s["method"], s["place"])),
        "totals": dict(tally.counts),
        "rule": {
            "quorum": [">=", 2, 3],
            "threshold": [">", 1, 2],
            "threshold_of": "present",
            "law": RULES["law"],
            "citation": RULES["citation"],
        },
        "required": verdict.required,
        "needed": verdict.needed,
        "outcome": as_referred(verdict.outcome, referred_to=referred_to),
    }
    return rooted(body | fields)


OPTIONS = ["全部用挖机", "全部人工", "老坝一侧人工，别处用挖机", "今年不清"]


# Of papers that say DCB, DC, AD and A, and one that abstains.
RANKED_PAPERS = dict.fromkeys(form_of("ranked", keyed(OPTIONS), 4).choices, 0) | {
    "1D": 2, "2C": 2, "3B": 1, "1A": 2, "2D": 1, "abstain": 1
}  # fmt: skip


def option_sheet(method: str, counts: Mapping[str, int], *, valid: int = 0, **fields: Any) -> Body:
    """A sheet between options; `valid` (all that say something) where one may pick several."""
    said, empty = valid or sum(counts.values()), fields.get("blank", 0) + fields.get("invalid", 0)
    papers = said + empty if method == "paper" else 0
    issued = papers + fields.get("spoiled", 0) + fields.get("not_returned", 0)
    return {
        "method": method, "place": "", "counts": dict(counts), "valid": said, "blank": 0, "invalid": 0,
        "issued": issued, "spoiled": 0, "not_returned": 0, "returned": papers,
        "base": said if method == "hands" else 0, "entered_by": "贺春香", "confirmed_by": "谭少林",
    } | fields  # fmt: skip


def make_options(
    ballots: Sequence[str],
    *,
    most: int = 1,
    several: bool = False,
    ranked: bool = False,
    sheets: Sequence[Body] = (),
    fold: bool = False,
    entitled: int = 0,
    present: int = 0,
    runoff_of: int = 0,
    seed: int = 1,
    referred_to: str = "",
    **fields: Any,
) -> Body:
    """The same for a motion between four options: `ballots` by phone, each the keys it picks or puts in order."""
    options = keyed(OPTIONS)
    kind = "ranked" if ranked else "multi_choice" if several else "choice"
    most = len(options) if ranked else most
    form = form_of(kind, options, most)
    said = len(ballots) + sum(one["valid"] for one in sheets)
    present = present or max(said + sum(one["blank"] + one["invalid"] for one in sheets), 1)
    entitled = entitled or present
    phones = form.spread(Counter(ballots))
    tally = add_up([("online", phones), *((one["method"], one["counts"]) for one in sheets)], form.choices)
    verdict = decide_options(
        tally=tally, form=form, voters=said, entitled=entitled, present=present, quorum=Share(">=", 2, 3),
        threshold=Share(">", 1, 2), threshold_of="present", in_runoff=runoff_of > 0,
    )  # fmt: skip
    parts = [phones, *((one["counts"] for one in sheets) if fold else ())]
    choices = [key for part in parts for key, number in part.items() for _ in range(number)]
    random.Random(seed).shuffle(choices)
    plain = make_body((len(ballots), 0, 0), entitled=entitled, present=present, seed=seed, referred_to=referred_to)
    definition = plain["definition"] | {
        "kind": kind, "options": options, "most": most, "runoff_of": runoff_of,
    }  # fmt: skip
    return rooted(
        plain
        | {
            "format": FORMAT_OF_OPTIONS,
            "definition": definition,
            "definition_hash": sha256(canonical(definition)),
            "choices": {"1": choices},
            "totals": dict(tally.counts),
            "sheets": sorted((folded(s) if fold else s for s in sheets), key=lambda s: (s["method"], s["place"])),
            "outcome": as_referred(verdict.outcome, referred_to=referred_to),
            "winners": list(picks_of(verdict.winner)),
            "going_on": [] if referred_to else list(picks_of(verdict.going_on)),
            "needed": verdict.needed,
        }
        | ({"points": form.scores(tally.counts)} if ranked else {})
        | fields
    )


def rooted(body: Body) -> Body:
    """With the root that belongs to it, as somebody who alters it would write it anew."""
    bare = {key: value for key, value in body.items() if key != "root"}
    return bare | {"root": merkle_root(leaves(bare))}


def text_of(body: Body) -> str:
    return canonical(body)


def make_chain(length: int = 5, *, correct: bool = True) -> list[Body]:
    """Bulletins of one village, each on the one before; with `correct` the last is a new count of the first."""
    bodies: list[Body] = []
    for number in range(1, length + 1):
        again = correct and number == length > 1
        bodies.append(
            make_body(
                (4 + number, 2, 1),
                seed=number,
                number=number,
                previous=sha256(text_of(bodies[-1])) if bodies else "",
                motion=1 if again else number,
                version=2 if again else 1,
                corrects=sha256(text_of(bodies[0])) if again else "",
                reason="漏录一张计票单" if again else "",
            )
        )
    return bodies


def chain_text(bodies: Sequence[Body]) -> str:
    return "".join(f"{text_of(body)}\n" for body in bodies)


def honest() -> dict[str, str]:
    """One file of every kind that must pass: file name → text."""
    papers = sheet("paper", (12, 5, 1), blank=2, invalid=1, spoiled=1, not_returned=2, place="祠堂")
    few, hands = sheet("paper", (3, 1, 0), blank=1, invalid=1), sheet("hands", (7, 2, 0), base=11)
    return {
        "none.json": text_of(make_body((0, 0, 0), present=4, entitled=6)),
        "nobody.json": text_of(make_body((0, 0, 0), present=1, entitled=9)),
        "one.json": text_of(make_body((1, 0, 0))),
        "phones.json": text_of(make_body((9, 3, 2), present=20, entitled=25, secret=False)),
        "referred.json": text_of(make_body((9, 1, 0), referred_to="村民会议")),
        "referred_inquorate.json": text_of(make_body((3, 1, 0), entitled=20, referred_to="村民会议")),
        "referred_options.json": text_of(make_options("AAAAB", referred_to="业主共同决定")),
        "referred_runoff.json": text_of(make_options("AABBC", referred_to="业主共同决定")),
        "tied.json": text_of(make_body((4, 4, 0))),
        "hands.json": text_of(make_body((6, 3, 1), sheets=[hands], present=24, secret=False)),
        "papers.json": text_of(make_body((11, 3, 0), sheets=[papers])),
        "two_places.json": text_of(
            make_body((11, 9, 0), sheets=[papers, sheet("paper", (10, 2, 3), place="小学")], present=60)
        ),
        "folded.json": text_of(make_body((8, 3, 1), sheets=[few], fold=True)),
        "correction.json": text_of(
            make_body(number=7, previous=sha256("6"), version=2, corrects=sha256("3"), reason="监督委员会要求重新数")
        ),
        "belenios.json": text_of(make_body((0, 0, 0), sheets=[sheet("belenios", (30, 8, 2))], present=41)),
        "quotes.json": text_of(make_body(text='“停车”处 "A" \\ B\n二行 𠮷㐂\u2028')),
        "bulletins.jsonl": chain_text(make_chain(5)),
        "choice.json": text_of(make_options(["A"] * 6 + ["B"] * 2 + ["abstain"], present=11, entitled=12)),
        "runoff.json": text_of(make_options(["A"] * 5 + ["B"] * 4 + ["C"] * 3 + ["D"])),
        "second_round.json": text_of(make_options(["A"] * 5 + ["B"] * 4 + ["D"] * 3, runoff_of=1)),
        "level.json": text_of(make_options(["A", "B", "C", "D"])),
        "nobody_chose.json": text_of(make_options(["abstain"] * 2, present=3)),
        "inquorate.json": text_of(make_options(["A"] * 3, present=3, entitled=9)),
        "several.json": text_of(make_options(["AB"] * 5 + ["ABC"] * 3 + ["C", "abstain"], most=3, several=True)),
        "several_level.json": text_of(make_options(["AB"] * 4 + ["AC"] * 4 + ["BC"] * 4, most=2, several=True)),
        "options_on_paper.json": text_of(make_options(["A"] * 9, sheets=[option_sheet("paper", {
            "A": 1, "B": 3, "C": 0, "D": 0, "abstain": 2}, blank=1, invalid=1, spoiled=1)])),
        "several_folded.json": text_of(make_options(["AB"] * 9, most=2, several=True, fold=True, sheets=[option_sheet(
            "paper", {"A": 2, "B": 3, "C": 0, "D": 1, "abstain": 1}, valid=5, blank=1)])),
        "several_hands.json": text_of(make_options(["AB"] * 4, most=2, several=True, sheets=[option_sheet(
            "hands", {"A": 2, "B": 3, "C": 0, "D": 1, "abstain": 1}, valid=5)])),
        "ranked.json": text_of(make_options(["CAB"] * 4 + ["ABCD"] * 3 + ["B", "abstain"], ranked=True, present=11)),
        "ranked_level.json": text_of(make_options(["AB"] * 3 + ["BA"] * 3 + ["D"], ranked=True)),
        "ranked_all_level.json": text_of(make_options(["ABCD", "DCBA"], ranked=True)),
        "ranked_nobody.json": text_of(make_options(["abstain"] * 2, ranked=True)),
        "ranked_referred.json": text_of(make_options(["AB"] * 3 + ["BA"] * 3, ranked=True, referred_to="村民会议")),
        "ranked_on_paper.json": text_of(make_options(["DA"] * 9, ranked=True, sheets=[option_sheet(
            "paper", RANKED_PAPERS, valid=5, blank=1, invalid=1, spoiled=1)])),
        "ranked_folded.json": text_of(make_options(["DA"] * 9, ranked=True, fold=True, sheets=[option_sheet(
            "paper", RANKED_PAPERS, valid=5, not_returned=2)])),
    }  # fmt: skip
