"""A meeting that was put off goes on in a new one, with a notice and a roster of its own."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from residents.models import Village

from .errors import Invalid
from .models import Meeting, Motion, Topic
from .topic_reads import to_be_discussed

_NOT_BEGUN = [Motion.State.DRAFT, Motion.State.ANNOUNCED]


def next_of(meeting: Meeting) -> Meeting | None:
    """The meeting it goes on in, unless that one was called off; one in preparation counts."""
    return meeting.continued_by.exclude(state=Meeting.State.CANCELLED).order_by("number").first()


def require_continuable(meeting: Meeting, *, village: Village) -> None:
    """Raises Invalid unless the meeting is this village's, was put off and does not go on elsewhere yet, and while an
    amendment of what was left over is still being counted there: it would go on in words that may be the old ones."""
    if meeting.village_id != village.pk or meeting.state != Meeting.State.ADJOURNED:
        raise Invalid(_("只有宣布延期的会议才能接着开。"), field="continues")
    already = next_of(meeting)
    if already is not None:
        raise Invalid(
            _("这次会议已经安排接着开：“%(title)s”，不用再建。") % {"title": already.title}, field="continues"
        )
    counting = Motion.objects.filter(amends__in=_not_come_to(meeting)).exclude(state__in=_NOT_BEGUN)
    uncounted = [str(one.number) for one in counting.order_by("number") if one.is_undecided]
    if uncounted:
        raise Invalid(
            _("延期那次会的修正案（第 %(numbers)s 项）投了票还没有结果。请先到那次会议的控制台点清、宣布，再接着开。")
            % {"numbers": "、".join(uncounted)},
            field="continues",
        )


def to_continue(village: Village, number: object) -> Meeting | None:
    """The meeting of this number, where it waits to go on; None for whatever else is asked for."""
    words = str(number)
    if not words.isdecimal() or len(words) > 8:
        return None
    found = Meeting.objects.of(village).filter(number=int(words), state=Meeting.State.ADJOURNED)
    meeting = found.select_related("village", "preset").first()
    return meeting if meeting is not None and next_of(meeting) is None else None


def words_of(motion: Motion) -> str:
    """What is to be voted, with the words of amendments that were decided and that the chair has not confirmed yet."""
    words = motion.text
    for amendment in motion.amendments.order_by("number"):
        if amendment.words_wait == "take" and amendment.new_text:
            words = amendment.new_text
        elif amendment.words_wait == "back" and words == amendment.new_text:
            words = amendment.old_text
    return words


def options_of(motion: Motion) -> list[str]:
    """The texts of its options likewise."""
    options = motion.options
    for amendment in motion.amendments.exclude(new_options=[]).order_by("number"):
        if amendment.words_wait == "take":
            options = amendment.new_options
        elif amendment.words_wait == "back" and options == amendment.new_options:
            options = amendment.old_options
    return [option["text"] for option in options]


def _waiting(meeting: Meeting) -> QuerySet[Motion]:
    return meeting.motions.filter(state__in=_NOT_BEGUN)


def left_over_unvoted(meeting: Meeting) -> list[str]:
    """The words of what was to be talked about without a vote and was not."""
    waiting = _waiting(meeting).filter(method=Motion.Method.NONE).order_by("number")
    return list(waiting.values_list("text", flat=True))


def _not_come_to(meeting: Meeting) -> QuerySet[Motion]:
    waiting = _waiting(meeting).exclude(method=Motion.Method.NONE)
    return waiting.filter(amends__isnull=True).order_by("number")  # an amendment goes with what it would change


def left_over(meeting: Meeting) -> list[str]:
    """The words of what was to be voted and was not."""
    return [words_of(motion) for motion in _not_come_to(meeting).filter(kind=Motion.Kind.YES_NO)]


def left_over_by_words(meeting: Meeting) -> dict[str, Motion]:
    """What was to be voted there for or against and was not, by its words; of two in the same words the first."""
    waiting = _not_come_to(meeting).filter(kind=Motion.Kind.YES_NO)
    return {words_of(motion): motion for motion in reversed(waiting)}


def left_over_options(meeting: Meeting) -> list[Motion]:
    """Votes between options that were not come to; a runoff of what is decided there stays there."""
    return list(_not_come_to(meeting).exclude(kind=Motion.Kind.YES_NO).filter(runoff_of__isnull=True))


def reserved_before(continued: Meeting | None, text: str) -> str:
    """Whose decision it is by law (ReservedFor), as it was said of a matter that was put with these words before."""
    if continued is None:
        return ""
    said = continued.motions.filter(text=text).exclude(reserved_for="").values_list("reserved_for", flat=True)
    return said.first() or ""


def topics_for(village: Village, continued: Meeting | None) -> QuerySet[Topic]:
    """What may stand on the agenda: taken up and not planned yet; for the next part, what the first one was about."""
    if continued is None:
        return to_be_discussed(village)
    own = Topic.objects.of(village).filter(state__in=Topic.ON_AGENDA, agenda_items__meeting=continued)
    return (
        Topic.objects.of(village)
        .filter(pk__in=[*to_be_discussed(village).values_list("pk", flat=True), *own.values_list("pk", flat=True)])
        .order_by("number")
    )
