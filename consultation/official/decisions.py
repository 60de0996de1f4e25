"""What a meeting decided (决议), or what a consultation came to (协商意见), each as a paper of its own."""

from __future__ import annotations

import re

from django.utils import translation

from consultation.minutes import later_results
from consultation.models import Minutes, Outcome
from consultation.wording import majority_in_words

from .record import (
    Sections,
    in_brackets,
    paper_of,
    quorum_words,
    write_addenda,
    write_facts,
    write_motions,
    write_signatures,
)


def has_resolution(minutes: Minutes) -> bool:
    """Only a meeting that may decide makes one, and only when something was put to it."""
    return bool(minutes.meeting.procedure["binding"] and minutes.facts.get("motions"))


def has_opinion(minutes: Minutes) -> bool:
    """A consultation decides nothing; it comes to an opinion, once the recorder has written it."""
    return bool(not minutes.meeting.procedure["binding"] and minutes.opinion.strip())


def resolution_paper(minutes: Minutes) -> bytes:
    """The decisions of an assembly: what was carried, what was not, with the numbers and the rule of each."""
    with translation.override("zh-hans"):
        meeting, facts = minutes.meeting, minutes.facts
        body = re.sub(r"（.*?）", "", facts["body"])
        title = f"{meeting.village.name}{body}决议"
        paper = paper_of(minutes, title)
        paper.title(title, under=f"（{meeting.title}）")
        paper.text(
            f"{facts['time']}，在{facts['place']}召开{meeting.title}。应到 {facts['entitled']} {facts['unit']}，"
            f"实到 {facts['present']}，{quorum_words(facts, meeting)}。"
            f"{majority_in_words(meeting.procedure)}{in_brackets(facts.get('basis', ''))}。"
        )
        # A result that was corrected after the signature stands below, and there only.
        corrected = {motion["number"] for motion in later_results(minutes)}
        stands = [motion for motion in facts["motions"] if motion["number"] not in corrected]
        carried = [motion for motion in stands if motion["outcome"] == Outcome.CARRIED]
        referred = [motion for motion in stands if motion["outcome"] == Outcome.REFERRED]
        again = [motion for motion in stands if motion["outcome"] == Outcome.RUNOFF]
        heard = [motion for motion in stands if motion["outcome"] in (Outcome.NOTED, Outcome.UNSETTLED)]
        others = [motion for motion in stands if motion not in [*carried, *referred, *again, *heard]]
        sections = Sections(paper)
        for heading, motions in (
            ("会议决定", carried), ("没有通过的事项", others), ("再投一轮的事项", again), ("转办的事项", referred),
            ("没有表决的事项", heard),
        ):  # fmt: skip
            if motions:
                sections.next(heading)
                write_motions(paper, motions, meeting)
        write_addenda(paper, sections, minutes)
        write_signatures(paper, minutes)
        return paper.content()


def opinion_paper(minutes: Minutes) -> bytes:
    """What a consultation came to, with the votes that measured it, and whom it binds: nobody."""
    with translation.override("zh-hans"):
        meeting, facts = minutes.meeting, minutes.facts
        title = f"{meeting.title}协商意见"
        paper = paper_of(minutes, title)
        paper.title(title)
        write_facts(paper, facts, meeting)
        sections = Sections(paper)
        sections.next("协商意见")
        paper.text(minutes.opinion)
        if facts.get("motions"):
            sections.next("意见的多少")
            paper.text("表决只是看意见有多少，不代替有权的会议作决定。")
            write_motions(paper, facts["motions"], meeting)
        write_addenda(paper, sections, minutes)
        write_signatures(paper, minutes)
        return paper.content()
