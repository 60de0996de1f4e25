"""The arithmetic of a decision in words that anyone can check with a pencil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from .models import Motion
from .options import Form, picks_of


def _numeral(number: int) -> str:
    # Translators: numerals nought to ten, with spaces between.
    numerals = _("零 一 二 三 四 五 六 七 八 九 十").split()
    return numerals[number] if number < len(numerals) else str(number)


def _fraction(num: int, den: int) -> str:
    if (num, den) == (1, 2):
        return _("半数")
    return _("%(den)s分之%(num)s") % {"den": _numeral(den), "num": _numeral(num)}


def share_in_words(op: str, num: int, den: int) -> str:
    """The share as the law says it: 超过半数, 三分之二以上."""
    fraction = {"fraction": _fraction(num, den)}
    return _("超过%(fraction)s") % fraction if op == ">" else _("%(fraction)s以上") % fraction


def reached_in_words(op: str, num: int, den: int) -> str:
    """That the share was reached: 超过半数, 达到三分之二以上."""
    words = share_in_words(op, num, den)
    return words if op == ">" else _("达到%(share)s") % {"share": words}


def majority_in_words(rules: Mapping[str, object], *, of_options: bool = False) -> str:
    """How many must agree, by a meeting's frozen procedure: 到会人员超过半数赞成才通过; or pick an option."""
    op, num, den = (rules[f"threshold_{part}"] for part in ("op", "num", "den"))
    share = share_in_words(str(op), int(str(num)), int(str(den)))
    whole = _("应到人员") if rules["threshold_of"] == "electorate" else _("到会人员")
    words = _("%(whole)s%(share)s选它才算选定") if of_options else _("%(whole)s%(share)s赞成才通过")
    return words % {"whole": whole, "share": share}


def ranking_in_words(form: Form) -> str:
    """How an order is counted, so that anybody can do it again."""
    return _("排第 1 得 %(best)s 分，往后一位少 1 分，没排的 0 分；分最多的排在最前") % {"best": len(form.keys) - 1}


def opinion_in_words(referred_to: str, *, voted: bool = True) -> str:
    """What everybody is told before a vote, or a talk, on what somebody else decides."""
    if referred_to and not voted:
        return _("这件事由“%(body)s”定，今天只听意见，结果会转办。") % {"body": referred_to}
    return _("这件事由“%(body)s”定，今天的表决只是意见，结果会转办。") % {"body": referred_to} if referred_to else ""


def unit_words(electorate: str) -> str:
    """The counter behind a number of voting units."""
    return {
        "households": _("户代表"),
        "group_households": _("户代表"),
        "affected_households": _("户"),
        "assembly_members": _("名组成人员"),
        "delegates": _("名代表"),
    }.get(electorate, _("人"))


def explain(
    *,
    rules: Mapping[str, object],
    entitled: int,
    present: int,
    required: int,
    needed: int,
    counts: Mapping[str, int],
    outcome: str,
    referred_to: str = "",
) -> str:
    """One sentence with every number a yes/no decision follows from.

    `rules` is a meeting's frozen procedure; the rest are whole numbers of voting units; `counts` by choice;
    `referred_to` who decides, where the outcome is that the matter is passed on.
    """
    quorum = reached_in_words(str(rules["quorum_op"]), int(str(rules["quorum_num"])), int(str(rules["quorum_den"])))
    figures = {
        "entitled": entitled,
        "unit": unit_words(str(rules["electorate"])),
        "present": present,
        "quorum": quorum,
        "required": required,
        "needed": needed,
        "base": _("应到人员") if rules["threshold_of"] == "electorate" else _("到会人员"),
        "fraction": _fraction(int(str(rules["threshold_num"])), int(str(rules["threshold_den"]))),
        "for": counts.get("for", 0),
        "against": counts.get("against", 0),
        "abstain": counts.get("abstain", 0),
    }
    if outcome == "inquorate":
        return (
            _("应到 %(entitled)s %(unit)s，实到 %(present)s，没有%(quorum)s（至少 %(required)s），表决无效。") % figures
        )
    attendance = _("应到 %(entitled)s %(unit)s，实到 %(present)s，%(quorum)s（至少 %(required)s），有效；") % figures
    if outcome == "referred":
        return (
            attendance
            + _("赞成 %(for)s，反对 %(against)s，弃权 %(abstain)s；") % figures
            + _("这件事由“%(body)s”定，这次表决只是意见，结果转办。") % {"body": referred_to}
        )
    if outcome == "carried":
        passed = (
            _("赞成 %(for)s，超过%(base)s的%(fraction)s（至少 %(needed)s）")
            if rules["threshold_op"] == ">"
            else _("赞成 %(for)s，达到%(base)s的%(fraction)s以上（至少 %(needed)s）")
        )
        ending = _("反对 %(against)s，弃权 %(abstain)s，通过。")
    else:
        passed = (
            _("赞成 %(for)s，没有超过%(base)s的%(fraction)s（至少 %(needed)s）")
            if rules["threshold_op"] == ">"
            else _("赞成 %(for)s，没有达到%(base)s的%(fraction)s以上（至少 %(needed)s）")
        )
        ending = (
            _("反对 %(against)s，弃权 %(abstain)s，赞成反对相等，未通过。")
            if outcome == "tied"
            else _("反对 %(against)s，弃权 %(abstain)s，未通过。")
        )
    return attendance + passed % figures + _("；") + ending % figures


def ballots_in_words(motion: Motion, cast: int) -> str:
    """How many ballots there were, where the numbers of the options do not add up to it; else nothing."""
    if motion.form.ranked:
        return _("共 %(cast)s 张票，每张给方案排先后。") % {"cast": cast}
    if not motion.form.several:
        return ""
    return _("共 %(cast)s 张票，每张最多选 %(most)s 个方案。") % {"cast": cast, "most": motion.most}


LISTED_AT_MOST = 8  # options whose numbers stand in the sentence; more stand in the table beside it


def explain_options(
    *,
    rules: Mapping[str, object],
    form: Form,
    choices: Sequence[tuple[str, str]],
    entitled: int,
    present: int,
    required: int,
    needed: int,
    counts: Mapping[str, int],
    outcome: str,
    winner: str = "",
    going_on: str = "",
    referred_to: str = "",
) -> str:
    """The same for a motion between options; `choices` is key and words of each, `winner` and `going_on` are keys."""
    words = dict(choices)
    figures = {
        "entitled": entitled,
        "unit": unit_words(str(rules["electorate"])),
        "present": present,
        "quorum": reached_in_words(
            str(rules["quorum_op"]), int(str(rules["quorum_num"])), int(str(rules["quorum_den"]))
        ),
        "required": required,
        "needed": needed,
        "base": _("应到人员") if rules["threshold_of"] == "electorate" else _("到会人员"),
        "share": share_in_words(
            str(rules["threshold_op"]), int(str(rules["threshold_num"])), int(str(rules["threshold_den"]))
        ),
        "winner": _("、").join(f"{key} {words[key]}" for key in picks_of(winner)),
        "going_on": _("、").join(picks_of(going_on)),
    }
    if outcome == "inquorate":
        return (
            _("应到 %(entitled)s %(unit)s，实到 %(present)s，没有%(quorum)s（至少 %(required)s），表决无效。") % figures
        )
    sentence = _("应到 %(entitled)s %(unit)s，实到 %(present)s，%(quorum)s（至少 %(required)s），有效；") % figures
    if form.ranked:
        sentence += _sums(form, dict(choices), counts)
    elif len(choices) <= LISTED_AT_MOST + 1:
        listed = [
            _("%(option)s %(count)s 票")
            % {"option": words[key] if key == "abstain" else key, "count": counts.get(key, 0)}
            for key, _label in choices
        ]
        sentence += _("，").join(listed) + _("；")
    if outcome == "referred":
        return sentence + _("这件事由“%(body)s”定，这次表决只是意见，结果转办。") % {"body": referred_to}
    if form.ranked:
        return sentence + _first_of(outcome, figures)
    sentence += _("选定要%(base)s%(share)s（至少 %(needed)s 票）；") % figures
    if winner:
        sentence += _("选定：%(winner)s。") % figures
    if outcome == "runoff":
        return sentence + (
            _("%(going_on)s 票数一样，名额不够，再投一轮。") % figures
            if winner
            else _("没有选定的，%(going_on)s 进入第二轮。") % figures
        )
    if winner:
        return sentence
    return sentence + (_("票数一样多，没有选出。") if outcome == "tied" else _("没有选出。"))


def _sums(form: Form, words: Mapping[str, str], counts: Mapping[str, int]) -> str:
    """Of a ranking what each option got, from its places: A 3×3＋2×1＝11 分."""
    told = []
    for key, points in form.scores(counts).items():
        worth = [(counts.get(f"{place}{key}", 0), len(form.keys) - place) for place in form.places]
        terms = "＋".join(f"{number}×{points_each}" for number, points_each in worth if number and points_each)
        told.append(_("%(key)s %(sum)s 分") % {"key": key, "sum": f"{terms}＝{points}" if terms else points})
    told.append(_("%(option)s %(count)s 票") % {"option": words["abstain"], "count": counts.get("abstain", 0)})
    return ranking_in_words(form) + _("；") + _("，").join(told) + _("；")


def _first_of(outcome: str, figures: Mapping[str, object]) -> str:
    """What a ranking says: an opinion, whatever comes first."""
    ending = {
        "carried": _("“%(winner)s”得分最多，排在最前。这是协商的意见。"),
        "runoff": _("%(going_on)s 得分一样多，并列最前，没有定论，可以在它们之间再投一轮。"),
        "tied": _("得分都一样，分不出先后。"),
    }
    return ending.get(outcome, _("没有人排先后。")) % figures


def explain_motion(motion: Motion, *, winner: str = "", going_on: str = "", **numbers: Any) -> str:
    """The sentence of a decision, whatever kind of ballot it was."""
    if not motion.form.keys:
        return explain(**numbers)
    return explain_options(form=motion.form, choices=motion.choices, winner=winner, going_on=going_on, **numbers)
