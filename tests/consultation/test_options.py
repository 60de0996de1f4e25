"""Votes between options: what a ballot may say, what follows from the numbers, and every way in."""

import itertools
import json
import re
import secrets

import pytest
from django.test import Client

from consultation import attendance, checker, kiosk, meetings, minutes, paper, settling, sheets, tabling, voting
from consultation.board import read_board, read_pulse
from consultation.bulletin_text import board_code, slip_key
from consultation.bulletins import bulletin_of
from consultation.choosing import require_choice
from consultation.errors import Invalid, MeetingError
from consultation.models import Ballot, Counted, Motion
from consultation.options import Form, form_of, key_at, keyed, picks_of
from consultation.quorum import Share
from consultation.secret_ballots import cast_secret
from consultation.tally import CountError, Tally, decide_options
from residents.two_people import decide
from tests.factories.acting import make_kiosk
from tests.factories.consultation import make_hall, open_vote

from .plain_vote import Vote

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
ONE, SEVERAL = Motion.Kind.CHOICE, Motion.Kind.MULTI_CHOICE
THREE, TWO_OF_THREE = Form(("A", "B", "C")), Form(("A", "B", "C"), 2, True)
POND = ["全部用挖机", "全部人工", "老坝一侧人工"]


def between(hall, kind=ONE, options=POND, **fields):
    return open_vote(hall, kind=kind, options=options, **fields)


def cast(motion, hall, *choices, start=0):
    for entry, choice in zip(hall.entries[start:], choices, strict=False):
        voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{entry.pk}")


def cast_unseen(motion, hall, *choices, start=0):
    for entry, choice in zip(hall.entries[start:], choices, strict=False):
        own = secrets.token_bytes(16)
        cast_secret(motion=motion, entry=entry, choice=choice, slip=slip_key(own), board=board_code(own))


def read_by_two(hall, motion, method, **numbers):
    for person in hall.people[1:3]:
        sheet = sheets.enter_reading(motion, method=method, reader=person, numbers=numbers, by=None)
    return sheet


def assert_checked(motion):
    """The bulletin holds before the script that anybody runs."""
    body = bulletin_of(motion).body
    assert [line for line in checker._script().report(body.encode(), False) if not line[0]] == []
    return json.loads(body)


# What a ballot may say


def test_fifty_options_have_keys_that_stay_apart_one_after_the_other():
    keys = [key_at(place) for place in range(50)]
    assert picks_of("".join(keys)) == tuple(keys)
    assert len(set(keys)) == 50


@pytest.mark.parametrize(
    ("form", "choice", "fault"),
    [
        (Form(), "for", ""), (Form(), "A", "none"), (Form(), "forabstain", "none"),
        (THREE, "B", ""), (THREE, "abstain", ""), (THREE, "for", "none"), (THREE, "D", "none"), (THREE, "", "none"),
        (THREE, "AB", "many"), (TWO_OF_THREE, "CA", ""), (TWO_OF_THREE, "ABC", "many"), (TWO_OF_THREE, "AA", "none"),
        (TWO_OF_THREE, "Aabstain", "abstain"), (TWO_OF_THREE, "A,B", "none"), (TWO_OF_THREE, "ABCabstain", "abstain"),
    ],
)  # fmt: skip
def test_what_a_ballot_may_say(form, choice, fault):
    assert form.fault(choice) == fault


@pytest.mark.parametrize(
    ("form", "choice", "said"),
    [
        (Form(), "A", "请选择赞成、反对或者弃权，再按“投票”。"),
        (THREE, "D", "请选一个方案，或者选弃权，再按“投票”。"),
        (THREE, "AB", "只能选一个。请只留一个，再按“投票”。"),
        (THREE, "Aabstain", "弃权就不要再选方案。请只留一样，再按“投票”。"),
        (TWO_OF_THREE, "D", "请选 1 到 2 个方案，或者只选弃权，再按“投票”。"),
        (TWO_OF_THREE, "ABC", "最多选 2 个，您选了 3 个。请去掉几个，再按“投票”。"),
    ],
)
def test_what_is_said_of_a_ballot_that_cannot_be_taken(form, choice, said):
    with pytest.raises(Invalid) as refused:
        require_choice(form, choice)
    assert (refused.value.message, refused.value.field) == (said, "choice")


def test_a_ballot_is_kept_in_the_ballots_order():
    assert [require_choice(TWO_OF_THREE, said) for said in ("CA", "B", "abstain")] == ["AC", "B", "abstain"]
    assert require_choice(Form(), "against") == "against"


@pytest.mark.parametrize(
    ("options", "most", "field"),
    [
        (["只有一个"], 1, "options"), ([f"方案{number}" for number in range(51)], 1, "options"),
        (["修", " 修 "], 1, "options"), (["修" * 201, "不修"], 1, "options"), (POND, 0, "most"), (POND, 3, "most"),
    ],
)  # fmt: skip
def test_options_that_make_no_ballot_are_refused(options, most, field):
    hall = make_hall(3, live=False)
    with pytest.raises(Invalid) as refused:
        tabling.table_motion(meeting=hall.meeting, text="清塘", by=None, kind=SEVERAL, options=options, most=most)
    assert refused.value.field == field


def test_what_nobody_chose_has_no_votes():
    assert THREE.scores({"A": 2}) == {"A": 2, "B": 0, "C": 0}


def test_two_options_are_enough():
    hall = make_hall(3, live=False)
    motion = tabling.table_motion(meeting=hall.meeting, text="清塘", by=None, kind=ONE, options=["修", "不修"])
    assert motion.form.keys == ("A", "B")


def test_belenios_and_other_kinds_take_no_options():
    hall = make_hall(3, live=False)
    for fields in ({"kind": ONE, "method": "belenios"}, {"kind": "opinion"}):
        with pytest.raises(Invalid):
            tabling.table_motion(meeting=hall.meeting, text="清塘", by=None, options=POND, **fields)


# What follows from the numbers


def follows(votes, *, present=20, abstain=0, most=1, several=False, voters=None, threshold=None, again=False):
    form = form_of(SEVERAL if several else ONE, keyed("甲乙丙丁"[: len(votes)]), most)
    counts = dict(zip(form.keys, votes, strict=True)) | {"abstain": abstain}
    found = decide_options(
        tally=Tally(counts), form=form, voters=sum(counts.values()) if voters is None else voters, entitled=24,
        present=present, quorum=Share(">=", 2, 3), threshold=threshold or Share(">", 1, 2), threshold_of="present",
        in_runoff=again,
    )  # fmt: skip
    return found.outcome, found.winner, found.going_on


@pytest.mark.parametrize(
    ("votes", "fields", "outcome"),
    [
        ((11, 5, 4), {}, ("carried", "A", "")),
        ((10, 5, 5), {}, ("runoff", "", "ABC")),  # exactly half is not more; B and C are level in second place
        ((9, 6, 5), {}, ("runoff", "", "AB")),
        ((7, 7, 6), {}, ("runoff", "", "AB")),
        ((6, 6, 6), {"abstain": 2}, ("tied", "", "")),  # a runoff would ask the same again
        ((0, 0, 0), {"abstain": 9}, ("lost", "", "")),
        ((9, 0, 0), {}, ("lost", "", "")),  # nobody to run against
        ((10, 9), {"abstain": 1}, ("runoff", "", "AB")),
        ((10, 10), {"threshold": Share(">=", 1, 2)}, ("tied", "", "")),
        ((8, 8, 4), {"threshold": Share(">=", 1, 3)}, ("runoff", "", "AB")),
        ((9, 8, 3), {"threshold": Share(">=", 1, 3)}, ("carried", "A", "")),
        ((10, 9), {"again": True}, ("lost", "", "")),
        ((9, 9), {"again": True}, ("tied", "", "")),
        ((11, 9), {"again": True}, ("carried", "A", "")),
        ((12, 3), {"present": 15}, ("inquorate", "", "")),
    ],
)
def test_one_is_picked(votes, fields, outcome):
    assert follows(votes, **fields) == outcome


@pytest.mark.parametrize(
    ("votes", "fields", "outcome"),
    [
        ((15, 12, 3, 2), {}, ("carried", "AB", "")),
        ((15, 10, 3, 2), {}, ("carried", "A", "")),
        ((15, 12, 12, 2), {}, ("runoff", "A", "BC")),
        ((12, 12, 12, 2), {}, ("runoff", "", "ABC")),
        ((13, 13, 11, 2), {}, ("carried", "AB", "")),
        ((12, 12, 12), {}, ("tied", "", "")),
        ((9, 8, 8, 8), {}, ("lost", "", "")),
        ((15, 12, 12, 2), {"again": True}, ("carried", "A", "")),
        ((12, 12), {"most": 1, "again": True}, ("tied", "", "")),
    ],
)
def test_several_are_picked(votes, fields, outcome):
    assert follows(votes, **({"most": 2, "several": True, "voters": 20} | fields)) == outcome


@pytest.mark.parametrize("several", [False, True])
def test_whatever_three_options_get_the_plain_count_says_the_same(several):
    present = 6
    plain = Vote(1, "online", False, False, kind=SEVERAL if several else ONE)
    for votes in itertools.product(range(present + 1), repeat=3):
        if several or sum(votes) <= present:
            found = decide_options(
                tally=Tally(dict(zip("ABC", votes, strict=True))), form=TWO_OF_THREE if several else THREE,
                voters=present, entitled=7, present=present, quorum=Share(">=", 2, 3), threshold=Share(">", 1, 2),
                threshold_of="present",
            )  # fmt: skip
            said = plain.between(present, dict(zip("ABC", votes, strict=True)))
            assert (found.outcome, found.winner, found.going_on) == said, votes


def test_where_all_entitled_are_the_base_those_who_stayed_away_count():
    counts = Tally({"A": 11, "B": 5, "C": 4})
    fields = {
        "tally": counts, "form": THREE, "voters": 20, "entitled": 24, "present": 20, "quorum": Share(">=", 2, 3),
        "threshold": Share(">", 1, 2),
    }  # fmt: skip
    found = [decide_options(**fields, threshold_of=base) for base in ("present", "electorate")]
    assert [(one.outcome, one.base, one.needed) for one in found] == [("carried", 20, 11), ("runoff", 24, 13)]


def test_more_votes_than_people_cannot_be():
    for fields in (
        {"votes": (12, 9)}, {"votes": (3, 3), "present": 25}, {"votes": (9, 9), "several": True, "voters": 21},
        {"votes": (21, 9), "several": True, "voters": 20},
    ):  # fmt: skip
        with pytest.raises(CountError):
            follows(**fields)


# One of them, openly


def test_an_open_choice_over_every_way_in(client):
    hall = make_hall(9)
    motion = between(hall, method="hands_and_online", counts_shown=True)
    address = hall.meeting.address("cast", motion.number)
    client.force_login(hall.account(3))
    page = client.get(hall.meeting.get_absolute_url()).content.decode()
    assert all(f'value="{key}"' in page for key in ("A", "B", "C", "abstain"))
    assert 'value="against"' not in page
    fourth, fifth, sixth = hall.entries[3:6]
    said = client.post(address, {"entry": fourth.number, "choice": "C", "key": "k"}, headers=JSON).json()
    assert (said["choice"], "老坝一侧人工" in said["message"]) == ("C", True)
    for wrong in ("for", "D", "AB", ""):
        refused = client.post(address, {"entry": fourth.number, "choice": wrong, "key": "x"}, headers=JSON)
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, "choice")
    client.force_login(hall.account(4))
    again = client.post(address, {"entry": fifth.number, "choice": ["A", "C"], "key": "k2"})
    assert (again.status_code, again.content.decode().count(" checked")) == (422, 2)  # what was ticked stays
    assert client.post(address, {"entry": fifth.number, "choice": "C", "key": "k2"}).status_code == 303
    tablet, token = make_kiosk(hall)
    call = kiosk.call_up(tablet, sixth).call
    screen = Client()
    screen.cookies["kiosk"] = token
    home, own = hall.meeting.address("kiosk"), secrets.token_hex(16)
    review = screen.post(home, {"call": call, "choice": "C", "step": "review"}).content.decode()
    assert "老坝一侧人工" in review
    assert screen.post(home, {"call": call, "choice": "D", "secret": own}).status_code == 422
    assert screen.post(home, {"call": call, "choice": "C", "secret": own, "step": "cast"}).status_code == 200
    recorder = Client()
    recorder.force_login(hall.recorder)
    entered = {"entry": hall.entries[6].number, "choice": "A", "key": "r"}
    assert recorder.post(hall.meeting.address("cast_for", motion.number), entered).status_code == 303
    assert read_pulse(hall.meeting.pk).as_tally()["counts"] == {"A": 1, "B": 0, "C": 3, "abstain": 0}
    motion = voting.close_motion(motion, by=None)
    console = recorder.get(hall.meeting.address("console")).content.decode()
    assert 'name="B"' in console
    read_by_two(hall, motion, "hands", A=1, C=2, abstain=1)
    frame = read_pulse(hall.meeting.pk)
    assert (frame.as_tally()["counts"], frame.cast) == ({"A": 2, "B": 0, "C": 5, "abstain": 1}, 8)
    decision = voting.announce_result(motion, by=None)
    assert (decision.outcome, decision.winner, decision.won) == ("carried", "C", "老坝一侧人工")
    body = assert_checked(motion)
    assert body["totals"] == {"A": 2, "B": 0, "C": 5, "abstain": 1}
    assert "选定：C 老坝一侧人工" in read_board(hall.meeting).decision.explained
    for address in (hall.meeting.get_absolute_url(), bulletin_page(motion), hall.meeting.address("hall")):
        assert "老坝一侧人工" in client.get(address).content.decode()


def bulletin_page(motion):
    return f"/v/{motion.village.slug}/bulletins/{bulletin_of(motion).number}/"


def test_options_are_no_answer_to_a_yes_no_motion():
    hall = make_hall(3)
    motion = open_vote(hall)
    with pytest.raises(Invalid):
        cast(motion, hall, "A")
    assert not motion.marks.exists()


# One of them, unseen, with papers


def test_a_secret_choice_with_papers_and_its_correction():
    hall = make_hall(9)
    motion = between(hall, method="paper_and_online", secret=True)
    with pytest.raises(Invalid):
        cast_unseen(motion, hall, "AB")
    cast_unseen(motion, hall, "A", "A", "B", "abstain")
    assert read_pulse(hall.meeting.pk).as_tally()["counts"] is None
    for entry in hall.entries[4:8]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    motion = voting.close_motion(motion, by=None)
    with pytest.raises(Invalid, match="少了 1 张"):
        read_by_two(hall, motion, "paper", A=2, blank=1)
    sheet = read_by_two(hall, motion, "paper", A=2, blank=1, not_returned=1)
    assert (sheet.valid_count, sheet.returned_count) == (2, 3)
    decision = voting.announce_result(motion, by=None)
    assert (decision.outcome, decision.going_on) == ("runoff", "AB")
    assert sorted(Counted.objects.values_list("choice", flat=True)) == ["A", "A", "B", "abstain"]
    body = assert_checked(motion)
    assert (body["sheets"][0]["counts"], body["going_on"]) == (None, ["A", "B"])  # few papers lie among the phones'
    right = {"A_count": 3, "B_count": 0, "C_count": 0, "abstain_count": 0, "blank_count": 0, "invalid_count": 0,
             "not_returned_count": 1}  # fmt: skip
    motion.refresh_from_db()
    with pytest.raises(Invalid):
        settling.propose_correction(motion, sheet, numbers=right | {"B_count": 1}, reason="重数", by=hall.chair)
    proposal = settling.propose_correction(motion, sheet, numbers=right, reason="重数", by=hall.chair)
    assert ["A 全部用挖机", "2 → 3"] in proposal.payload["words"]
    decide(proposal, by=supervisor(hall), accept=True)
    assert motion.latest_decision.counts == {"A": 5, "B": 1, "C": 0, "abstain": 1}
    assert (motion.latest_decision.outcome, motion.latest_decision.winner) == ("carried", "A")
    assert_checked(motion)


def supervisor(hall):
    from tests.consultation.test_secret_ballots import officers

    return officers(hall)[1]


# Several of them


def test_a_secret_choice_of_several_leaves_no_combination_behind(client):
    hall = make_hall(12)
    motion = between(hall, SEVERAL, most=2, secret=True)
    address, entry = hall.meeting.address("cast", motion.number), hall.entries[3]
    client.force_login(hall.account(3))
    assert "最多选 2 个" in client.get(hall.meeting.get_absolute_url()).content.decode()
    own = secrets.token_hex(16)
    many = client.post(address, {"entry": entry.number, "choice": ["A", "B", "C"], "secret": own})
    assert (many.status_code, many.content.decode().count(" checked")) == (422, 3)
    assert "最多选 2 个，您选了 3 个" in many.content.decode()
    both = client.post(address, {"entry": entry.number, "choice": ["A", "abstain"], "secret": own})
    assert "弃权就不要再选方案" in both.content.decode()
    review = client.post(address, {"entry": entry.number, "choice": ["C", "A"], "secret": own}).content.decode()
    assert "全部用挖机、老坝一侧人工" in review
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', review))
    assert fields["choice"] == "AC"
    assert client.post(address, fields).status_code == 200
    cast_unseen(motion, hall, "AB", "AB", "A")
    cast_unseen(motion, hall, "AC", "AC", "C", "abstain", "CB", "A", start=4)
    motion = voting.close_motion(motion, by=None)
    decision = motion.decisions.get()
    assert decision.counts == {"A": 7, "B": 3, "C": 5, "abstain": 1}
    assert decision.cast == 10  # ballots; together they picked sixteen times
    page = client.get(hall.meeting.get_absolute_url()).content.decode()
    assert "共 10 张票，每张最多选 2 个方案。" in page
    over = meetings.close_meeting(hall.meeting, by=None)
    facts = minutes.draft_minutes(over, by=None).facts["motions"][0]
    assert facts["ballots"] == "共 10 张票，每张最多选 2 个方案。"
    assert (decision.outcome, decision.winner) == ("carried", "A")
    rows = list(Counted.objects.order_by("id").values_list("choice", flat=True))
    assert (len(rows), set(rows)) == (16, {"A", "B", "C", "abstain"})
    assert assert_checked(motion)["marks"] == 10


def test_hands_for_several_count_the_people_too():
    hall = make_hall(9)
    motion = between(hall, SEVERAL, most=2, method="hands_and_online")
    cast(motion, hall, "AC")
    motion = voting.close_motion(motion, by=None)
    for wrong in ({"A": 5, "valid": 4}, {"A": 2, "B": 1, "valid": 4}, {"A": 4, "B": 4, "C": 4, "valid": 5}):
        with pytest.raises(Invalid, match="对不上"):
            read_by_two(hall, motion, "hands", **wrong)
    with pytest.raises(MeetingError):
        read_by_two(hall, motion, "hands", A=8, abstain=1, valid=8)
    read_by_two(hall, motion, "hands", A=5, B=3, valid=6, abstain=1)
    decision = voting.announce_result(motion, by=None)
    assert (decision.counts, decision.cast) == ({"A": 6, "B": 3, "C": 1, "abstain": 1}, 8)
    assert assert_checked(motion)["sheets"][0]["valid"] == 7


def test_printed_papers_have_the_options_and_as_much_room_as_they_need():
    hall = make_hall(6)
    recorder = Client()
    recorder.force_login(hall.recorder)
    motion = between(hall, SEVERAL, most=2, method="paper")
    page = recorder.get(hall.meeting.address("paper_ballots", motion.number)).content.decode()
    assert (page.count("slip--ballot"), "slips--quarters" in page, "老坝一侧人工" in page) == (4, True, True)
    form = recorder.get(hall.meeting.address("tally_form", motion.number)).content.decode()
    assert "A 全部用挖机" in form
    Motion.objects.update(options=keyed(f"{number}" * 90 for number in range(8)))
    page = recorder.get(hall.meeting.address("paper_ballots", motion.number)).content.decode()
    assert (page.count("slip--ballot"), "slips--pages" in page) == (1, True)


def test_options_are_tabled_in_the_console():
    hall = make_hall(6)
    chair = Client()
    chair.force_login(hall.chair)
    texts = "挖机\r\n\r\n人工\n不清"
    typed = {"text": "怎么清塘", "method": "online", "kind": "multi_choice", "options": texts, "most": "2"}
    assert chair.post(hall.meeting.address("table_motion"), typed).status_code == 303
    motion = hall.meeting.motions.get()
    assert (motion.kind, motion.most, [one["text"] for one in motion.options]) == (SEVERAL, 2, ["挖机", "人工", "不清"])
    for wrong in ({"options": "挖机\u202e\n人工"}, {"most": "3"}, {"options": "挖机"}, {"kind": "yes_no"}):
        assert chair.post(hall.meeting.address("table_motion"), typed | wrong).status_code == 422
    assert hall.meeting.motions.count() == 1


def test_who_came_late_or_changes_their_mind():
    hall = make_hall(6, present=5)
    motion = between(hall, changeable=True)
    attendance.check_in(hall.meeting, hall.entries[5:], method="recorder", by=None)
    with pytest.raises(MeetingError):
        cast(motion, hall, "A", start=5)
    cast(motion, hall, "A")
    voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="B", key="other")
    with pytest.raises(Invalid):
        voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="Z", key="third")
    assert Ballot.objects.get().choice == "B"


# A runoff


def test_a_runoff_is_made_by_one_press_and_leads_to_no_other():
    hall = make_hall(9)
    motion = between(hall, changeable=True)
    cast(motion, hall, "A", "A", "A", "A", "C", "C", "C", "B")
    motion = voting.close_motion(motion, by=None)
    chair = Client()
    chair.force_login(hall.chair)
    assert "进入第二轮：全部用挖机、老坝一侧人工" in chair.get(hall.meeting.address("console")).content.decode()
    for _press in range(2):
        chair.post(hall.meeting.address("table_runoff", motion.number))
    second = motion.runoffs.get()
    assert [option["key"] for option in second.options] == ["A", "C"]
    assert (second.kind, second.method, second.secret, second.changeable) == (ONE, "online", False, True)
    second = voting.open_motion(second, by=None)
    with pytest.raises(Invalid):
        cast(second, hall, "B")
    cast(second, hall, "A", "A", "A", "A", "C", "C", "C", "abstain")
    second = voting.close_motion(second, by=None)
    assert second.latest_decision.outcome == "lost"
    assert (assert_checked(motion)["going_on"], assert_checked(second)["definition"]["runoff_of"]) == (["A", "C"], 1)
    with pytest.raises(MeetingError):
        tabling.table_runoff(second, by=None)


def test_a_runoff_for_the_last_place_has_one_place_fewer():
    hall = make_hall(9)
    motion = between(hall, SEVERAL, most=2)
    cast(motion, hall, "AB", "AB", "AB", "BC", "BC", "BC", "AC", "AC", "B")
    motion = voting.close_motion(motion, by=None)
    decision = motion.latest_decision
    assert (decision.outcome, decision.winner, decision.going_on) == ("runoff", "B", "AC")
    second = tabling.table_runoff(motion, by=None)
    assert (second.kind, second.most) == (SEVERAL, 1)


def test_a_runoff_whose_first_round_was_corrected_is_not_opened():
    hall = make_hall(9)
    motion = between(hall)
    cast(motion, hall, "A", "A", "A", "A", "C", "C", "C", "B")
    motion = voting.close_motion(motion, by=None)
    second = tabling.table_runoff(motion, by=None)
    motion.decisions.update(outcome="carried", winner="A", going_on="")
    with pytest.raises(MeetingError, match="更正过"):
        voting.open_motion(second, by=None)
