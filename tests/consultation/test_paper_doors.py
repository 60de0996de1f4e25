"""The table of papers and the counts' forms, as officers meet them in the console."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from audit.models import AuditEntry
from consultation import paper, voting
from consultation.models import Mark, PaperIssue, Photo, Sheet
from consultation.pictures import token_of
from tests.factories.consultation import make_hall, open_vote
from ui.limits import too_often

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}
TYPED = {"for": "5", "against": "0", "abstain": "0", "blank": "3", "invalid": "0", "not_returned": "3"}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def hall():
    return make_hall(12, present=11)


@pytest.fixture
def recorder(hall):
    return signed_in(hall.recorder)


def count_of(hall, motion, client, typed, **more):
    return client.post(hall.meeting.address("enter_papers", motion.number), typed | more)


@pytest.fixture
def counting(hall):
    motion = open_vote(hall, method="paper")
    for entry in hall.entries[:11]:
        paper.issue_paper(motion=motion, entry=entry, by=None)
    return voting.close_motion(motion, by=None)


def photo(name="单子.jpg", **options):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", **options)
    return SimpleUploadedFile(name, out.getvalue())


# At the table


def test_somebody_is_found_and_gets_a_paper_another_and_hands_it_back(hall, recorder):
    motion = open_vote(hall, method="paper_and_online")
    page = hall.meeting.address("papers", motion.number)
    name = hall.people[4].name
    assert "发一张" in recorder.get(page, {"q": name}).text
    for act, state in (("issue_paper", "out"), ("spoil_paper", "out"), ("return_paper", "unused")):
        response = recorder.post(hall.meeting.address(act, motion.number), {"entry": "5"})
        assert (response.status_code, response["Location"]) == (303, page)
        assert name in recorder.get(page).text  # the message says who
        assert PaperIssue.objects.latest("pk").state == state
    assert list(PaperIssue.objects.order_by("pk").values_list("state", flat=True)) == ["spoiled", "unused"]
    assert not Mark.objects.exists()


def test_the_search_answers_alone_to_a_script(hall, recorder):
    motion = open_vote(hall, method="paper")
    part = recorder.get(hall.meeting.address("papers", motion.number), {"q": "5"}, headers={"HX-Request": "true"})
    assert hall.people[4].name in part.text
    assert "<html" not in part.text


def test_who_holds_a_paper_is_listed_while_the_motion_is_open_and_not_after(hall, recorder):
    motion = open_vote(hall, method="paper")
    paper.issue_paper(motion=motion, entry=hall.entries[9], by=None)
    page = hall.meeting.address("papers", motion.number)
    assert hall.people[9].name in recorder.get(page).text
    voting.close_motion(motion, by=None)
    assert hall.people[9].name not in recorder.get(page).text


def test_a_number_nobody_has_is_a_sentence(hall, recorder):
    motion = open_vote(hall, method="paper")
    for number in ("", "0", "999", "-1", "5.0", "五", "1" * 400, "٥٥٥٥٥٥٥٥"):
        answer = recorder.post(hall.meeting.address("issue_paper", motion.number), {"entry": number}, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid"), number


def test_refusals_have_the_codes_of_a_ballot(hall, recorder):
    motion = open_vote(hall, method="paper_and_online")
    url = hall.meeting.address("issue_paper", motion.number)
    assert recorder.post(url, {"entry": "1"}, headers=JSON).status_code == 303
    told = recorder.post(url, {"entry": "1"}, headers=JSON)
    assert (told.status_code, told.json()["error"]["code"]) == (409, "already_voted")
    told = recorder.post(url, {"entry": "12"}, headers=JSON)
    assert (told.status_code, told.json()["error"]["code"]) == (403, "forbidden")
    told = recorder.post(hall.meeting.address("return_paper", motion.number), {"entry": "2"}, headers=JSON)
    assert (told.status_code, told.json()["error"]["code"]) == (409, "wrong_state")
    voter = signed_in(hall.account(0))
    told = voter.post(
        hall.meeting.address("cast", motion.number), {"entry": 1, "choice": "for", "key": "a"}, headers=JSON
    )
    assert (told.status_code, told.json()["error"]["code"]) == (409, "already_voted")
    assert "纸票" in told.json()["error"]["message"]
    voting.close_motion(motion, by=None)
    told = recorder.post(url, {"entry": "3"}, headers=JSON)
    assert (told.status_code, told.json()["error"]["code"]) == (409, "poll_closed")


@pytest.mark.parametrize(
    ("method", "words"),
    [("paper", "请到发票处领票"), ("belenios", "在 Belenios 网站上投票"), ("hands", "请在会场举手")],
)
def test_a_phone_is_told_where_to_vote_when_it_cannot(hall, method, words):
    motion = open_vote(hall, method=method)
    page = signed_in(hall.account(0)).get(hall.meeting.get_absolute_url()).text
    assert words in page
    assert f'action="{hall.meeting.address("cast", motion.number)}"' not in page


def test_a_phone_is_told_that_its_unit_holds_a_paper(hall):
    motion = open_vote(hall, method="paper_and_online")
    paper.issue_paper(motion=motion, entry=hall.entries[0], by=None)
    page = signed_in(hall.account(0)).get(hall.meeting.get_absolute_url()).text
    assert "您领了纸票" in page
    assert "您领了纸票" not in signed_in(hall.account(1)).get(hall.meeting.get_absolute_url()).text


def test_printed_papers_have_the_words_and_nothing_that_tells_them_apart(hall, recorder):
    motion = open_vote(hall, method="paper", text="是否同意修缮老戏台？")
    page = recorder.get(hall.meeting.address("paper_ballots", motion.number), {"pages": "2"}).text
    slips = re.findall(r'<section class="slip.*?</section>', page, re.DOTALL)
    assert len(slips) == 16
    assert len(set(slips)) == 1
    assert all(word in slips[0] for word in ("是否同意修缮老戏台？", "赞成", "反对", "弃权", "盖章"))
    for pages in ("0", "-1", "x", "9999999", "٣"):
        assert recorder.get(hall.meeting.address("paper_ballots", motion.number), {"pages": pages}).status_code == 200


def test_the_tally_form_has_rows_for_strokes_and_places_to_sign(hall, recorder):
    motion = open_vote(hall, method="paper")
    page = recorder.get(hall.meeting.address("tally_form", motion.number)).text
    assert page.count('class="tally-strokes"') == 5
    assert all(word in page for word in ("&#27491;&#27491;", "唱票人", "计票人", "监票人", "没有交回"))


# The count


# What differs from one answer to the next, whatever is in it.
CHANGES = re.compile(
    r'"\w{64}"|data-token="[^"]+|name="key" value="[^"]+|data-\w*version="\d+|photos/[0-9a-f]{32}|编号：[0-9a-f]{12}'
)


def seen_by(hall, motion, people, first):
    """All pages of these people after that first count, which is undone again."""
    with transaction.atomic():
        first()
        found = {}
        for number in people:
            client = signed_in(hall.account(number))
            for name in ("console", "meeting", "board", "hall", "papers", "tally_form", "sheet photo"):
                if name == "sheet photo":
                    path = reverse("consultation:photo", args=[hall.village.slug, token_of(Photo.objects.get())])
                else:
                    numbers = [motion.number] if name in ("papers", "tally_form") else []
                    path = (
                        hall.meeting.get_absolute_url() if name == "meeting" else hall.meeting.address(name, *numbers)
                    )
                page = client.get(path)
                found[number, name] = (page.status_code, CHANGES.sub("", page.text))
            told = client.get(hall.meeting.address("board"), headers=JSON).json()
            found[number, "board.json"] = {key: value for key, value in told.items() if key != "version"}
        transaction.set_rollback(True)
    return found


def test_the_second_persons_pages_are_the_same_whatever_the_first_has_typed(hall, counting, recorder):
    people = (0, 6)  # the chair, who is to count next, and a resident
    for number in people:
        hall.account(number)
    seen = [
        seen_by(hall, counting, people, lambda typed=typed: count_of(hall, counting, recorder, typed, photo=photo()))
        for typed in (TYPED, TYPED | {"for": "1", "abstain": "7", "blank": "0"})
    ]
    for key, page in seen[0].items():
        assert seen[1][key] == page, key
    assert "第二个人录入纸票" in seen[0][0, "console"][1]  # there was something to leak
    assert {status for (_number, name), (status, *_page) in seen[0].items() if name == "sheet photo"} == {404}


def test_the_log_and_the_sheet_hold_nothing_of_the_first_count(hall, counting, recorder):
    count_of(hall, counting, recorder, TYPED)
    told = AuditEntry.objects.filter(action="enter_paper").get().detail
    assert not {5, 3} & {value for value in told.values() if isinstance(value, int)}
    sheet = Sheet.objects.get()
    assert (sheet.numbers, sheet.entered_by, sheet.base_count) == ((0,) * 6, "", 0)


def test_two_people_confirm_and_the_chair_may_announce(hall, counting, recorder):
    chair = signed_in(hall.chair)
    count_of(hall, counting, recorder, TYPED)
    console = chair.get(hall.meeting.address("console")).text
    assert "第二个人录入纸票" in console
    assert "announce" not in console
    assert count_of(hall, counting, chair, TYPED).status_code == 303
    console = chair.get(hall.meeting.address("console")).text
    assert "赞成 5，反对 0，弃权 0，空白 3，废票 0，没有交回 3。" in console
    assert "announce" in console
    assert f"{hall.people[1].name}录入，{hall.people[0].name}核对。" in console


def test_a_mismatch_shows_both_and_asks_a_third(hall, counting, recorder):
    chair = signed_in(hall.chair)
    count_of(hall, counting, recorder, TYPED)
    count_of(hall, counting, chair, TYPED | {"for": "4", "abstain": "1"})
    console = chair.get(hall.meeting.address("console")).text
    assert f"{hall.people[1].name}：赞成 5，反对 0，弃权 0" in console
    assert f"{hall.people[0].name}：赞成 4，反对 0，弃权 1" in console
    assert count_of(hall, counting, recorder, TYPED).status_code == 409
    assert count_of(hall, counting, signed_in(hall.scrutineer), TYPED).status_code == 303
    assert Sheet.objects.get().state == "confirmed"


def test_what_does_not_add_up_stays_in_the_form(hall, counting, recorder):
    response = count_of(hall, counting, recorder, TYPED | {"for": "6"})
    assert response.status_code == 422
    assert "多了 1 张" in response.text
    assert 'value="6"' in response.text
    told = recorder.post(hall.meeting.address("enter_papers", counting.number), TYPED | {"for": "x"}, headers=JSON)
    assert (told.status_code, told.json()["error"]["field"]) == (422, "for")


def test_a_photo_goes_with_the_count_and_is_linked_once_confirmed(hall, counting, recorder):
    count_of(hall, counting, recorder, TYPED, photo=photo())
    count_of(hall, counting, signed_in(hall.chair), TYPED)
    console = recorder.get(hall.meeting.address("console")).text
    path = re.search(r'href="(/v/[^"]+/photos/[0-9a-f]{32}/)"', console)[1]
    assert recorder.get(path).status_code == 200


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.svg", b"<svg/>", 415), ("a.jpg", b"\xff\xd8\xff", 422), ("a.jpg", b"\xff\xd8\xff" + b"0" * 20_971_520, 413)],
)
def test_a_photo_that_is_none_keeps_the_numbers_in_the_form(hall, counting, recorder, name, content, status):
    response = count_of(hall, counting, recorder, TYPED, photo=SimpleUploadedFile(name, content))
    assert response.status_code == status
    assert 'value="5"' in response.text
    assert not Sheet.objects.exists()
    assert not Photo.objects.exists()


def test_a_refused_count_keeps_no_photo(hall, counting, recorder):
    assert count_of(hall, counting, recorder, TYPED | {"for": "6"}, photo=photo()).status_code == 422
    assert not Photo.objects.exists()


def test_after_twenty_photos_in_an_hour_a_count_goes_in_without_one(hall, counting, recorder):
    for _turn in range(20):
        too_often(f"upload:{hall.recorder.pk}", limit=20, seconds=3600)
    response = count_of(hall, counting, recorder, TYPED, photo=photo())
    assert (response.status_code, "Retry-After" in response) == (429, True)
    assert count_of(hall, counting, recorder, TYPED).status_code == 303


# Elsewhere


def test_the_list_for_belenios_and_its_result_go_through_the_console(hall):
    motion = open_vote(hall, method="belenios")
    chair, recorder = signed_in(hall.chair), signed_in(hall.recorder)
    url = hall.meeting.address("belenios_voters", motion.number)
    assert chair.post(url, {"reason": ""}, headers=JSON).status_code == 422
    response = chair.post(url, {"reason": "换届选举"})
    assert response["Content-Disposition"].startswith("attachment")
    assert len(response.text.splitlines()) == 11
    assert recorder.post(url, {"reason": "换届选举"}).status_code == 403
    for _turn in range(4):
        chair.post(url, {"reason": "换届选举"})
    assert chair.post(url, {"reason": "换届选举"}, headers=JSON).status_code == 429

    motion = voting.close_motion(motion, by=None)
    into = hall.meeting.address("enter_belenios", motion.number)

    def file(content=b'{"result": [[5, 3, 2]]}'):
        return {"result": SimpleUploadedFile("result.json", content)}

    assert recorder.post(into, {}).status_code == 422
    assert recorder.post(into, file(b"<html>")).status_code == 422
    assert recorder.post(into, file() | {"for": "3"}).status_code == 422
    assert recorder.post(into, file()).status_code == 303
    assert chair.post(into, {"for": "5", "against": "3", "abstain": "2"}).status_code == 303
    assert Sheet.objects.get().counts == {"for": 5, "against": 3, "abstain": 2}
    assert chair.post(hall.meeting.address("announce_result", motion.number)).status_code == 303


# Putting a motion on the list


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"method": "paper"}, ("paper", False, False)),
        ({"method": "paper_and_online", "secret": "on", "changeable": "on"}, ("paper_and_online", True, True)),
        ({"method": "online", "secret": "on"}, ("online", True, False)),
        ({"method": "belenios"}, ("belenios", True, False)),
    ],
)
def test_motions_are_put_on_the_list_with_papers_and_in_secret(hall, typed, kept):
    response = signed_in(hall.chair).post(hall.meeting.address("table_motion"), {"text": "路灯"} | typed)
    assert response.status_code == 303
    motion = hall.meeting.motions.get()
    assert (motion.method, motion.secret, motion.changeable) == kept


@pytest.mark.parametrize(
    "typed",
    [
        {"method": "hands", "secret": "on"},
        {"method": "hands_and_online", "secret": "on"},
        {"method": "paper", "changeable": "on"},
        {"method": "none"},
    ],
)
def test_what_cannot_be_is_said_beside_the_field(hall, typed):
    response = signed_in(hall.chair).post(hall.meeting.address("table_motion"), {"text": "路灯"} | typed)
    assert response.status_code == 422
    assert "field-error" in response.text
    assert not hall.meeting.motions.exists()
