"""Ranked votes: what a ballot may say, what follows from the points, and every way in."""

import json
import secrets
from collections import Counter

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from consultation import kiosk, paper, settling, sheets, tabling, voting
from consultation.board import read_board, read_pulse
from consultation.choosing import require_choice
from consultation.errors import Invalid, MotionNotOpen
from consultation.forms import picked
from consultation.models import Ballot, Counted, Motion
from consultation.options import form_of, keyed, ranking_of
from consultation.quorum import Share
from consultation.ranking import points
from consultation.tally import CountError, Tally, decide_options
from residents.two_people import decide
from tests.factories.acting import make_kiosk
from tests.factories.consultation import YARD, make_hall, open_vote

from .test_official_papers import client_of, draft, fetch, over, text_of
from .test_options import JSON, assert_checked, bulletin_page, cast, cast_unseen, read_by_two, supervisor

pytestmark = pytest.mark.django_db
RANKED = Motion.Kind.RANKED
WORKS = ["修路灯", "清水塘", "建凉亭"]
THREE = form_of(RANKED, keyed(WORKS), 3)
ASKED = "请从 1 排起，不要重复，不要跳过，可以只排前几个；都不想排就只选弃权。排好再按“投票”。"


def ranking(hall, options=WORKS, **fields):
    return open_vote(hall, kind=RANKED, options=options, **fields)


def ballots_of(keys):
    return st.lists(st.sampled_from(keys), min_size=1, unique=True).map("".join)


# What a ballot may say


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        (["2A", "1C"], "CA"), (["1B"], "B"), (["2A", "1C", "3B"], "CAB"), (["1A", "abstain"], "Aabstain"),
        (["2A"], "2A"), (["1A", "1B"], "1A1B"), (["3A", "1C"], "3A1C"), (["1A", "x"], "1Ax"), (["1A", "1A"], "1A1A"),
    ],
)  # fmt: skip
def test_places_beside_options_are_the_order_of_the_options(marks, text):
    assert ranking_of(marks) == text
    sent = QueryDict(mutable=True)
    sent.setlist("choice", [*marks, ""])
    assert picked(sent) == text


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("CAB", None), ("B", None), ("abstain", None), ("CC", ASKED), ("D", ASKED), ("", ASKED), ("1A1B", ASKED),
        ("1A", ASKED), ("for", ASKED), ("ABCA", ASKED), ("Aabstain", "弃权就不要再选方案。请只留一样，再按“投票”。"),
    ],
)  # fmt: skip
def test_a_ranking_keeps_its_order_and_says_nothing_twice(choice, said):
    if said is None:
        assert require_choice(THREE, choice) == choice
        return
    with pytest.raises(Invalid) as refused:
        require_choice(THREE, choice)
    assert (refused.value.message, refused.value.field) == (said, "choice")


def test_what_is_marked_stays_on_the_paper_sound_or_not():
    assert THREE.ticked("CA") == ("1C", "2A")
    assert THREE.ticked("abstain") == ("abstain",)
    assert THREE.ticked("1A1Babstain") == ("1A", "1B", "abstain")
    assert form_of("choice", keyed(WORKS), 1).ticked("AB") == ("A", "B")


# Where options may be put in order


def table(hall, options=WORKS, **fields):
    return tabling.table_motion(
        meeting=hall.meeting, text="先办哪件", by=None, kind=RANKED, options=options, **{"method": "online"} | fields
    )


@pytest.mark.parametrize(
    ("number", "fields", "field"),
    [
        (9, {}, "options"), (6, {"secret": True}, "options"), (1, {}, "options"), (3, {"method": "hands"}, "method"),
        (3, {"method": "hands_and_online"}, "method"), (3, {"method": "belenios"}, "method"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_in_order(number, fields, field):
    hall = make_hall(3, preset=YARD, live=False)
    with pytest.raises(Invalid) as refused:
        table(hall, [f"方案{place}" for place in range(number)], **fields)
    assert refused.value.field == field


def test_the_longest_that_may_be_put_in_order():
    hall = make_hall(3, preset=YARD, live=False)
    assert table(hall, list("甲乙丙丁戊己庚辛")).form.choices[-2] == "8H"
    assert (table(hall, list("甲乙丙丁戊"), secret=True).most, table(hall, ["甲", "乙"]).most) == (5, 2)


def test_only_a_consultation_puts_options_in_order(client):
    hall = make_hall(3, live=False)
    with pytest.raises(Invalid, match="协商会"):
        table(hall)
    consulted = make_hall(3, preset=YARD, live=False)
    for one, offered in ((hall, False), (consulted, True)):
        client.force_login(one.chair)
        assert ('value="ranked"' in client.get(one.meeting.address("console")).content.decode()) is offered
    typed = {"text": "先办哪件", "kind": "ranked", "options": "\n".join(WORKS), "method": "hands_and_online"}
    address = consulted.meeting.address("table_motion")
    assert "举手排不出先后" in client.post(address, typed).content.decode()
    assert client.post(address, typed | {"method": "paper_and_online"}).status_code == 303
    assert consulted.meeting.motions.get().form == THREE


def test_the_database_takes_no_ranking_by_hands():
    motion = table(make_hall(3, preset=YARD, live=False))
    with pytest.raises(IntegrityError), transaction.atomic():
        Motion.objects.filter(pk=motion.pk).update(method="hands")


# What follows from the numbers


@given(st.data(), st.integers(2, 8))
def test_points_are_what_one_counts_on_a_blackboard(data, size):
    ballots = data.draw(st.lists(ballots_of("ABCDEFGH"[:size]), max_size=12))
    form = form_of(RANKED, keyed("甲乙丙丁戊己庚辛"[:size]), size)
    plain = dict.fromkeys(form.keys, 0)
    for ballot in ballots:
        for place, key in enumerate(ballot):
            plain[key] += size - 1 - place
    counted = form.spread(Counter(ballots))
    assert points(form.keys, counted) == plain
    assert form.at_place(1, counted) == len(ballots)
    assert form.naming(counted) == {key: sum(key in ballot for ballot in ballots) for key in form.keys}


@given(st.lists(ballots_of("ABC"), max_size=8), st.lists(ballots_of("ABC"), max_size=8))
def test_two_boxes_add_up(one, other):
    both = THREE.scores(THREE.spread(Counter(one + other)))
    apart = [THREE.scores(THREE.spread(Counter(part))) for part in (one, other)]
    assert both == {key: apart[0][key] + apart[1][key] for key in "ABC"}


@pytest.mark.parametrize(
    ("ballots", "outcome"),
    [
        (["ABC", "ABC", "CBA"], ("carried", "A", "")),
        (["A", "BA", "B", "C"], ("carried", "B", "")),
        (["AB", "BA", "C"], ("runoff", "", "AB")),
        (["ABC", "BCA", "CAB"], ("tied", "", "")),  # a round: everybody has three
        (["abstain", "abstain"], ("lost", "", "")),
        ([], ("lost", "", "")),
        (["C", "abstain", "abstain", "abstain"], ("carried", "C", "")),  # no threshold: it is an opinion
    ],
)
def test_who_comes_first(ballots, outcome):
    counts = dict.fromkeys(THREE.choices, 0) | THREE.spread(Counter(ballots))
    found = decide_options(
        tally=Tally(counts), form=THREE, voters=len(ballots), entitled=6, present=6, quorum=Share(">=", 2, 3),
        threshold=Share(">", 1, 2), threshold_of="present",
    )  # fmt: skip
    assert (found.outcome, found.winner, found.going_on, found.needed) == (*outcome, 0)
    few = decide_options(
        tally=Tally(counts), form=THREE, voters=len(ballots), entitled=9, present=5, quorum=Share(">=", 2, 3),
        threshold=Share(">", 1, 2), threshold_of="present",
    )  # fmt: skip
    assert (few.outcome, few.winner, few.going_on) == ("inquorate", "", "")


def test_of_two_options_a_single_point_comes_first():
    two = form_of(RANKED, keyed(WORKS[:2]), 2)
    counts = dict.fromkeys(two.choices, 0) | two.spread(Counter(["B"]))
    found = decide_options(
        tally=Tally(counts), form=two, voters=1, entitled=6, present=6, quorum=Share(">=", 2, 3),
        threshold=Share(">", 1, 2), threshold_of="present",
    )  # fmt: skip
    assert (two.scores(counts), found.outcome, found.winner) == ({"A": 0, "B": 1}, "carried", "B")


def test_one_option_on_more_ballots_than_there_are_people_cannot_be():
    for counts, voters in (({"1A": 2, "2A": 2}, 3), ({"1A": 1}, 4)):
        with pytest.raises(CountError):
            decide_options(
                tally=Tally(dict.fromkeys(THREE.choices, 0) | counts), form=THREE, voters=voters, entitled=3, present=3,
                quorum=Share(">=", 2, 3), threshold=Share(">", 1, 2), threshold_of="present",
            )  # fmt: skip


# Openly, over every way in


def test_an_open_ranking_over_every_way_in(client):
    hall = make_hall(10, preset=YARD)
    motion = ranking(hall, method="paper_and_online", counts_shown=True)
    cast_at = hall.meeting.address("cast", motion.number)
    fourth, fifth, sixth, seventh = hall.entries[3:7]
    client.force_login(hall.account(3))
    page = client.get(hall.meeting.get_absolute_url()).content.decode()
    assert all(f'value="{mark}"' in page for mark in ("1A", "3C", "abstain"))
    said = client.post(cast_at, {"entry": fourth.number, "choice": ["2A", "1C", ""], "key": "k"}, headers=JSON).json()
    assert (said["choice"], "第 1 建凉亭、第 2 修路灯" in said["message"]) == ("CA", True)
    client.force_login(hall.account(4))
    again = client.post(cast_at, {"entry": fifth.number, "choice": ["1A", "1C"], "key": "k2"})
    assert (again.status_code, again.content.decode().count(" selected")) == (422, 2)  # what was given stays
    assert ASKED in again.content.decode()
    for wrong in ("1A", "AA", "Aabstain", "for", ""):
        refused = client.post(cast_at, {"entry": fifth.number, "choice": wrong and wrong, "key": "x"}, headers=JSON)
        if wrong != "1A":  # the one place there is
            assert (refused.status_code, refused.json()["error"]["field"]) == (422, "choice")
    tablet, token = make_kiosk(hall)
    call = kiosk.call_up(tablet, sixth).call
    screen = Client()
    screen.cookies["kiosk"] = token
    home, own = hall.meeting.address("kiosk"), secrets.token_hex(16)
    wrong = screen.post(home, {"call": call, "choice": ["2B", ""], "step": "review"})
    assert (wrong.status_code, wrong.content.decode().count(" selected")) == (422, 1)
    review = screen.post(home, {"call": call, "choice": ["2C", "1B"], "step": "review"}).content.decode()
    assert review.index("清水塘") < review.index("建凉亭")
    assert 'name="choice" value="BC"' in review
    assert screen.post(home, {"call": call, "choice": "BC", "secret": own, "step": "cast"}).status_code == 200
    recorder = Client()
    recorder.force_login(hall.recorder)
    console = hall.meeting.address("console")
    entered = {"entry": seventh.number, "choice": ["1B", "2A", "3C"], "key": "r"}
    assert recorder.post(hall.meeting.address("cast_for", motion.number), entered).status_code == 303
    assert sorted(Ballot.objects.values_list("choice", flat=True)) == ["A", "BAC", "BC", "CA"]
    assert read_pulse(hall.meeting.pk).as_tally()["counts"] == {"A": 4, "B": 4, "C": 3, "abstain": 0}
    for entry in hall.entries[7:10]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    assert "写 1、2、3" in recorder.get(hall.meeting.address("paper_ballots", motion.number)).content.decode()
    motion = voting.close_motion(motion, by=None)
    assert 'name="2B"' in recorder.get(console).content.decode()
    assert recorder.get(hall.meeting.address("tally_form", motion.number)).content.decode().count("第 3") == 1
    typed = {"1A": "1", "2A": "x", "1B": "1", "2C": "1", "abstain": "0", "blank": "0", "invalid": "1"}
    typed |= dict.fromkeys(("3A", "2B", "3B", "1C", "3C", "not_returned"), "0")
    again = recorder.post(hall.meeting.address("enter_papers", motion.number), typed).content.decode()
    assert ("请填整数" in again, 'value="x"' in again) == (True, True)
    typed["2A"] = "0"
    assert recorder.post(hall.meeting.address("enter_papers", motion.number), typed).status_code == 303
    sheet = sheets.enter_reading(
        motion, method="paper", reader=hall.people[2], numbers={k: int(v) for k, v in typed.items()}, by=None
    )
    assert (sheet.state, sheet.valid_count, sheet.returned_count) == ("confirmed", 2, 3)
    decision = voting.announce_result(motion, by=None)
    assert [(line["count"], line.get("first")) for line in decision.lines] == [(6, 2), (6, 3), (4, 1), (0, None)]
    assert (decision.outcome, decision.going_on, decision.needed) == ("runoff", "AB", 0)
    body = assert_checked(motion)
    assert (body["points"], body["totals"]["1B"], body["marks"]) == ({"A": 6, "B": 6, "C": 4}, 3, 4)
    shown = read_board(hall.meeting).decision
    assert "A 2×2＋2×1＝6 分，B 3×2＝6 分，C 1×2＋2×1＝4 分" in shown.explained
    assert "A、B 得分一样多，并列最前，没有定论" in shown.explained
    for address in (hall.meeting.get_absolute_url(), bulletin_page(motion), hall.meeting.address("hall")):
        html = client.get(address).content.decode()
        assert "票排第 1" in html, address
        assert "选定" not in html, address
    runoff = tabling.table_runoff(motion, by=None)
    assert (runoff.kind, runoff.form.keys, runoff.most) == (Motion.Kind.CHOICE, ("A", "B"), 1)


def test_what_cannot_be_on_paper_is_refused_with_its_numbers():
    hall = make_hall(9, preset=YARD)
    motion = ranking(hall, method="paper")
    for entry in hall.entries[:3]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    motion = voting.close_motion(motion, by=None)
    for numbers in ({"1A": 3, "2B": 4}, {"1A": 3, "2A": 1}, {"1A": 2, "3B": 1, "blank": 1}):
        with pytest.raises(Invalid, match="各位次的张数对不上"):
            read_by_two(hall, motion, "paper", **numbers)
    with pytest.raises(Invalid, match="少了 1 张"):
        read_by_two(hall, motion, "paper", **{"1A": 2, "2B": 2})
    with pytest.raises(Invalid, match="没有这一栏"):
        read_by_two(hall, motion, "paper", **{"1A": 3, "B": 1})
    sheet = read_by_two(hall, motion, "paper", **{"1A": 3, "2B": 2, "3C": 2})
    assert sheet.counts == dict.fromkeys(THREE.choices, 0) | {"1A": 3, "2B": 2, "3C": 2}
    decision = voting.announce_result(motion, by=None)
    assert (decision.outcome, decision.won, decision.told[1]) == ("carried", "修路灯", "清水塘 2 分")
    assert decision.outcome_label == "排出先后"
    draft(over(hall))
    inside = client_of(hall.chair)
    for told in (text_of(fetch(hall, client=inside)), inside.get(hall.meeting.address("minutes")).content.decode()):
        assert "共 3 张票，每张给方案排先后。" in told
        assert "A 3×2＝6 分，B 2×1＝2 分" in told
        assert "A 修路灯（第 1）" in told
        assert "“A 修路灯”得分最多，排在最前。这是协商的意见。" in told


# Unseen


def test_a_secret_ranking_leaves_no_order_behind_and_can_be_corrected(client):
    hall = make_hall(12, preset=YARD)
    motion = ranking(hall, method="paper_and_online", secret=True, changeable=True)
    with pytest.raises(Invalid):
        cast_unseen(motion, hall, "AA")
    address, entry = hall.meeting.address("cast", motion.number), hall.entries[3]
    client.force_login(hall.account(3))
    own = secrets.token_hex(16)
    wrong = client.post(address, {"entry": entry.number, "choice": ["2A", "3B"], "secret": own})
    kept = wrong.content.decode()
    assert (wrong.status_code, kept.count(" selected"), own in kept) == (422, 2, True)
    review = client.post(address, {"entry": entry.number, "choice": ["1C", "2A"], "secret": own}).content.decode()
    assert "第 1 建凉亭、第 2 修路灯" in review
    sure = {"entry": entry.number, "choice": "CA", "secret": own, "sure": "1"}
    assert client.post(address, sure).status_code == 200
    changed = sure | {"choice": ["1C", "2B", "3A"], "turn": "2"}
    assert client.post(address, changed).status_code == 200
    cast_unseen(motion, hall, "CBA", "abstain", start=4)
    assert read_pulse(hall.meeting.pk).as_tally()["counts"] is None
    for one in hall.entries[6:9]:
        paper.issue_paper(motion=motion, entry=one, by=None)
    motion = voting.close_motion(motion, by=None)
    sheet = read_by_two(hall, motion, "paper", **{"1A": 1, "1C": 1, "2B": 1, "invalid": 1})
    decision = voting.announce_result(motion, by=None)
    assert (decision.outcome, decision.winner) == ("carried", "C")
    laid = Counter(Counted.objects.values_list("choice", flat=True))
    assert laid == {"1C": 2, "2B": 2, "3A": 2, "abstain": 1}
    body = assert_checked(motion)
    assert (body["sheets"][0]["counts"], body["points"]) == (None, {"A": 2, "B": 3, "C": 6})
    assert "CBA" not in json.dumps(body["choices"])
    right = dict.fromkeys((f"{part}_count" for part in (*THREE.choices, "blank", "not_returned")), 0)
    right |= {"1A_count": 1, "1B_count": 1, "invalid_count": 1}
    motion.refresh_from_db()
    with pytest.raises(Invalid):
        settling.propose_correction(motion, sheet, numbers=right | {"2A_count": 3}, reason="重数", by=hall.chair)
    proposal = settling.propose_correction(motion, sheet, numbers=right, reason="重数", by=hall.chair)
    assert ["C 建凉亭（第 1）", "1 → 0"] in proposal.payload["words"]
    decide(proposal, by=supervisor(hall), accept=True)
    assert motion.latest_decision.lines[1]["count"] == 4
    assert assert_checked(motion)["points"] == {"A": 2, "B": 4, "C": 4}


def test_a_ranking_by_name_can_be_changed_until_voting_stops():
    hall = make_hall(6, preset=YARD)
    motion = ranking(hall, changeable=True)
    cast(motion, hall, "ABC", "B")
    voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="CB", key="another")
    motion = voting.close_motion(motion, by=None)
    assert motion.latest_decision.counts == dict.fromkeys(THREE.choices, 0) | {"1C": 1, "2B": 1, "1B": 1}
    with pytest.raises(MotionNotOpen):
        voting.cast_ballot(motion=motion, entry=hall.entries[2], choice="CB", key="late")
    assert_checked(motion)
