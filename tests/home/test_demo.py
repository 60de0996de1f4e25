"""The demo: whole rolls as the files state them, safe to repeat, and gone when removed."""

import datetime

import pytest
from django.utils import timezone

from consultation.models import Ballot, Decision, Meeting, Motion, Seconding, Topic
from consultation.practice import make_practice_village
from consultation.quorum import Share, is_met
from consultation.topic_reads import seconds_count
from home.demo.files import read
from home.demo.load import load_demo, remove_demo
from residents.models import Appointment, Claim, Household, Resident, Village
from villagerules.models import RuleVersion

pytestmark = pytest.mark.django_db


def test_load_repeat_and_remove() -> None:
    load_demo(lambda step: None)
    _rolls_are_whole()
    _meetings_agree_with_the_files()
    _topics_are_in_every_state()
    counts = _counts()
    live = Meeting.objects.live().get()
    voter = live.roster.entries.filter(resident__claims__isnull=False).first()
    from consultation import voting

    motion = live.motions.get(state=Motion.State.OPEN)
    voting.cast_ballot(motion=motion, entry=voter, choice="for", key="entered-by-hand")
    load_demo(lambda step: None)
    assert _counts() == counts
    assert Ballot.objects.filter(key="entered-by-hand").exists()
    make_practice_village(like=live.village)
    assert remove_demo() == 9
    assert Village.objects.count() == Resident.objects.count() == Meeting.objects.count() == 0


def _counts() -> list[int]:
    return [
        model.objects.count()
        for model in (
            Village,
            Household,
            Resident,
            Appointment,
            Claim,
            Meeting,
            Decision,
            RuleVersion,
            Topic,
            Seconding,
        )
    ]


def _rolls_are_whole() -> None:
    today = timezone.localdate()
    for row in read("villages.yaml")["villages"]:
        village = Village.objects.get(slug=row["slug"])
        assert village.households.count() == row["households"]
        assert village.households.filter(representative__isnull=True).count() == 0
        assert village.residents.adults(today).count() == row["adults"]
        representatives = Appointment.objects.of(village).filter(role="representative")
        assert representatives.count() == row["representatives"]
        assert representatives.filter(resident__gender="f").count() == row["women_representatives"]
        for yard in row["yards"]:
            assert village.yards.get(slug=yard["slug"]).households.count() == yard["households"]
        names = list(village.residents.values_list("name", flat=True))
        assert len(set(names)) < len(names)  # namesakes


def _meetings_agree_with_the_files() -> None:
    for row in read("consultations.yaml")["meetings"]:
        meeting = Meeting.objects.get(village__slug=row["village"], title=row["title"])
        assert meeting.roster.entitled_count == row["electorate_size"]
        if row["status"] != "noticed":
            assert meeting.attendances.present().count() == row["present"]
            assert meeting.attendances.filter(entry__gender="f").count() == row["present_women"]
        for number, put in enumerate(row["motions"], start=1):
            motion = meeting.motions.get(number=number)
            if put["outcome"] in ("pending", "tabled"):
                continue
            decision = motion.latest_decision
            assert decision is not None
            assert decision.outcome == put["outcome"]
            if "tally" in put:
                assert decision.counts == put["tally"]
                assert decision.required == row["quorum_required"]
    live = Meeting.objects.live().get()
    assert live.starts_at <= timezone.now() < live.ends_at
    assert live.motions.filter(state=Motion.State.OPEN).count() == 1
    coming = Meeting.objects.get(state=Meeting.State.NOTICED)
    assert timezone.localdate(coming.starts_at) == timezone.localdate() + datetime.timedelta(days=3)


def _topics_are_in_every_state() -> None:
    today = timezone.localdate()
    rows = read("topics.yaml")["topics"]
    assert set(Topic.objects.values_list("state", flat=True)) == set(Topic.State) - {Topic.State.WITHDRAWN}
    assert Topic.objects.overdue(today).exists()
    for row in rows:
        topic = Topic.objects.get(village__slug=row["village"], title=row["title"])
        assert seconds_count(topic, on=today) == row["households"], row["title"]


def test_the_share_of_two_thirds_in_the_files_is_reached_as_they_say() -> None:
    assert is_met(351, 486, Share(">=", 2, 3))
    assert not is_met(14, 24, Share(">=", 2, 3))
