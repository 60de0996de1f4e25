"""The letter with which the committee passes a topic on to whoever may decide it (转交函), or sees to it (转办函)."""

from __future__ import annotations

import re

from django.conf import settings
from django.utils import timezone, translation

from consultation.models import Topic
from consultation.topic_reads import seconds_count
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
