import pytest
from django.db import transaction
from django.test import Client

from consultation import attendance, meetings, minutes, signing, voting
from consultation.bulletins import bulletin_of
from consultation.errors import Invalid, SamePerson, Stale, WrongState
from consultation.models import Meeting, Minutes, Motion, RosterEntry
from residents.models import Resident
from tests.factories.consultation import close_vote, make_hall, open_vote, sign_all
from tests.factories.residents import appoint, make_account, make_resident

pytestmark = pytest.mark.django_db


def held(*, votes=(4, 1, 1), present=None, **fields):
    """A meeting that is over, with one motion decided by phone."""
    hall = make_hall(8, present=present, **fields)
    close_vote(hall, votes=votes)
    meetings.close_meeting(hall.meeting, by=None)
    hall.meeting = Meeting.objects.select_related("roster").get(pk=hall.meeting.pk)
    return hall


def draft(hall):
    return minutes.draft_minutes(hall.meeting, by=None)


def edit(draft_of, revision, proceedings="讨论了一个小时。", opinion=""):
    return minutes.edit_minutes(draft_of, revision=revision, proceedings=proceedings, opinion=opinion, by=None)


def signed(hall):
    checked = minutes.check_minutes(draft(hall), checker=hall.people[4], by=None)
    return sign_all(checked)


def stored(thing):
    return Minutes.objects.filter(pk=thing.pk).values().get()


# Drafting


def test_the_draft_holds_what_was_recorded():
    hall = make_hall(8, present=6)
    RosterEntry.objects.filter(number__in=(1, 2)).update(gender="f")
    motion = close_vote(hall, votes=(4, 1, 1))
    attendance.check_out(hall.meeting, hall.entries[0], by=None)
    meetings.hand_over(hall.meeting, role="chair", to=hall.people[5], by=None)
    Meeting.objects.filter(pk=hall.meeting.pk).update(urgent_reason="山洪预警")
    hall.meeting = meetings.close_meeting(hall.meeting, by=None)
    facts = draft(hall).facts
    assert facts.pop("time")
    assert facts == {
        "place": "晒谷坪",
        "body": "村民会议（户代表）",
        "basis": "《中华人民共和国村民委员会组织法》第二十五条、第二十六条",
        "chair": f"{hall.people[0].name}、{hall.people[5].name}",
        "recorder": hall.people[1].name,
        "teller": "",
        "scrutineer": hall.people[2].name,
        "invited": "",
        "urgent_reason": "山洪预警",
        "remote_basis": "",
        "entitled": 8,
        "present": 6,
        "women": 2,
        "absent": 2,
        "methods": {"recorder": 6},
        "required": 6,
        "quorum": "三分之二以上",
        "unit": "户代表",
        "motions": [
            {
                "number": 1,
                "text": "晒谷坪设临时停车处",
                "method": "手机",
                "secret": False,
                "lines": [
                    {"key": "for", "label": "赞成", "count": 4},
                    {"key": "against", "label": "反对", "count": 1},
                    {"key": "abstain", "label": "弃权", "count": 1},
                ],
                "outcome": "carried",
                "outcome_label": "通过",
                "arithmetic": (
                    "应到 8 户代表，实到 6，达到三分之二以上（至少 6），有效；"
                    "赞成 4，超过到会人员的半数（至少 4）；反对 1，弃权 1，通过。"
                ),
                "note": "",
                "bulletin": {"number": 1, "root": bulletin_of(motion).root},
            }
        ],
    }


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ("2026-11-26T15:40:00Z", "2026-11-26 19:30—23:40"),
        ("2026-11-26T16:00:00Z", "2026-11-26 19:30—2026-11-27 00:00"),
        ("2026-12-31T18:05:00Z", "2026-11-26 19:30—2027-01-01 02:05"),
    ],
)
def test_a_meeting_past_midnight_ends_on_its_own_day(ended, said):
    hall = held()
    Meeting.objects.filter(pk=hall.meeting.pk).update(opened_at="2026-11-26T11:30:00Z", closed_at=ended)
    hall.meeting.refresh_from_db()
    assert draft(hall).facts["time"] == said


def test_who_was_there_twice_was_there_once_and_a_voided_check_in_never():
    hall = make_hall(8)
    attendance.check_out(hall.meeting, hall.entries[0], by=None)
    attendance.check_in(hall.meeting, hall.entries[:1], method="recorder", by=None)
    attendance.undo_check_in(hall.meeting, hall.entries[1], by=None, reason="签错人")
    hall.meeting = meetings.close_meeting(hall.meeting, by=None)
    facts = draft(hall).facts
    assert (facts["present"], facts["absent"], facts["methods"]) == (7, 1, {"recorder": 7})


def test_a_basis_nobody_checked_is_not_printed():
    hall = held()
    Meeting.objects.filter(pk=hall.meeting.pk).update(rules=hall.meeting.rules | {"verified": False})
    hall.meeting.refresh_from_db()
    assert draft(hall).facts["basis"] == ""


def test_drafting_again_is_the_same_draft():
    hall = held()
    first = draft(hall)
    edit(first, 1)
    assert draft(hall) == first
    assert Minutes.objects.get().proceedings == "讨论了一个小时。"


def test_a_meeting_put_off_has_minutes_too():
    hall = make_hall(8, present=2)
    hall.meeting = meetings.adjourn_meeting(hall.meeting, by=None, reason="只到了两户")
    facts = draft(hall).facts
    assert (facts["present"], facts["required"], facts["motions"]) == (2, 6, [])


# Editing


def test_each_save_raises_the_revision():
    minute = draft(held())
    assert edit(minute, 1).revision == 2
    assert edit(minute, 2, opinion="大家同意。").revision == 3
    saved = Minutes.objects.get()
    assert (saved.proceedings, saved.opinion) == ("讨论了一个小时。", "大家同意。")


@pytest.mark.parametrize("revision", [0, 1, 3, -1])
def test_who_has_not_seen_the_newest_does_not_overwrite_it(revision):
    minute = draft(held())
    edit(minute, 1, "别人写的。")
    before = stored(minute)
    with pytest.raises(Stale) as refusal:
        edit(minute, revision, "我写的。")
    assert refusal.value.code == "stale"
    assert stored(minute) == before


# Checking


@pytest.mark.parametrize("place", [0, 1])
def test_chair_and_recorder_do_not_check_their_own_minutes(place):
    hall = held()
    minute = draft(hall)
    with pytest.raises(SamePerson):
        minutes.check_minutes(minute, checker=hall.people[place], by=None)
    assert Minutes.objects.get().state == "draft"


def test_who_chaired_for_a_while_does_not_check_either():
    hall = make_hall(8)
    meetings.hand_over(hall.meeting, role="chair", to=hall.people[5], by=None)
    hall.meeting = meetings.close_meeting(hall.meeting, by=None)
    minute = draft(hall)
    for person in (hall.people[0], hall.people[5]):
        with pytest.raises(SamePerson):
            minutes.check_minutes(minute, checker=person, by=None)
    assert minutes.check_minutes(minute, checker=hall.people[6], by=None).state == "checked"


def test_what_is_checked_is_changed_only_after_it_was_given_back():
    hall = held()
    minute = minutes.check_minutes(draft(hall), checker=hall.people[4], by=None, note="属实")
    assert (minute.checked_by, minute.check_note) == (hall.people[4], "属实")
    with pytest.raises(WrongState):
        edit(minute, minute.revision)
    given_back = minutes.return_minutes(minute, by=None, note="请补写讨论情况")
    assert (given_back.state, given_back.checked_by, given_back.check_note) == ("draft", None, "请补写讨论情况")
    assert edit(given_back, given_back.revision).state == "draft"


def test_who_edits_while_it_is_checked_notices():
    """The checker has read one text; the recorder, with the older page open, must not slip in another."""
    hall = held()
    minute = minutes.check_minutes(draft(hall), checker=hall.people[4], by=None)
    minutes.return_minutes(minute, by=None, note="请补写")
    with pytest.raises(Stale):
        edit(minute, 1)


@pytest.mark.parametrize("note", ["", "  \n"])
def test_giving_back_says_what_is_wrong(note):
    minute = draft(held())
    with pytest.raises(Invalid) as refusal:
        minutes.return_minutes(minute, by=None, note=note)
    assert refusal.value.field == "reason"


# Signing and publishing


def test_signing_follows_checking_and_publishing_follows_signing():
    hall = held()
    minute = draft(hall)
    for too_early in (
        lambda: signing.sign_minutes(minute, signer=hall.people[0], by=None),
        lambda: minutes.publish_minutes(minute, by=None),
    ):
        with pytest.raises(WrongState):
            too_early()
    minutes.check_minutes(minute, checker=hall.people[4], by=None)
    with pytest.raises(WrongState):
        minutes.publish_minutes(minute, by=None)
    assert sign_all(Minutes.objects.get()).state == "signed"
    assert minutes.publish_minutes(minute, by=None).state == "published"
    assert Meeting.objects.get(pk=hall.meeting.pk).state == "results_published"


def test_what_is_signed_does_not_change():
    hall = held()
    minute = signed(hall)
    before = stored(minute)
    assert len(before["digest"]) == 64
    acts = [
        lambda: edit(minute, minute.revision),
        lambda: minutes.check_minutes(minute, checker=hall.people[5], by=None),
        lambda: minutes.return_minutes(minute, by=None, note="改一个字"),
        lambda: signing.sign_minutes(minute, signer=hall.people[0], by=None),
    ]
    for act in acts:
        with pytest.raises(WrongState):
            act()
    assert minutes.draft_minutes(hall.meeting, by=None) == minute
    assert stored(minute) == before


def test_what_is_signed_is_a_copy_of_what_was_so_then():
    hall = held()
    minute = signed(hall)
    before = stored(minute)
    Resident.objects.of(hall.village).update(name="改名人")
    RosterEntry.objects.update(name="改名人", gender="f")
    Motion.objects.update(text="另一件事")
    Meeting.objects.filter(pk=hall.meeting.pk).update(place="村部", rules={})
    assert stored(minute) == before
    assert minutes.publish_minutes(minute, by=None).facts == before["facts"]


def test_signing_copies_the_facts_anew_so_that_a_draft_does_not_grow_old():
    hall = held()
    minute = minutes.check_minutes(draft(hall), checker=hall.people[4], by=None)
    Minutes.objects.filter(pk=minute.pk).update(facts={"present": 999})
    assert signing.sign_minutes(minute, signer=hall.people[0], by=None).facts["present"] == 8


def test_the_digest_speaks_for_facts_and_words():
    digests = set()
    for proceedings, opinion in (("甲", ""), ("乙", ""), ("甲", "乙")):
        hall = held()
        with transaction.atomic():
            edit(draft(hall), 1, proceedings, opinion)
            minute = signed(hall)
            Minutes.objects.filter(pk=minute.pk).update(facts={})
        digests.add(minute.digest)
    assert len(digests) == 3


def test_results_published_before_the_minutes_are_not_published_twice():
    hall = held()
    minute = signed(hall)
    meetings.publish_results(hall.meeting, by=None)
    assert minutes.publish_minutes(minute, by=None).state == "published"


# Reading


def test_names_beside_choices_are_for_the_village_and_only_once_announced():
    hall = make_hall(8)
    close_vote(hall, votes=(2, 1, 0))
    open_motion = open_vote(hall, text="第二项")
    voting.cast_ballot(motion=open_motion, entry=hall.entries[7], choice="against", key="a")
    names = [person.name for person in hall.people]
    assert minutes.named_ballots(hall.meeting) == [
        {
            "text": "晒谷坪设临时停车处",
            "lines": [{"label": "赞成", "names": names[:2]}, {"label": "反对", "names": names[2:3]}],
        }
    ]


def who_reads(hall):
    url = hall.meeting.address("minutes")
    other = make_hall()
    readers = {
        "visitor": Client(),
        "stranger": Client(),
        "villager": Client(),
    }
    readers["stranger"].force_login(other.chair)
    readers["villager"].force_login(make_account(make_resident(hall.village)))
    return {name: client.get(url) for name, client in readers.items()}


def test_minutes_on_their_way_are_read_by_the_village_only():
    hall = held()
    draft(hall)
    statuses = {name: page.status_code for name, page in who_reads(hall).items()}
    assert statuses == {"visitor": 404, "stranger": 404, "villager": 200}


def test_visitors_read_the_result_and_no_names_of_voters():
    hall = held(votes=(5, 2, 1))
    appoint(hall.people[4], "supervisory_chair")
    minutes.publish_minutes(signed(hall), by=None)
    Minutes.objects.update(proceedings=f"{hall.people[5].name}：水大，要先修渠。")
    # The officers, among them the checker, stand in the minutes by name; the other voters do not.
    voters = {hall.people[3].name, *(person.name for person in hall.people[5:])}
    for name, page in who_reads(hall).items():
        assert page.status_code == 200
        assert "赞成 5，超过到会人员的半数（至少 5）；反对 2，弃权 1，通过。" in page.text
        shown = {voter for voter in voters if voter in page.text}
        assert shown == (voters if name == "villager" else set())
        assert ("记名表决名单" in page.text) == (name == "villager")
        assert ("要先修渠" in page.text) == (name == "villager")
