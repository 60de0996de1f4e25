"""What somebody else decides by law may be voted here as an opinion; its outcome is that it is passed on."""

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from consultation import checker, meetings, settling, sheets, tabling, topics, voting
from consultation.bulletins import bulletin_of
from consultation.errors import Invalid
from consultation.models import Meeting, Outcome, ProcedurePreset, ReservedFor
from consultation.presets import seed_presets
from consultation.quorum import Share
from consultation.reserved import as_referred, is_only_opinion
from consultation.tally import Tally, decide
from residents import two_people
from tests.consultation.test_official_papers import client_of
from tests.factories.consultation import call, close_vote, make_hall, open_vote
from tests.factories.residents import appoint
from tests.factories.topics import make_topic

OWN = {
    "villagers_assembly": {"villagers_assembly", "villagers_representative_assembly"},
    "residents_assembly": {"residents_assembly", "residents_representative_assembly"},
    "collective_members_assembly": {"collective_members_assembly"},
    "owners_vote": set(),
    "government": set(),
}
SENTENCE = "这件事由“村民会议（或者它授权的村民代表会议）”定"

script = checker._script()


# The rule


@pytest.mark.django_db
def test_only_the_very_body_decides_what_is_reserved_for_it():
    seed_presets()
    for preset in ProcedurePreset.objects.all():
        decides = {
            kind for kind in ReservedFor.values if not is_only_opinion(kind, body=preset.body, binding=preset.binding)
        }
        assert decides == {kind for kind, bodies in OWN.items() if preset.body in bodies}, preset.key
        assert not is_only_opinion("", body=preset.body, binding=preset.binding)


bodies = st.sampled_from(sorted({body for found in OWN.values() for body in found} | {"yard_consultation", "x"}))
numbers = st.integers(0, 40)


@given(st.sampled_from([*ReservedFor.values, "of a later law"]), bodies, numbers, numbers, numbers, st.integers(0, 60))
def test_no_consultation_about_a_reserved_matter_ever_carries(reserved_for, body, votes_for, against, abstain, others):
    assert is_only_opinion(reserved_for, body=body, binding=False)
    present = votes_for + against + abstain
    verdict = decide(
        tally=Tally({"for": votes_for, "against": against, "abstain": abstain}), entitled=present + others,
        present=present, quorum=Share(">=", 1, 2), threshold=Share(">", 1, 2), threshold_of="present",
    )  # fmt: skip
    outcome = as_referred(verdict.outcome, referred_to="村民会议")
    assert outcome == ("inquorate" if verdict.outcome == "inquorate" else "referred")
    assert as_referred(verdict.outcome, referred_to="") == verdict.outcome


# In a meeting


def consultation(**rules):
    hall = make_hall()
    own = {"binding": False, "body": "yard_consultation", "label": "屋场协商"} | rules
    Meeting.objects.filter(pk=hall.meeting.pk).update(rules=hall.meeting.rules | own)
    hall.meeting.refresh_from_db()
    return hall


def vote(hall, *, method="online", **fields):
    return open_vote(hall, text="每户筹资一百二十元", method=method, reserved_for="villagers_assembly", **fields)


@pytest.mark.django_db
@pytest.mark.parametrize("choice", ["for", "against"])
def test_its_outcome_is_that_it_is_passed_on_whatever_most_think(choice):
    hall = consultation()
    motion = vote(hall)
    for entry in hall.entries:
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{entry.pk}")
    motion = voting.close_motion(motion, by=None)
    motion.refresh_from_db()
    decision = motion.latest_decision
    assert decision.outcome == Outcome.REFERRED
    assert decision.counts[choice] == 6
    assert motion.referred_to == "提请村民会议（或者它授权的村民代表会议）"
    assert decision.arithmetic.endswith(f"；{SENTENCE}，这次表决只是意见，结果转办。")
    bulletin = bulletin_of(motion)
    assert all(holds for holds, *_said in script.report(bulletin.body.encode(), False))


@pytest.mark.django_db
def test_between_options_it_tells_what_most_want_and_there_is_no_second_round():
    hall = consultation()
    motion = open_vote(
        hall, text="棚建在哪", method="online", kind="choice", options=["北门", "后坡", "车库"],
        reserved_for="owners_vote",
    )  # fmt: skip
    for entry, choice in zip(hall.entries, "AABBCC", strict=True):
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{entry.pk}")
    decision = voting.close_motion(motion, by=None).latest_decision
    assert (decision.outcome, decision.winner, decision.going_on) == ("referred", "", "")
    assert decision.arithmetic.endswith("这件事由“业主共同决定”定，这次表决只是意见，结果转办。")
    assert hall.meeting.motions.count() == 1
    assert all(holds for holds, *_said in script.report(bulletin_of(motion).body.encode(), False))


@pytest.mark.django_db
def test_a_bulletin_that_calls_it_carried_is_caught():
    hall = consultation()
    motion = vote(hall)
    for entry in hall.entries:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{entry.pk}")
    body = bulletin_of(voting.close_motion(motion, by=None)).body
    changed = body.replace('"outcome":"referred"', '"outcome":"carried"')
    assert changed != body
    failed = [name for holds, name, *_facts in script.check(*script.parse(changed.encode())) if not holds]
    assert failed == ["root", "verdict"]


@pytest.mark.django_db
def test_the_very_body_decides_it_and_another_matter_is_decided_as_ever():
    hall = make_hall()  # the villagers' assembly
    motion = vote(hall)
    for entry in hall.entries:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{entry.pk}")
    motion = voting.close_motion(motion, by=None)
    motion.refresh_from_db()
    assert (motion.latest_decision.outcome, motion.referred_to) == ("carried", "")
    assert "referred_to" not in motion.definition
    assert close_vote(consultation(), votes=(6, 0, 0)).latest_decision.outcome == "carried"


@pytest.mark.django_db
def test_a_binding_meeting_of_another_body_does_not_decide_it():
    motion = vote(consultation(binding=True, body="group_meeting"))
    assert motion.definition["referred_to"] == "村民会议（或者它授权的村民代表会议）"


@pytest.mark.django_db
def test_a_corrected_count_stays_an_opinion():
    hall = consultation()
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    motion = voting.close_motion(vote(hall, method="hands"), by=None)
    for person in hall.people[:2]:
        sheets.enter_hands(motion, reader=person, counts={"for": 2, "against": 4, "abstain": 0}, by=None)
    voting.announce_result(motion, by=None)
    motion.refresh_from_db()
    proposal = settling.propose_correction(
        motion, motion.sheets.get(), numbers={"for_count": 6, "against_count": 0}, reason="看错了行",
        by=hall.account(3),
    )  # fmt: skip
    with transaction.atomic():
        two_people.decide(proposal, by=hall.account(4), accept=True)
    assert [one.outcome for one in motion.decisions.order_by("version")] == ["referred", "referred"]


@pytest.mark.django_db
def test_nobody_can_be_named_who_decides_nothing():
    with pytest.raises(Invalid) as refusal:
        voting.table_motion(meeting=consultation().meeting, text="筹资", by=None, reserved_for="the_chair")
    assert refusal.value.field == "reserved_for"


@pytest.mark.django_db
def test_a_topic_that_is_passed_on_is_talked_about_and_its_vote_is_an_opinion():
    hall = make_hall(live=False)
    topic = make_topic(hall.village, hall.people[3], about="land")
    topic = topics.answer(
        topic, topics.Answer(topics.State.REFERRED, "要成员大会定。", published_title="水面怎么包"), by=None
    )
    own = make_topic(hall.village, hall.people[4])
    own = topics.answer(own, topics.Answer(topics.State.ACCEPTED, "开会。", published_title="路灯"), by=None)
    meeting = call(hall.village, hall.people, preset="yard_consultation", topics=[topic], yard=None)
    item = meeting.agenda.get(topic=topic)
    for agenda_item in (item, meeting.agenda.filter(kind="voting").first(), None):
        put = voting.table_motion(meeting=meeting, text="水面承包方案", agenda_item=agenda_item, by=None)
        assert put.reserved_for == "collective_members_assembly"
        assert tabling.referred_to(put) == "农村集体经济组织成员大会"
    mixed = call(hall.village, hall.people, preset="yard_consultation", topics=[topic, own])
    for agenda_item in (mixed.agenda.get(topic=own), None):
        put = voting.table_motion(meeting=mixed, text="别的", agenda_item=agenda_item, by=None)
        assert put.reserved_for == ""


# The pages


@pytest.mark.django_db
def test_the_console_says_it_before_and_everybody_reads_it_during_the_vote():
    hall = consultation()
    chair = client_of(hall.chair)
    console = hall.meeting.address("console")
    assert "这件事法律规定由谁决定" in chair.get(console).text
    typed = {"text": "每户筹资一百二十元", "method": "online", "reserved_for": "villagers_assembly"}
    assert chair.post(hall.meeting.address("table_motion"), typed).status_code == 303
    said = f"{SENTENCE}，今天的表决只是意见，结果会转办"
    assert said in chair.get(console).text
    voting.open_motion(hall.meeting.motions.get(), by=None)
    for address in (console, hall.meeting.address("board")):
        assert said in chair.get(address).text
    voting.close_motion(hall.meeting.motions.get(), by=None)
    meetings.close_meeting(hall.meeting, by=None)
    page = client_of(hall.account(5)).get(hall.meeting.get_absolute_url()).text
    assert "提请村民会议（或者它授权的村民代表会议）" in page
