"""The way to Belenios and back: a list of numbers goes out, a result of two equal files comes in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from consultation import attendance, belenios, sheets, voting
from consultation.errors import Invalid, NotEntitled, WrongState
from tests.factories.consultation import call, make_hall, open_vote


def result(*votes, **more):
    return json.dumps({"result": [list(votes)]} | more).encode()


def test_a_result_of_three_answers_is_read():
    assert belenios.read_result(result(5, 2, 1)) == {"for": 5, "against": 2, "abstain": 1, "blank": 0}


def test_where_blank_votes_are_allowed_they_come_first():
    assert belenios.read_result(result(3, 5, 2, 1)) == {"for": 5, "against": 2, "abstain": 1, "blank": 3}


def test_the_older_file_with_its_proofs_is_read_too():
    pair = {"alpha": "1", "beta": "2"}
    content = result(
        5, 2, 1, num_tallied=8, encrypted_tally=[[pair] * 3], partial_decryptions=[{"decryption_factors": [["9"] * 3]}]
    )
    assert belenios.read_result(content)["for"] == 5
    assert belenios.read_result(result("5", "2", "1", total_weight="8"))["for"] == 5
    assert belenios.read_result(b"\xef\xbb\xbf" + content)["against"] == 2


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe", b"null", b"[]", b"3", b'"result"', b"{}", b'{"result": 3}', b'{"result": []}',
        b'{"result": [[1,2,3],[1,2,3]]}', b'{"result": [3]}', b'{"result": [{"a": 1}]}',
        b'{"result": [[[1],[2],[3]]]}', b'{"result": [[1,2]]}', b'{"result": [[1,2,3,4,5]]}',
        b'{"result": [[1,2,-3]]}', b'{"result": [[1,2,3.0]]}', b'{"result": [[1,2,true]]}', b'{"result": [[1,2,null]]}',
        b'{"result": [[1,2,NaN]]}', b'{"result": [[1,2,1e3]]}', b'{"result": [[1,2,"x"]]}', b'{"result": [[1,2,"-3"]]}',
        '{"result": [[1,2,"３"]]}'.encode(), b'{"result": [[1,2,99999999]]}',
        b'{"result": [[1,2,' + b"9" * 5000 + b"]]}",
        b'{"result": [[1,2,3]], "result": [[3,2,1]]}', b'{"result": [[1,2,3]], "num_tallied": 5}',
        b'{"result": [[1,2,3]], "num_tallied": 6, "total_weight": 12}', b'{"result": [[1,2,3]], "num_tallied": null}',
        b"[" * 100_000, b'{"result": [[1,2,3]]}' + b" " * 2_000_000,
    ],
    ids=lambda content: content[:40].decode("latin-1"),
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid) as refused:
        belenios.read_result(content)
    assert refused.value.field == "result"
    assert len(str(refused.value.message)) > 10


def test_numbers_and_files_are_read_up_to_their_bounds():
    assert belenios.read_result(result(50_000, 0, 0))["for"] == 50_000
    assert belenios.read_result(result("00000007", 0, 0))["for"] == 7
    whole = result(5, 2, 1)
    assert belenios.read_result(whole + b" " * (2_000_000 - len(whole)))["for"] == 5
    for beyond in (result(50_001, 0, 0), result("000000007", 0, 0), whole + b" " * (2_000_001 - len(whole))):
        with pytest.raises(Invalid):
            belenios.read_result(beyond)


def test_blank_votes_are_among_those_that_were_tallied():
    assert belenios.read_result(result(3, 5, 2, 1, num_tallied=11))["blank"] == 3
    with pytest.raises(Invalid, match="一共计了 8 票，各答案加起来是 11"):
        belenios.read_result(result(3, 5, 2, 1, num_tallied=8))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["result", "num_tallied", "x"]), inner),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_file_breaks_the_reader(content):
    try:
        told = belenios.read_result(content)
    except Invalid:
        return
    assert all(type(number) is int and number >= 0 for number in told.values())


@pytest.fixture
def hall(db):
    return make_hall(9, present=7)


def test_the_list_of_voters_has_numbers_and_no_names(hall):
    motion = open_vote(hall, method="belenios")
    attendance.check_in(hall.meeting, hall.entries[7:8], method="recorder", by=None)  # too late for this one
    text = belenios.export_voters(motion, reason="换届选举", by=hall.chair)
    host = f"{hall.village.code}.invalid"
    assert text == "".join(f"{number}@{host},{number}\n" for number in range(1, 8))
    told = AuditEntry.objects.latest("pk")
    assert (told.action, told.detail["reason"], told.detail["rows"]) == ("export_voters", "换届选举", 7)
    assert not [person for person in hall.people if person.name in text]


def test_before_the_opening_everybody_on_the_roster_is_on_it(hall):
    motion = voting.table_motion(meeting=hall.meeting, text="选举", method="belenios", by=None)
    assert len(belenios.voters_of(motion)) == 9


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_list_without_a_reason_is_not_given(hall, reason):
    motion = open_vote(hall, method="belenios")
    with pytest.raises(Invalid) as refused:
        belenios.export_voters(motion, reason=reason, by=hall.chair)
    assert refused.value.field == "reason"
    assert not AuditEntry.objects.filter(action="export_voters").exists()


def test_a_long_reason_is_kept_as_far_as_there_is_room(hall):
    belenios.export_voters(open_vote(hall, method="belenios"), reason="换" * 300, by=hall.chair)
    assert AuditEntry.objects.latest("pk").detail["reason"] == "换" * 200


def test_no_list_before_the_roster_is_fixed(hall):
    meeting = call(hall.village, hall.people)
    motion = voting.table_motion(meeting=meeting, text="选举", method="belenios", by=None)
    with pytest.raises(WrongState, match="名册没有固定"):
        belenios.export_voters(motion, reason="换届选举", by=hall.chair)


def test_no_list_for_a_motion_voted_here(hall):
    with pytest.raises(WrongState):
        belenios.export_voters(open_vote(hall, method="online"), reason="选举", by=hall.chair)


def test_nobody_votes_here_on_what_is_voted_there(hall):
    motion = open_vote(hall, method="belenios")
    for channel in ("online", "recorder"):
        with pytest.raises(NotEntitled, match="Belenios"):
            voting.cast_ballot(motion=motion, entry=hall.entries[0], choice="for", key="a", channel=channel)


def test_two_equal_results_are_a_confirmed_sheet_and_the_outcome(hall):
    motion = voting.close_motion(open_vote(hall, method="belenios"), by=None)
    with pytest.raises(WrongState, match="Belenios"):
        voting.announce_result(motion, by=None)
    for person in hall.people[:2]:
        sheet = sheets.enter_reading(
            motion, method="belenios", reader=person, numbers=belenios.read_result(result(1, 4, 1, 0)), by=None
        )
    assert (sheet.state, sheet.returned_count, sheet.base_count, sheet.blank_count) == ("confirmed", 6, 7, 1)
    decision = voting.announce_result(motion, by=None)
    assert (decision.outcome, decision.channels) == ("carried", {"belenios": {"for": 4, "against": 1, "abstain": 0}})


def test_more_votes_than_people_are_refused(hall):
    motion = voting.close_motion(open_vote(hall, method="belenios"), by=None)
    with pytest.raises(Invalid, match="一共 8 票"):
        sheets.enter_reading(motion, method="belenios", reader=hall.people[0], numbers={"for": 8}, by=None)
