"""A topic from raising to answer: raise, second, take back, withdraw, answer. One household counts once.

What a category reserves for an assembly, the owners or the government can only be passed on to them.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.legal_figures import figures_for
from residents.models import Resident, User, Village

from .errors import Invalid, NotAllowed, WrongState
from .models import Recording, ReservedFor, Seconding, Topic, TopicCategory
from .pictures import Picture, keep_pictures, read_photo
from .presets import referral_labels
from .recordings import Sound, keep_recording, read_recording
from .seconding import on_roll, start_clock, write_second
from .topic_reads import may_be_merged_into, raised_by, seconds_count

PHOTOS_MOST = 4
UNTITLED = "语音议题"  # untranslated: stands in the record until somebody writes down what was said
OPEN_AT_ONCE = 5  # topics of one resident that wait for an answer
# Bodies of the one kind of place that the other has not.
_NOT_IN = {
    Village.Kind.VILLAGE: ("residents_", "owners_"),
    Village.Kind.COMMUNITY: ("villagers_", "collective_"),
}
State = Topic.State


def move(topic: Topic, state: State) -> None:
    """Set the next state, or raise WrongState when the table of moves does not know the step."""
    if state not in Topic.MOVES[State(topic.state)]:
        raise WrongState(_("这件议题现在是“%(state)s”，不能这样做。") % {"state": topic.get_state_display()})
    topic.state = state


def destinations(village: Village) -> dict[str, str]:
    """To whom a topic of this kind of place may be passed on, by key."""
    elsewhere = _NOT_IN[Village.Kind(village.kind)]
    return {key: label for key, label in referral_labels().items() if not key.startswith(elsewhere)}


def raise_topic(
    *,
    village: Village,
    person: Resident,
    title: str,
    text: str,
    category: TopicCategory,
    by: User | None,
    show_name: bool = True,
    photos: Sequence[UploadedFile] = (),
    voice: UploadedFile | None = None,
    at: datetime.datetime | None = None,
) -> Topic:
    """Put a matter to the committee; the household of who raises it is the first to second it.

    With a recording the words may be left to whoever writes it down. The same again from the same person gives the
    topic that is open already. Raises NotAllowed for somebody who is not on this village's roll, Invalid for a category
    of another kind of place and for too many photos, WrongState for too many that wait; PhotoRefused, RecordingRefused.
    """
    if len(photos) > PHOTOS_MOST:
        raise Invalid(_("照片最多 %(most)s 张。") % {"most": PHOTOS_MOST}, field="photos")
    sound = read_recording(voice) if voice is not None else None
    if sound is None and not (title.strip() and text.strip()):
        raise Invalid(_("请写明是什么事，或者录一段语音。"), field="text")
    pictures = [read_photo(upload) for upload in photos]
    return _raise(
        village, person, title or UNTITLED, text, category, show_name=show_name, pictures=pictures, sound=sound, by=by,
        moment=at or timezone.now(),
    )  # fmt: skip


@transaction.atomic
def _raise(
    village: Village,
    person: Resident,
    title: str,
    text: str,
    category: TopicCategory,
    *,
    show_name: bool,
    pictures: Sequence[Picture],
    sound: Sound | None,
    by: User | None,
    moment: datetime.datetime,
) -> Topic:
    on = village.local_date(moment)
    Village.objects.select_for_update(no_key=True).get(pk=village.pk)  # numbers one at a time; ballots go on
    if not Resident.objects.of(village).on_roll(on).filter(pk=person.pk).exists():
        raise NotAllowed(_("提议题的人要在本村（社区）的名册上。"))
    if category.applies_to != village.kind:
        raise Invalid(_("请选一个类别。"), field="category")
    waiting = Topic.objects.of(village).open().filter(raised_by=person)
    alike = waiting.filter(title=title, text=text)
    same = alike.filter(recording__sha256=sound.sha256 if sound else None).first()
    if same is not None:
        return same
    if waiting.count() >= OPEN_AT_ONCE:
        raise WrongState(_("您已经有 %(most)s 件议题在等答复，请等一等再提新的。") % {"most": OPEN_AT_ONCE})
    figures = figures_for(village.kind, on=on)
    needed, days = figures.get("topic_seconds"), figures.get("topic_answered")
    last = Topic.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    topic = Topic.objects.create(
        village=village,
        number=last + 1,
        title=title,
        text=text,
        category=category,
        reserved_for=category.reserved_for,
        raised_by=person,
        show_name=show_name,
        entered_by=by,
        raised_at=moment,
        seconds_needed=max(1, needed.least or 1) if needed else 1,
        answer_days=days.days if days else None,
    )
    record(
        action="raise_topic", subject=_words(topic), village_id=village.pk, actor=by, number=topic.number,
        category=category.key,
    )  # fmt: skip
    _write_second(topic, person, by=by, moment=moment)
    if sound is not None:
        keep_recording(topic, sound, by=by)
    topic.photos.set(keep_pictures(village, pictures, by))
    return topic


def _words(topic: Topic) -> str:
    """What the log calls a topic: by number, because a resident's own words stay within the village."""
    return _("%(number)s 号议题") % {"number": topic.number}


def _locked(topic: Topic) -> Topic:
    return Topic.objects.select_for_update(of=("self",)).select_related("village").get(pk=topic.pk)


@transaction.atomic
def second(topic: Topic, *, person: Resident, by: User | None, at: datetime.datetime | None = None) -> bool:
    """Let the person's household second it; whether that was new. A household counts once, whoever of it seconds.

    Raises WrongState once it is answered or withdrawn, NotAllowed for somebody who is not on the roll.
    """
    moment = at or timezone.now()
    line = _locked(topic)
    if not line.is_open:
        raise WrongState(_("这件议题已经有结果了，不用再附议。"))
    known = on_roll(line.village, person, on=line.village.local_date(moment))
    if known is None:
        raise NotAllowed(_("附议的人要在本村（社区）的名册上。"))
    new = _write_second(line, known, by=by, moment=moment)
    if new:
        record(
            action="second_topic", subject=_words(line), village_id=line.village_id, actor=by, number=line.number,
            household=known.household.number,
        )  # fmt: skip
    return new


def _write_second(topic: Topic, person: Resident, *, by: User | None, moment: datetime.datetime) -> bool:
    """Under the topic's lock."""
    on = topic.village.local_date(moment)
    given = Seconding.objects.of(topic.village).filter(topic=topic)
    if not write_second(given, person=person, by=by, on=on, at=moment, village=topic.village, topic=topic):
        return False
    if topic.state == State.PROPOSED and person.household_id != topic.raised_by.household_id:
        move(topic, State.COLLECTING_SECONDS)
    start_clock(topic, seconds_count(topic, on=on), on=on)
    topic.save(update_fields=["state", "answer_by"])
    return True


@transaction.atomic
def take_back_second(topic: Topic, *, person: Resident, by: User | None, at: datetime.datetime | None = None) -> bool:
    """The household no longer seconds it, by any of its members; whether there was anything to take back.

    Raises WrongState once it has ended, and for the household that raised it, which withdraws the topic instead.
    """
    line = _locked(topic)
    if not line.is_open:
        raise WrongState(_("这件议题已经有结果了，附议不能再撤回。"))
    on = line.village.local_date(at or timezone.now())
    known = on_roll(line.village, person, on=on)
    if known is None:
        raise NotAllowed(_("附议的人要在本村（社区）的名册上。"))
    if known.household_id == line.raised_by.household_id:
        raise WrongState(_("这是您家提出的，不用附议；不想提了，请撤回议题。"))
    gone, _each = Seconding.objects.of(line.village).filter(topic=line, household=known.household).delete()
    if gone:
        record(
            action="unsecond_topic", subject=_words(line), village_id=line.village_id, actor=by, number=line.number,
            household=known.household.number,
        )  # fmt: skip
    return bool(gone)


@transaction.atomic
def withdraw(topic: Topic, *, by: User, at: datetime.datetime | None = None) -> Topic:
    """Who raised it does so no longer; asking twice changes nothing.

    Raises NotAllowed for anybody else, WrongState once it is answered, and once enough households second it: then it is
    theirs too.
    """
    line = _locked(topic)
    if not raised_by(line, by):
        raise NotAllowed(_("只有提出议题的人可以撤回。"))
    if line.state == State.WITHDRAWN:
        return line
    moment = at or timezone.now()
    count = seconds_count(line, on=line.village.local_date(moment))
    if line.is_open and line.answer_by is not None and count > 1:
        raise WrongState(
            _("附议的住户已经够了，这件事要等%(body)s答复，不能再撤回。") % {"body": line.village.committee_name}
        )
    move(line, State.WITHDRAWN)
    line.ended_at, line.seconds_count = moment, count
    line.save(update_fields=["state", "ended_at", "seconds_count"])
    record(action="withdraw_topic", subject=_words(line), village_id=line.village_id, actor=by, number=line.number)
    return line


@transaction.atomic
def write_down(
    topic: Topic, *, words: str, by: User, title: str = "", at: datetime.datetime | None = None
) -> Recording:
    """Put what was said beside the recording, with who wrote it; a topic that had no title gets one.

    May be done again while the topic is open. Raises WrongState when there is no recording or it has ended, Invalid for
    no words.
    """
    line = _locked(topic)
    recording = Recording.objects.of(line.village).select_for_update().filter(topic=line).first()
    if recording is None or not line.is_open:
        raise WrongState(_("这件议题没有语音，或者已经有结果了。"))
    if not words.strip():
        raise Invalid(_("请把听到的话写下来。"), field="words")
    recording.words, recording.written_by, recording.written_at = words.strip(), by, at or timezone.now()
    recording.save(update_fields=["words", "written_by", "written_at"])
    if title.strip() and line.title == UNTITLED:
        line.title = title.strip()
        line.save(update_fields=["title"])
    record(action="write_down_topic", subject=_words(line), village_id=line.village_id, actor=by, number=line.number)
    return recording


@dataclass(frozen=True)
class Answer:
    """What the committee says: the state it ends in, the reason that is published, under which title, and where to."""

    state: State
    reason: str
    published_title: str
    sent_to: str = ""  # a key of `destinations`, when it is passed on
    into: Topic | None = None  # when it is merged
    category: TopicCategory | None = None  # put right; never out of what is reserved


@transaction.atomic
def answer(topic: Topic, said: Answer, *, by: User | None, at: datetime.datetime | None = None) -> Topic:
    """Answer once, for everybody to read; from then on nothing in it changes.

    Raises Invalid for an answer without a reason, without a place to go to, and for any answer to a reserved matter but
    passing it on; WrongState when it has ended already.
    """
    moment = at or timezone.now()
    if said.into is not None:  # both rows, in one order: two merges at once must not wait for each other
        pair = Topic.objects.filter(pk__in=[topic.pk, said.into.pk])
        list(pair.order_by("pk").select_for_update(of=("self",)))
    line = _locked(topic)
    if said.category is not None and said.category.pk != line.category_id:
        _put_right(line, said.category)
    if said.state not in Topic.ANSWERED:
        raise Invalid(_("请选一种答复。"), field="state")
    if not said.reason.strip():
        raise Invalid(_("请写明理由。答复和理由会公布。"), field="reason")
    if not said.published_title.strip():
        raise Invalid(_("请写公布时用的题目。"), field="published_title")
    if bool(line.reserved_for) != (said.state == State.REFERRED):
        raise Invalid(_refusal(line), field="state")
    move(line, said.state)
    if said.state == State.REFERRED:
        line.sent_to = str(ReservedFor(line.reserved_for).label)
    elif said.state == State.REDIRECTED:
        place = destinations(line.village).get(said.sent_to)
        if place is None:
            raise Invalid(_("请选转给谁办。"), field="sent_to")
        line.sent_to = place
    elif said.state == State.MERGED:
        line.merged_into = _merge(line, said.into, moment=moment)
    line.reason, line.published_title = said.reason.strip(), said.published_title.strip()
    line.answered_by, line.ended_at = by, moment
    line.seconds_count = seconds_count(line, on=line.village.local_date(moment))
    line.save()
    record(
        action="answer_topic", subject=_words(line), village_id=line.village_id, actor=by, number=line.number,
        state=line.state, reason=line.reason, into=line.merged_into.number if line.merged_into else None,
    )  # fmt: skip
    return line


def _refusal(topic: Topic) -> str:
    if topic.reserved_for:
        return _("这类事法律规定由“%(body)s”定，只能转给它。") % {"body": ReservedFor(topic.reserved_for).label}
    return _("这类事不归别的会议定，请选别的答复。")


def _put_right(topic: Topic, category: TopicCategory) -> None:
    """Another category than who raised it chose: never out of a reserved matter."""
    if category.applies_to != topic.village.kind:
        raise Invalid(_("请选一个类别。"), field="category")
    if topic.reserved_for and category.reserved_for != topic.reserved_for:
        raise Invalid(_("提出时选的类别由“%(body)s”定，不能改成别的类别。")
                      % {"body": ReservedFor(topic.reserved_for).label}, field="category")  # fmt: skip
    topic.category, topic.reserved_for = category, category.reserved_for


def _merge(topic: Topic, into: Topic | None, *, moment: datetime.datetime) -> Topic:
    """Into another that lives on: its households second that one too, and the earlier of the two days holds."""
    others = may_be_merged_into(topic).select_for_update(of=("self",))
    target = others.filter(pk=into.pk).first() if into is not None else None
    if target is None:
        raise Invalid(_("请选要并入哪一件议题。它要还没有答复，或者已经列为议题。"), field="into")
    if target.is_open:
        standing = Seconding.objects.of(topic.village).filter(topic=topic).standing(topic.village.local_date(moment))
        for one in standing.select_related("resident__household", "entered_by"):
            _write_second(target, one.resident, by=one.entered_by, moment=moment)
        days = [day for day in (topic.answer_by, target.answer_by) if day is not None]
        target.answer_by = min(days) if days else None
        target.save(update_fields=["answer_by"])
    return target


@transaction.atomic
def note_overdue(*, at: datetime.datetime | None = None) -> int:
    """Write into each village's log, once, that a topic was not answered in time; how many."""
    moment = at or timezone.now()
    late = (
        Topic.objects.open()
        .filter(answer_by__isnull=False, overdue_noted_on=None, village__is_practice=False)
        .filter(answer_by__lte=timezone.localdate(moment))
        .select_related("village")
        .order_by("pk")
    )
    count = 0
    for topic in late:
        today = topic.village.local_date(moment)
        # Somebody may be answering it at this moment.
        if topic.is_overdue(today) and Topic.objects.open().filter(pk=topic.pk).update(overdue_noted_on=today):
            record(
                action="miss_topic", subject=_words(topic), village_id=topic.village_id, number=topic.number,
                answer_by=str(topic.answer_by),
            )  # fmt: skip
            count += 1
    return count
