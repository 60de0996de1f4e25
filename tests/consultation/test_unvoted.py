"""What is talked about and not voted: what it came to, in words; and whose decision a matter is, as it is marked."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import AuditEntry
from consultation import attendance, meetings, minutes, tabling, unvoted, voting
from consultation.amendments import table_amendment
from consultation.board import read_board, results_of
from consultation.errors import Invalid, NoQuorum, WrongState
from consultation.ledger import read_ledger
from consultation.models import Meeting, Motion, Outcome, TopicCategory
from consultation.official.referral import motion_is_passed_on, motion_letter
from consultation.topic_categories import seed_topic_categories
from tests.factories.consultation import make_hall

pytestmark = pytest.mark.django_db

WORDS = "路灯装在井边，电费由屋场公摊。"


@pytest.fixture
def hall():
    """A yard's consultation with everybody there."""
    seed_topic_categories()
    hall = make_hall(6)
    own = {"binding": False, "body": "yard_consultation", "label": "屋场协商"}
    Meeting.objects.filter(pk=hall.meeting.pk).update(rules=hall.meeting.rules | own)
    hall.meeting.refresh_from_db()
    return hall


def put(hall, text="路灯装在哪里"):
    return unvoted.table_unvoted(meeting=hall.meeting, text=text, by=None)


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def land():
    return TopicCategory.objects.get(key="land", applies_to="village")


def test_an_agreement_stands_with_its_words_everywhere(hall):
    motion = put(hall)
    decision = unvoted.conclude(motion, outcome="consensus", words=f" {WORDS} ", by=None)
    assert (decision.outcome, decision.words, decision.counts, decision.present) == ("consensus", WORDS, {}, 6)
    assert read_board(hall.meeting).decision.explained == WORDS
    assert results_of(hall.meeting)[0].stamp == "一致"
    over = meetings.close_meeting(hall.meeting, by=None)
    facts = minutes.draft_minutes(over, by=None).facts["motions"][0]
    assert (facts["outcome_label"], facts["words"], facts["lines"]) == ("协商一致", WORDS, [])
    page = client_of(hall.recorder).get(over.address("minutes")).content.decode()
    assert (WORDS in page, "赞成" in page) == (True, False)
    ledger = read_ledger(hall.village, year=over.opened_at.year, today=over.opened_at.date())
    assert (ledger.motions, list(ledger.meetings[0].results)) == (0, [f"路灯装在哪里：协商一致（{WORDS}）"])


def test_what_is_refused(hall):
    motion = put(hall)
    for fields, error in (
        ({"outcome": "carried", "words": WORDS}, Invalid),
        ({"outcome": "consensus", "words": " "}, Invalid),
        ({"outcome": "unsettled", "words": ""}, Invalid),
        ({"outcome": "consensus", "words": "字" * 1001}, Invalid),
        ({"outcome": "referred", "words": WORDS}, Invalid),  # to nobody
    ):
        with pytest.raises(error):
            unvoted.conclude(motion, **fields, by=None)
    with pytest.raises(WrongState):
        voting.open_motion(motion, by=None)
    with pytest.raises(WrongState):
        table_amendment(motion, new_text="别的话", by=None)
    with pytest.raises(Invalid):
        put(hall, " ")
    voted = voting.table_motion(meeting=hall.meeting, text="修路", method="hands", by=None)
    with pytest.raises(WrongState):
        unvoted.conclude(voted, outcome="noted", words="", by=None)
    voting.open_motion(voted, by=None)
    with pytest.raises(WrongState):
        unvoted.conclude(motion, outcome="noted", words="", by=None)
    assert motion.decisions.count() == 0


def test_few_agree_on_nothing_but_hear_a_report(hall):
    motion = put(hall)
    for entry in hall.entries[1:]:
        attendance.check_out(hall.meeting, entry, by=None)
    with pytest.raises(NoQuorum):
        unvoted.conclude(motion, outcome="consensus", words=WORDS, by=None)
    assert unvoted.conclude(motion, outcome="noted", words="", by=None).outcome == Outcome.NOTED


def test_who_decides_decides_by_a_vote():
    hall = make_hall(6)
    motion = put(hall)
    with pytest.raises(Invalid, match="作决定要表决"):
        unvoted.conclude(motion, outcome="consensus", words=WORDS, by=None)
    assert unvoted.conclude(motion, outcome="unsettled", words="钱从哪里来没有谈拢", by=None).outcome == "unsettled"


def test_it_is_changed_with_a_reason_and_the_first_stays(hall):
    motion = put(hall)
    unvoted.conclude(motion, outcome="unsettled", words="没有谈拢", by=None)
    with pytest.raises(Invalid):
        unvoted.conclude(motion, outcome="consensus", words=WORDS, by=None)
    unvoted.conclude(motion, outcome="consensus", words=WORDS, by=None, reason="后来谈拢了")
    versions = motion.decisions.order_by("version").values_list("outcome", "reason")
    assert list(versions) == [("unsettled", ""), ("consensus", "后来谈拢了")]
    meetings.close_meeting(hall.meeting, by=None)
    with pytest.raises(WrongState):
        unvoted.conclude(motion, outcome="noted", words="", by=None, reason="改")


def test_in_a_mixed_meeting_what_is_marked_is_passed_on_and_the_rest_decided(hall):
    ours = voting.table_motion(meeting=hall.meeting, text="修路灯", method="online", by=None)
    theirs = voting.table_motion(meeting=hall.meeting, text="荒坪租给外村", method="online", by=None)
    talked = put(hall, "外租的地界")
    for motion in (theirs, talked):
        tabling.mark_reserved(motion, category=land(), reason="集体的地由成员大会定", by=None)
    for motion in (ours, theirs):
        motion = voting.open_motion(Motion.objects.get(pk=motion.pk), by=None)
        for entry in hall.entries[:5]:
            voting.cast_ballot(motion=motion, entry=entry, choice="for", key=str(entry.pk))
        voting.close_motion(motion, by=None)
    unvoted.conclude(talked, outcome="referred", words="大家想先量一次地", by=None)
    outcomes = {one.number: one.latest_decision.outcome for one in hall.meeting.motions.all()}
    assert outcomes == {ours.number: "carried", theirs.number: "referred", talked.number: "referred"}
    talked.refresh_from_db()
    assert talked.referred_to == "提请农村集体经济组织成员大会"
    assert motion_is_passed_on(talked)
    assert motion_letter(talked).startswith(b"PK")
    entry = AuditEntry.objects.filter(action="mark_reserved").first()
    assert (entry.detail["category"], entry.detail["reason"]) == ("land", "集体的地由成员大会定")
    with pytest.raises(WrongState):
        tabling.mark_reserved(theirs, category=None, reason="标错了", by=None)


def test_a_mark_needs_a_reason_and_a_matter_of_somebody_else(hall):
    motion = put(hall)
    for category, reason in ((land(), " "), (TopicCategory.objects.filter(reserved_for="").first(), "因为")):
        with pytest.raises(Invalid):
            tabling.mark_reserved(motion, category=category, reason=reason, by=None)
    tabling.mark_reserved(motion, category=land(), reason="集体的地", by=None)
    tabling.mark_reserved(motion, category=None, reason="不是集体的地", by=None)
    motion.refresh_from_db()
    assert (motion.reserved_for, motion.reserved_category) == ("", None)


def test_the_recorder_does_all_of_it_in_the_console(hall):
    recorder, address = client_of(hall.recorder), hall.meeting.address
    assert recorder.post(address("table_unvoted"), {"text": ""}).status_code == 422
    recorder.post(address("table_unvoted"), {"text": "路灯装在哪里"})
    motion = hall.meeting.motions.get()
    refused = recorder.post(address("conclude_item", motion.number), {"outcome": "consensus", "words": ""})
    assert (refused.status_code, "请写明谈成什么" in refused.content.decode()) == (422, True)
    marked = {"category": land().pk, "reason": "集体的地"}
    assert recorder.post(address("mark_reserved", motion.number), {"reason": ""}).status_code == 422
    assert recorder.post(address("mark_reserved", motion.number), marked).status_code == 303
    assert "今天只听意见，结果会转办" in recorder.get(address("console")).content.decode()
    done = recorder.post(address("conclude_item", motion.number), {"outcome": "referred", "words": WORDS})
    assert done.status_code == 303
    page = client_of(hall.account(4)).get(hall.meeting.get_absolute_url()).content.decode()
    assert (WORDS in page, "提请农村集体经济组织成员大会" in page) == (True, True)
    assert client_of(hall.account(4)).post(address("table_unvoted"), {"text": "x"}).status_code == 403
