"""A version of village rules at each point of its life, brought there by the rules themselves."""

from __future__ import annotations

import datetime

from django.utils import timezone

from consultation import attendance, meetings, voting
from consultation.models import Meeting
from residents.models import Appointment, Resident, User, Village
from tests.factories.consultation import HOUSEHOLDS, Hall, call
from tests.factories.residents import SINCE, appoint, make_account, make_resident, make_user
from villagerules import adopting, drafting, publication, reviewing
from villagerules.keeping import save_draft
from villagerules.models import RuleVersion, VillageRules
from villagerules.reading import read_rules

State = RuleVersion.State
TEXT = "听泉坳村村规民约\n第一章 总则\n第一条 不赌博。\n第二条 孝敬老人。"
OTHER_TEXT = TEXT.replace("不赌博", "不打牌赌钱")
# In this order a version comes from one to the next; the ends that branch off stand behind.
WAY = (
    State.DRAFTING, State.SOLICITING, State.PUBLIC_COMMENT, State.TOWNSHIP_REVIEW, State.CLEARED,
    State.PARTY_DISCUSSION, State.SCHEDULED, State.ADOPTED, State.FILED, State.PUBLISHED,
)  # fmt: skip
BRANCHES = {
    State.REVIEW_RETURNED: State.TOWNSHIP_REVIEW,
    State.VOTED_DOWN: State.SCHEDULED,
    State.CORRECTION_ORDERED: State.FILED,
}


def make_draft(village: Village, *, kind: str = "village_rules", text: str = TEXT) -> RuleVersion:
    rules = VillageRules.objects.create(village=village, slug="cungui", kind=kind, title="听泉坳村村规民约")
    return save_draft(rules, read_rules(text).rules, by=None)


def letters_in(village: Village) -> dict[str, User]:
    """An account for each letter that a village alone gives."""
    people = {"R": [], "E": ["committee_member"], "P": ["party_secretary"], "S": ["supervisory_member"],
              "G": ["village_admin"]}  # fmt: skip
    found = {"A": make_user()}
    for letter, roles in people.items():
        person = make_resident(village)
        for role in roles:
            appoint(person, role)
        found[letter] = make_account(person)
    township = make_user()
    Appointment.objects.create(region=village.region, user=township, role="township_reviewer", from_on=SINCE)
    return found | {"T": township}


def end_period(version: RuleVersion) -> None:
    """Its days have passed."""
    past = timezone.now() - datetime.timedelta(minutes=1)
    version.periods.filter(closed_at=None).update(opens_at=past - datetime.timedelta(days=9), closes_at=past)


def make_meeting(village: Village, people: list[Resident], *, preset: str = HOUSEHOLDS) -> Meeting:
    """Noticed, not open yet."""
    return meetings.publish_notice(call(village, people, preset=preset), by=None)


def hold_vote(version: RuleVersion, people: list[Resident], *, choice: str = "for") -> None:
    """Open the meeting, let everybody on its roster vote the same by phone, announce."""
    version.refresh_from_db()
    meeting = meetings.open_meeting(version.motion.meeting, by=None)
    hall = Hall(version.village, meeting, people)
    attendance.check_in(meeting, hall.entries, method="recorder", by=None)
    motion = voting.open_motion(version.motion, by=None)
    for entry in hall.entries:
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{entry.pk}")
    voting.close_motion(motion, by=None)


def bring_to(
    version: RuleVersion, state: str, *, people: list[Resident] | None = None, preset: str = HOUSEHOLDS
) -> RuleVersion:
    """On from a draft, each step by its rule; `people` make up the meeting from SCHEDULED on."""
    village = version.village
    target = BRANCHES.get(state, state)
    for step in WAY[1 : WAY.index(target) + 1]:
        match step:
            case State.SOLICITING:
                drafting.open_call(version, by=None, days=3)
            case State.PUBLIC_COMMENT:
                end_period(version)
                drafting.close_period(version, by=None)
                drafting.publish_draft(version, by=None)
            case State.TOWNSHIP_REVIEW:
                end_period(version)
                drafting.close_period(version, by=None)
                reviewing.submit_review(version, by=None)
            case State.CLEARED:
                codes = [item["code"] for item in reviewing.checklist()]
                reviewing.clear_rules(version, checked=codes, by=None)
            case State.PARTY_DISCUSSION:
                reviewing.record_party_step(version, on=timezone.localdate(), by=None)
            case State.SCHEDULED:
                people = people or [make_resident(village) for _ in range(4)]
                meeting = make_meeting(village, people, preset=preset)
                adopting.put_to_vote(version, meeting, by=None, secret=False, method="online")
            case State.ADOPTED:
                hold_vote(version, people)
                adopting.take_result(version, by=None)
            case State.FILED:
                reviewing.file_rules(version, number="楠溪备〔2026〕3号", on=timezone.localdate(), by=None)
            case State.PUBLISHED:
                publication.publish_version(version, effective_on=timezone.localdate(), where="村务公开栏", by=None)
    match state:
        case State.REVIEW_RETURNED:
            reviewing.add_finding(version, severity="must", text="不能罚款", by=None)
            reviewing.return_rules(version, by=None)
        case State.VOTED_DOWN:
            hold_vote(version, people, choice="against")
            adopting.take_result(version, by=None)
        case State.CORRECTION_ORDERED:
            reviewing.order_correction(version, text="第一条要改", by=None)
    version.refresh_from_db()
    return version
