"""What a meeting promised: who does it by when, how it goes, what the village thinks of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.log import record
from residents.models import Appointment, Claim, Resident, User, Village
from residents.office_titles import role_title
from residents.offices import person_of
from residents.rights import Act, may

from .errors import Invalid, NotAllowed, WrongState
from .models import FollowUp, FollowUpRating, FollowUpReport, Meeting
from .people import people_of
from .pictures import Picture, keep_pictures, read_photo

A_MEETING_MOST = 100
PHOTOS_MOST = 4
REPORTS_MOST = 500
# While it is prepared nothing has been promised yet; what is archived stands.
_BEFORE = (Meeting.State.PREPARING, Meeting.State.NOTICED, Meeting.State.CANCELLED)
State = FollowUp.State
Rating = FollowUpRating.Answer


@dataclass(frozen=True)
class Owner:
    """Who answers for it: somebody of the roll, or a staff account; `name` as it is shown, with the office."""

    name: str
    resident: Resident | None = None
    account: User | None = None


def owners_in(village: Village, *, on: datetime.date) -> dict[str, Owner]:
    """Those who hold an office of the village that day, each once, by the office's reference."""
    held = Appointment.objects.of(village).current(on).select_related("resident", "user").order_by("role", "pk")
    owners: dict[str, Owner] = {}
    known = set()
    for office in held:
        who = office.resident or office.user
        if who is None or (type(who), who.pk) in known:
            continue
        known.add((type(who), who.pk))
        name = who.name if isinstance(who, Resident) else str(who.get_full_name())
        shown = _("%(name)s（%(office)s）") % {"name": name, "office": role_title(office.role, village)}
        owners[office.ref] = Owner(shown[:60], office.resident, office.user)
    return owners


def begun(meeting: Meeting) -> bool:
    """Whether the meeting may have promised something."""
    return meeting.state not in (*_BEFORE, Meeting.State.ARCHIVED)


@transaction.atomic
def assign_follow_up(
    meeting: Meeting,
    *,
    title: str,
    owner: Owner,
    due: datetime.date,
    by: User | None,
    at: datetime.datetime | None = None,
) -> FollowUp:
    """Put down what is to be done, who answers for it and by which day. The same words again give what is there.

    Raises Invalid for an empty title or owner or a day that has passed, WrongState before the meeting has begun or
    after it was archived, or when it has too many.
    """
    moment = at or timezone.now()
    village = Village.objects.select_for_update(no_key=True).get(pk=meeting.village_id)  # numbers one at a time
    meeting = Meeting.objects.select_related("village").get(pk=meeting.pk)
    if meeting.state in _BEFORE:
        raise WrongState(_("会还没有开，没有要落实的事。"))
    if meeting.state == Meeting.State.ARCHIVED:
        raise WrongState(_("这次会议已经归档，不能再加落实事项。"))
    if not title.strip():
        raise Invalid(_("请写明要办什么事。"), field="title")
    if not owner.name.strip():
        raise Invalid(_("请选谁负责。"), field="owner")
    if due < village.local_date(moment):
        raise Invalid(_("办好的日子已经过了，请填今天或者以后的日子。"), field="due")
    here = FollowUp.objects.of(village).filter(meeting=meeting)
    same = here.filter(title=title.strip(), due=due, owner_name=owner.name.strip()).first()
    if same is not None:
        return same
    if here.count() >= A_MEETING_MOST:
        raise WrongState(_("一次会议最多 %(most)s 件落实事项。") % {"most": A_MEETING_MOST})
    last = FollowUp.objects.of(village).aggregate(last=Max("number"))["last"] or 0
    made = FollowUp.objects.create(
        village=village,
        meeting=meeting,
        number=last + 1,
        title=title.strip(),
        owner=owner.resident,
        owner_account=owner.account,
        owner_name=owner.name.strip(),
        due=due,
        first_due=due,
        assigned_by=by,
        assigned_at=moment,
    )
    record(
        action="assign_follow_up", subject=made, village_id=village.pk, actor=by, number=made.number,
        meeting=meeting.number, owner=made.owner_name, due=str(due),
    )  # fmt: skip
    return made


def is_owner(follow_up: FollowUp, user: User) -> bool:
    """Whether the account is the one who answers for it; somebody who helps that one is not."""
    if not user.is_authenticated:
        return False
    if follow_up.owner_account_id == user.pk:
        return True
    own = Claim.objects.of(follow_up.village).confirmed().filter(user=user, relation=Claim.Relation.SELF)
    return follow_up.owner_id is not None and own.filter(resident=follow_up.owner_id).exists()


def may_report(user: User, follow_up: FollowUp) -> bool:
    """Who answers for it, and the committee."""
    return is_owner(follow_up, user) or may(user, Act.FOLLOW_UP, follow_up.village)


def require_reporter(user: User, follow_up: FollowUp) -> None:
    """Raises NotAllowed for anybody else."""
    if not may_report(user, follow_up):
        raise NotAllowed(_("只有负责人和村（居）委会可以报办理情况。"))


def next_states(follow_up: FollowUp, *, committee: bool) -> list[State]:
    """What a report may say: only the committee gives something up or takes it up again."""
    known = FollowUp.MOVES[State(follow_up.state)]
    alone = {State.DROPPED} if follow_up.is_open else {State.DOING}
    return [state for state in State if state in known and (committee or state not in alone)]


@dataclass(frozen=True)
class Told:
    """One report: the state it leaves the matter in, in words; with a delay the new day; photos as they were sent."""

    state: State
    words: str
    new_due: datetime.date | None = None
    photos: Sequence[UploadedFile] = ()


def report(follow_up: FollowUp, told: Told, *, by: User, at: datetime.datetime | None = None) -> FollowUpReport:
    """Say how it goes. What was done can be taken up again by the committee; then the village rates it anew.

    Raises NotAllowed for anybody but who answers for it and the committee, Invalid without words, for a day that is not
    later than the last one and for too many photos, WrongState for a step that is not on the list; PhotoRefused. Then
    nothing is recorded.
    """
    if len(told.photos) > PHOTOS_MOST:
        raise Invalid(_("照片最多 %(most)s 张。") % {"most": PHOTOS_MOST}, field="photos")
    require_reporter(by, follow_up)  # before anything large is looked at
    pictures = [read_photo(upload) for upload in told.photos]
    return _report(follow_up, told, pictures, by=by, moment=at or timezone.now())


@transaction.atomic
def _report(
    follow_up: FollowUp, told: Told, pictures: Sequence[Picture], *, by: User, moment: datetime.datetime
) -> FollowUpReport:
    line = _locked(follow_up)
    require_reporter(by, line)  # somebody else may have been named this very moment
    words = told.words.strip()
    committee = may(by, Act.FOLLOW_UP, line.village)
    if told.state not in next_states(line, committee=committee):
        raise WrongState(_("这件事现在是“%(state)s”，不能这样报。") % {"state": line.get_state_display()})
    if not words:
        raise Invalid(_("请写几句：办得怎么样，或者为什么。大家都看得到。"), field="words")
    new_due = _new_due(line, told, moment)
    if line.state == State.DONE:
        FollowUpRating.objects.of(line.village).filter(follow_up=line).delete()
    line.state = told.state
    line.due = new_due or line.due
    line.ended_at = None if line.is_open else moment
    line.save(update_fields=["state", "due", "ended_at"])
    made = _write_report(line, words, new_due=new_due, by=by, moment=moment)
    record(
        action="report_follow_up", subject=line, village_id=line.village_id, actor=by, number=line.number,
        state=line.state, due=str(line.due),
    )  # fmt: skip
    made.photos.set(keep_pictures(line.village, pictures, by))
    return made


def _locked(follow_up: FollowUp) -> FollowUp:
    return FollowUp.objects.select_for_update(of=("self",)).select_related("village").get(pk=follow_up.pk)


def _write_report(
    line: FollowUp, words: str, *, new_due: datetime.date | None, by: User, moment: datetime.datetime
) -> FollowUpReport:
    """The next report, in the state that the line has now. Under its lock."""
    said = line.reports.aggregate(last=Max("number"))["last"] or 0
    if said >= REPORTS_MOST:
        raise WrongState(_("一件事最多报 %(most)s 次。") % {"most": REPORTS_MOST})
    person = person_of(by, line.village)
    return FollowUpReport.objects.create(
        village=line.village,
        follow_up=line,
        number=said + 1,
        state=line.state,
        words=words,
        new_due=new_due,
        reported_by=by,
        reporter_name=str(person.name if person is not None else by.get_full_name())[:60],
        at=moment,
    )


def _new_due(line: FollowUp, told: Told, moment: datetime.datetime) -> datetime.date | None:
    """The day a delay names; a matter that is taken up again may name one, too."""
    if told.state == State.DELAYED and told.new_due is None:
        raise Invalid(_("延期要写明改到哪天。"), field="new_due")
    if told.new_due is None or told.state not in (State.DELAYED, State.DOING):
        return None
    if told.new_due <= line.due or told.new_due < line.village.local_date(moment):
        raise Invalid(_("改到的日子要比原来的（%(day)s）晚，也不能已经过了。") % {"day": line.due}, field="new_due")
    return told.new_due


@transaction.atomic
def hand_over(
    follow_up: FollowUp, *, owner: Owner, reason: str, by: User, at: datetime.datetime | None = None
) -> FollowUp:
    """Somebody else answers for it from now on; written down as a report. Raises NotAllowed, Invalid, WrongState."""
    line = _locked(follow_up)
    if not may(by, Act.FOLLOW_UP, line.village):
        raise NotAllowed(_("只有村（居）委会可以换负责人。"))
    if not line.is_open:
        raise WrongState(_("这件事已经办结了，不用换人。"))
    if not reason.strip():
        raise Invalid(_("请写明为什么换人。"), field="reason")
    if owner.name == line.owner_name:
        raise Invalid(_("负责人和原来一样。"), field="owner")
    words = _("改由%(name)s负责：%(reason)s") % {"name": owner.name, "reason": reason.strip()}
    still = line.due if line.state == State.DELAYED else None
    _write_report(line, words, new_due=still, by=by, moment=at or timezone.now())
    line.owner, line.owner_account, line.owner_name = owner.resident, owner.account, owner.name
    line.save(update_fields=["owner", "owner_account", "owner_name"])
    record(
        action="hand_over_follow_up", subject=line, village_id=line.village_id, actor=by, number=line.number,
        owner=line.owner_name,
    )  # fmt: skip
    return line


def raters_of(user: User, village: Village, *, on: datetime.date) -> list[Resident]:
    """For whom the account may rate: itself before those it helps, all on the roll that day."""
    return people_of(user, village, on=on)


@transaction.atomic
def rate(follow_up: FollowUp, *, person: Resident, answer: str, by: User, at: datetime.datetime | None = None) -> None:
    """What one person of the village thinks of what was done; another answer takes the place of the first.

    Raises WrongState while it is not done, Invalid for an answer not offered, NotAllowed for somebody who is not on the
    roll, whom the account may not act for, or who did it.
    """
    line = _locked(follow_up)
    if line.state != State.DONE:
        raise WrongState(_("这件事还没有办好，办好了再评。"))
    if answer not in Rating.values:
        raise Invalid(_("请选满意、一般或者不满意。"), field="answer")
    on = line.village.local_date(at or timezone.now())
    if person.pk not in [one.pk for one in raters_of(by, line.village, on=on)]:
        raise NotAllowed(_("评价的人要在本村（社区）的名册上。"))
    if person.pk == line.owner_id:
        raise NotAllowed(_("自己负责的事，由别人来评。"))
    FollowUpRating.objects.update_or_create(
        village=line.village, follow_up=line, resident=person, defaults={"answer": answer, "entered_by": by}
    )


def ratings_of(follow_up: FollowUp) -> Mapping[str, int]:
    """How many gave each answer, every answer named."""
    rows = FollowUpRating.objects.of(follow_up.village).filter(follow_up=follow_up)
    told = dict(rows.order_by().values_list("answer").annotate(number=Count("pk")))
    return {key: told.get(key, 0) for key in Rating.values}


def by_urgency(follow_ups: QuerySet[FollowUp]) -> QuerySet[FollowUp]:
    """What is due first comes first."""
    return follow_ups.order_by("due", "number")


@dataclass(frozen=True)
class Counts:
    """How many are open, of these late, and how many were done."""

    open: int
    overdue: int
    done: int


def counts_of(follow_ups: QuerySet[FollowUp], *, on: datetime.date) -> Counts:
    waiting = Q(state__in=FollowUp.OPEN)
    return Counts(
        **follow_ups.aggregate(
            open=Count("pk", filter=waiting),
            overdue=Count("pk", filter=waiting & Q(due__lt=on)),
            done=Count("pk", filter=Q(state=State.DONE)),
        )
    )


def owed_by(user: User) -> QuerySet[FollowUp]:
    """The open ones that the account itself answers for, in all its villages."""
    own = Q(owner__claims__user=user, owner__claims__state=Claim.State.CONFIRMED,
            owner__claims__relation=Claim.Relation.SELF)  # fmt: skip
    return by_urgency(FollowUp.objects.open().filter(own | Q(owner_account=user)).select_related("village")).distinct()


def reported_to(user: User, *, since: datetime.datetime) -> QuerySet[FollowUpReport]:
    """What was reported since then on meetings that people of the account took part in, the newest first."""
    there = Q(
        follow_up__meeting__attendances__voided_at=None,
        follow_up__meeting__attendances__entry__resident__claims__user=user,
        follow_up__meeting__attendances__entry__resident__claims__state=Claim.State.CONFIRMED,
    )
    told = FollowUpReport.objects.filter(there, at__gte=since, village__is_practice=False)
    return told.select_related("follow_up__village").order_by("-at", "-pk").distinct()


def holds_office(follow_ups: Sequence[FollowUp], *, on: datetime.date) -> set[int]:
    """Keys of those whose owner holds an office that day: only their names are for everybody."""
    people = {one.owner_id for one in follow_ups if one.owner_id}
    accounts = {one.owner_account_id for one in follow_ups if one.owner_account_id}
    held = Appointment.objects.current(on).filter(Q(resident__in=people) | Q(user__in=accounts))
    rows = list(held.values_list("resident_id", "user_id", "village_id"))
    residents = {(person, village) for person, _account, village in rows if person}
    staff = {(account, village) for _person, account, village in rows if account}
    return {
        one.pk
        for one in follow_ups
        if (one.owner_id, one.village_id) in residents or (one.owner_account_id, one.village_id) in staff
    }


@dataclass(frozen=True)
class Shown:
    """One of them as somebody reads it: late or not, the owner's name where the reader may know it."""

    item: FollowUp
    overdue: bool
    owner: str


def shown(follow_ups: Sequence[FollowUp], *, inside: bool, on: datetime.date) -> list[Shown]:
    """For the village all names, for everybody else those of officers."""
    named = set() if inside else holds_office(follow_ups, on=on)
    return [Shown(one, one.is_overdue(on), one.owner_name if inside or one.pk in named else "") for one in follow_ups]


@transaction.atomic
def note_missed(*, at: datetime.datetime | None = None) -> int:
    """Write into each village's log, once for each day that was promised, that it passed; how many."""
    moment = at or timezone.now()
    late = (
        FollowUp.objects.overdue(timezone.localdate(moment) + datetime.timedelta(days=1))
        .filter(village__is_practice=False)
        .exclude(missed_due=F("due"))
        .select_related("village")
        .order_by("pk")
    )
    count = 0
    for one in late:
        if one.is_overdue(one.village.local_date(moment)) and FollowUp.objects.open().filter(
            pk=one.pk, due=one.due
        ).update(missed_due=one.due):
            record(action="miss_follow_up", subject=one, village_id=one.village_id, number=one.number, due=str(one.due))
            count += 1
    return count
