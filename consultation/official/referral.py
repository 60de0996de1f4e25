"""Letters to whoever decides a matter or sees to it: about a topic (转交函、转办函), about a meeting's opinion."""

from __future__ import annotations

import re

from django.conf import settings
from django.utils import timezone, translation

from consultation.models import Minutes, Motion, Outcome, Topic
from consultation.topic_reads import seconds_count
from consultation.wording import unit_words
from ui.dates import plain_date
from ui.official_paper import Paper


def may_be_written(topic: Topic) -> bool:
    """Once the committee has answered that it passes the topic on."""
    return topic.state in (Topic.State.REFERRED, Topic.State.REDIRECTED) and topic.ended_at is not None


def referral_letter(topic: Topic) -> bytes:
    """Only what was published of the topic: neither who raised it nor a resident's own words leave the village."""
    with translation.override("zh-hans"):
        village = topic.village
        committee = f"{village.name}{village.committee_name}"
        title = f"{committee}关于{'转交' if topic.reserved_for else '转办'}议题的函"
        answered = topic.ended_at or timezone.now()
        paper = Paper(title=title, author=committee, made_at=answered)
        paper.title(title)
        paper.addressee(re.sub("^(提请|转)", "", topic.sent_to))
        on = village.local_date(answered)
        paper.text(
            f"我{village.get_kind_display()}{village.residents_name}于{plain_date(village.local_date(topic.raised_at))}"
            f"提出第 {topic.number} 号议题“{topic.published_title}”（类别：{topic.category}），"
            f"到{plain_date(on)}有 {seconds_count(topic, on=on)} 户附议。"
        )
        if topic.reserved_for:
            basis = f"按照{topic.category.basis}，" if topic.category.basis else ""
            paper.text(f"{basis}这类事项由{topic.sent_to}决定，{village.committee_name}不作决定。现将这件议题转交。")
        else:
            paper.text("这件议题的事不由本会办理，现转请办理。")
        paper.text(f"本会的答复和理由：{topic.reason}")
        paper.text("办理或者决定的结果，请告知本会，以便告诉提出和附议的住户。")
        paper.text("特此函告。")
        paper.closing(f"{committee}（盖章）", plain_date(on))
        paper.small(f"网上的答复：{settings.PUBLIC_URL}{topic.get_absolute_url()}")
        return paper.content()


def motion_is_passed_on(motion: Motion) -> bool:
    """Once its result was announced."""
    decision = motion.latest_decision
    return motion.state == Motion.State.PUBLISHED and decision is not None and decision.outcome == Outcome.REFERRED


def motion_letter(motion: Motion) -> bytes:
    """What a meeting was asked, what it thinks, and who decides; nobody is named, and the counts are the announced."""
    with translation.override("zh-hans"):
        meeting, village = motion.meeting, motion.meeting.village
        committee = f"{village.name}{village.committee_name}"
        decision = motion.latest_decision
        assert decision is not None  # noqa: S101  the door has asked
        to = re.sub("^(提请|转)", "", motion.referred_to)
        title = f"{committee}关于转办会议意见的函"
        paper = Paper(title=title, author=committee, made_at=decision.decided_at)
        paper.title(title)
        paper.addressee(to)
        held = village.local_date(meeting.opened_at or meeting.starts_at)
        paper.text(
            f"我{village.get_kind_display()}于{plain_date(held)}召开“{meeting.title}”（{meeting.procedure['label']}），"
            f"就“{motion.text}”听取了意见。"
        )
        if decision.counts:
            counted = "，".join(decision.told)
            unit = unit_words(meeting.procedure["electorate"])
            paper.text(f"应到 {decision.entitled} {unit}，实到 {decision.present}。表决的意见：{counted}。")
        if decision.words:
            paper.text(f"会上谈的意见：{decision.words}")
        opinion = Minutes.objects.of(village).filter(meeting=meeting).exclude(digest="").first()
        if opinion is not None and opinion.opinion.strip():
            paper.text("会议的协商意见：")
            paper.text(opinion.opinion)
        paper.text(motion.note)
        paper.text(f"这件事由“{to}”定，本次会议不作决定，现将意见转办。")
        paper.text("办理或者决定的结果，请告知本会，以便告诉到会的人和村（居）民。")
        paper.text("特此函告。")
        paper.closing(f"{committee}（盖章）", plain_date(village.local_date(decision.decided_at)))
        paper.small(f"网上的会议结果：{settings.PUBLIC_URL}{meeting.get_absolute_url()}")
        return paper.content()
