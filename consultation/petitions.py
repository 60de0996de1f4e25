"""A petition from its start to the meeting it demands: start, sign, take back, withdraw, type a signed list, compare.

Who counts is frozen with the roll of the day it starts. The log says how many signed and never who: only the committee
and the supervisors read names.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Resident, User, Village
from residents.roll import entitled

from .errors import Invalid, NotAllowed, WrongState
from .models import Meeting, Petition, PetitionBase, PetitionSheet, PetitionSignature
from .petition_reads import Way, signed_count, started_by, ways_for
from .quorum import required

OPEN_AT_ONCE = 2  # petitions of one resident that are open
State = Petition.State


def move(petition: Petition, state: State) -> None:
    """Set the next state, or raise WrongState when the table of moves does not know the step."""
    if state not in Petition.MOVES[State(petition.state)]:
        raise WrongState(_("这件请求现在是“%(state)s”，不能这样做。") % {"state": petition.get_state_display()})
    petition.state = state


def in_the_log(petition: Petition) -> str:
    """What the log calls it: by number, because a resident's own words stay within the village."""
    return _("%(number)s 号请求") % {"number": petition.number}


def _who_count(village: Village, way: Way, *, on: datetime.date) -> set[int]:
    """The keys of those who count for that body by the roll of that day."""
    return {unit.resident.pk for unit in entitled(village, electorate=way.electorate, on=on).units}


def start(
    *,
    village: Village,
    person: Resident,
    way: Way,
    title: str,
    reason: str,
    by: User | None,
    at: datetime.datetime | None = None,
) -> Petition:
    """Demand a meeting; who counts for that body signs with it. The same again gives the petition that is open already.

    Raises NotAllowed for somebody who is no adult of this village's roll, Invalid for a way the law does not know or
    where nobody would count, WrongState for too many that are open.
    """
    moment = at or timezone.now()
    on = village.local_date(moment)
    if way.key not in {one.key for one in ways_for(village, on=on)}:
        raise Invalid(_("请选要开什么会、由谁请求。"), field="way")
    if not title.strip() or not reason.strip():
        raise Invalid(_("请写明要商量什么、为什么要开会。"), field="reason")
    who = _who_count(village, way, on=on)
    if not who:
        raise Invalid(_("名册上还没有能请求开这种会的人。"), field="way")
    return _start(village, person, way, title.strip(), reason.strip(), who, by=by, moment=moment, on=on)


@transaction.atomic
def _start(
    village: Village,
    person: Resident,
    way: Way,
    title: str,
    reason: str,
    who: Collection[int],
    *,
    by: User | None,
    moment: datetime.datetime,
    on: datetime.date,
) -> Petition:
    Village.objects.select_for_update(no_key=True).get(pk=village.pk)  # numbers one at a time; ballots go on
    if not Resident.objects.of(village).on_roll(on).adults(on).filter(pk=person.pk).exists():
        raise NotAllowed(_("发起的人要在本村（社区）的名册上，年满十八周岁。"))
    mine = Petition.objects.of(village).open().filter(started_by=person)
    same = mine.filter(preset=way.preset, ground=way.ground, title=title, reason=reason).first()
    if same is not None:
        return same
    if mine.count() >= OPEN_AT_ONCE:
        raise WrongState(_("您已经有 %(most)s 件请求还没有结果，请等一等再发起新的。") % {"most": OPEN_AT_ONCE})
    last = Petition.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    petition = Petition.objects.create(
        village=village,
        number=last + 1,
        preset=way.preset,
        body=way.preset.body,
        ground=way.ground,
        title=title,
        reason=reason,
        started_by=person,
        entered_by=by,
        started_at=moment,
        share_num=way.share.num,
        share_den=way.share.den,
        base_count=len(who),
        needed=required(len(who), way.share),
        call_days=way.preset.petition_days,
        days_basis=way.preset.petition_days_basis,
    )
    PetitionBase.objects.create(village=village, petition=petition, people=sorted(who))
    record(
        action="start_petition", subject=in_the_log(petition), village_id=village.pk, number=petition.number,
        body=petition.body, ground=petition.ground, base=petition.base_count, needed=petition.needed,
    )  # fmt: skip
    if person.pk in who:
        write_signatures(petition, [person], by=by, moment=moment)
    return petition


def locked(petition: Petition) -> Petition:
    """Read again under its lock, with village, preset and meeting."""
    found = Petition.objects.select_for_update(of=("self",)).select_related("village", "preset", "meeting")
    return found.get(pk=petition.pk)


def require_open(petition: Petition) -> None:
    """Raises WrongState once a meeting was called or it was withdrawn."""
    if not petition.is_open:
        raise WrongState(_("这件请求已经有结果了，不用再签名。"))


def may_count(petition: Petition) -> set[int]:
    """The keys of those who counted for that body on the day it started."""
    return set(PetitionBase.objects.of(petition.village).get(petition=petition).people)


def sign(petition: Petition, *, person: Resident, by: User | None, at: datetime.datetime | None = None) -> bool:
    """One person signs, once; whether that was new. Raises WrongState once a meeting was called or it was withdrawn,
    NotAllowed for somebody who does not count for that body or has left the roll.
    """
    moment = at or timezone.now()
    if person.pk not in may_count(petition):
        raise NotAllowed(_("这种会由别的人请求：发起那天的名册上，您不算在里面。"))
    return _sign(petition, person, by=by, moment=moment)


@transaction.atomic
def _sign(petition: Petition, person: Resident, *, by: User | None, moment: datetime.datetime) -> bool:
    line = locked(petition)
    require_open(line)
    if not Resident.objects.of(line.village).on_roll(line.village.local_date(moment)).filter(pk=person.pk).exists():
        raise NotAllowed(_("签名的人要在本村（社区）的名册上。"))
    standing = PetitionSignature.objects.of(line.village).filter(petition=line, resident=person, voided_at=None)
    already = standing.select_related("sheet").first()
    if already is not None and (already.sheet is None or already.sheet.state == PetitionSheet.State.CONFIRMED):
        return False
    standing.delete()  # on a list that nobody compared yet: the own press counts now
    write_signatures(line, [person], by=by, moment=moment)
    return True


def write_signatures(
    petition: Petition,
    people: Sequence[Resident],
    *,
    by: User | None,
    moment: datetime.datetime,
    sheet: PetitionSheet | None = None,
) -> None:
    """Under the petition's lock; on a sheet they do not count yet."""
    last = petition.signatures.aggregate(last=Max("number"))["last"] or 0
    PetitionSignature.objects.bulk_create(
        PetitionSignature(
            village=petition.village, petition=petition, number=last + place, resident=person, entered_by=by, at=moment,
            sheet=sheet,
        )
        for place, person in enumerate(people, start=1)
    )  # fmt: skip
    if sheet is None:
        # Without its account: the log is read by more than may know who signed.
        record(
            action="sign_petition", subject=in_the_log(petition), village_id=petition.village_id,
            number=petition.number, signatures=len(people),
        )  # fmt: skip
        weigh(petition, moment)


def weigh(petition: Petition, moment: datetime.datetime) -> None:
    """Enough, or no longer enough: the committee's days begin, or end."""
    count = signed_count(petition)
    if petition.state == State.COLLECTING and count >= petition.needed:
        move(petition, State.REACHED)
        petition.reached_at = moment
        if petition.call_days is not None:
            petition.call_by = petition.village.local_date(moment) + datetime.timedelta(days=petition.call_days)
        action = "reach_petition"
    elif petition.state == State.REACHED and count < petition.needed:
        move(petition, State.COLLECTING)
        petition.reached_at = petition.call_by = petition.overdue_noted_on = petition.meeting = None
        action = "fall_short_petition"
    else:
        return
    petition.save(update_fields=["state", "reached_at", "call_by", "overdue_noted_on", "meeting"])
    record(
        action=action, subject=in_the_log(petition), village_id=petition.village_id, number=petition.number,
        signatures=count, needed=petition.needed, call_by=str(petition.call_by) if petition.call_by else None,
    )  # fmt: skip


@transaction.atomic
def take_back(petition: Petition, *, person: Resident) -> bool:
    """The person signs no longer, until enough have; whether there was anything to take back.

    Raises WrongState once it was reached or withdrawn.
    """
    line = locked(petition)
    if line.state != State.COLLECTING:
        raise WrongState(_("签名已经够数，或者请求已经撤回，签名不能再撤回。"))
    mine = PetitionSignature.objects.of(line.village).filter(petition=line, resident=person, voided_at=None)
    gone, _each = mine.delete()
    if gone:
        record(
            action="unsign_petition", subject=in_the_log(line), village_id=line.village_id, number=line.number,
            signatures=1,
        )  # fmt: skip
    return bool(gone)


@transaction.atomic
def withdraw(petition: Petition, *, by: User, at: datetime.datetime | None = None) -> Petition:
    """Who started it does so no longer; asking twice changes nothing.

    Raises NotAllowed for anybody else, WrongState once it was reached: then it is everybody's who signed.
    """
    line = locked(petition)
    if not started_by(line, by):
        raise NotAllowed(_("只有发起的人可以撤回。"))
    if line.state == State.WITHDRAWN:
        return line
    if line.state == State.REACHED:
        raise WrongState(_("签名已经够数，这件请求是大家的了，不能再撤回。"))
    move(line, State.WITHDRAWN)
    line.withdrawn_at = at or timezone.now()
    line.save(update_fields=["state", "withdrawn_at"])
    record(action="withdraw_petition", subject=in_the_log(line), village_id=line.village_id, number=line.number)
    return line


@transaction.atomic
def answer_with(meeting: Meeting, petitions: Sequence[Petition]) -> None:
    """The meeting is the one that these demand; called they are with its notice. One called off may be followed by
    another. Raises Invalid for a petition without enough signatures or with its meeting, and for another body.
    """
    for petition in petitions:
        line = locked(petition)
        if line.village_id != meeting.village_id or not line.is_waiting or line.body != meeting.preset.body:
            raise Invalid(_("这次会议不是那件请求要开的会，或者它已经有会了。"), field="petitions")
        line.meeting = meeting
        line.save(update_fields=["meeting"])


@transaction.atomic
def note_not_called(*, at: datetime.datetime | None = None) -> int:
    """Write into each village's log, once, that a meeting demanded by enough was not called in time; how many."""
    moment = at or timezone.now()
    late = (
        Petition.objects.overdue(timezone.localdate(moment) + datetime.timedelta(days=1))
        .filter(overdue_noted_on=None, village__is_practice=False)
        .select_related("village", "meeting")
        .order_by("pk")
    )
    count = 0
    for one in late:
        today = one.village.local_date(moment)
        if one.is_overdue(today) and Petition.objects.waiting().filter(pk=one.pk).update(overdue_noted_on=today):
            record(
                action="miss_petition", subject=in_the_log(one), village_id=one.village_id, number=one.number,
                call_by=str(one.call_by),
            )  # fmt: skip
            count += 1
    return count
