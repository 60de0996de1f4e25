"""What became of a topic that was taken up or passed on: its meetings, their decisions, what is done about it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from .board import Result, results_of
from .follow_ups import Shown, by_urgency, shown
from .models import AgendaItem, FollowUp, Meeting, Topic
from .topic_reads import meetings_about


@dataclass(frozen=True)
class Treated:
    """One meeting about the topic; results and promises only where the reader may know them."""

    meeting: Meeting
    results: Sequence[Result]
    promised: Sequence[Shown]


def treated(topic: Topic, *, inside: bool, on: datetime.date) -> list[Treated]:
    """The newest first. The village reads at once what everybody reads when the meeting's results are published."""
    if topic.state not in Topic.ON_AGENDA:
        return []
    return [_of(topic, meeting, inside=inside, on=on) for meeting in meetings_about(topic)]


def _of(topic: Topic, meeting: Meeting, *, inside: bool, on: datetime.date) -> Treated:
    if not inside and meeting.state not in Meeting.PUBLIC:
        return Treated(meeting, [], [])
    results = results_of(meeting)
    items = AgendaItem.objects.of(topic.village).filter(meeting=meeting, topic=topic).values_list("pk", flat=True)
    own = [one for one in results if one.motion.agenda_item_id in set(items)]
    promised = FollowUp.objects.of(topic.village).filter(meeting=meeting).select_related("village", "meeting")
    # Motions put at the vote's own place on the agenda belong to the meeting as a whole.
    return Treated(meeting, own or results, shown(list(by_urgency(promised)), inside=inside, on=on))
