"""What the portal holds on somebody: shown to them alone, put right on their word, and gone when they go."""

from __future__ import annotations

import datetime
import io
import json

import openpyxl
import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from consultation import voting
from consultation.eligibility import watchers
from consultation.models import Ballot, Decision, Mark
from residents import corrections
from residents.claim_requests import ask as ask_claim
from residents.claim_requests import propose_claim
from residents.corrections import CorrectionError, is_open, state_in_words, wish_of
from residents.leaving import StillInOffice, delete_account, offices_to_end, withdraw_consent
from residents.models import Appointment, Claim, ClaimRequest, Correction, Proposal, RollLook, SignIn, User
from residents.own_copy import copy_of
from residents.own_data import held_on
from residents.phone_accounts import account_for, phone_shown
from residents.phones import phone_hash, seal_phone
from residents.roll_edit_proposals import propose_edit
from residents.roll_edits import Edit, RollEdit
from residents.sign_ins import device_in_words, sign_ins_of
from residents.two_people import NotWaiting, decide
from tests.factories.consultation import close_vote, make_hall, open_vote
from tests.factories.residents import SINCE, appoint, make_account, make_resident, make_user, make_village

pytestmark = pytest.mark.django_db
PHONE = "13900001234"
TODAY = datetime.date(2026, 11, 26)


def phone_account(person, phone=PHONE):
    """Somebody who came by phone and is this person."""
    user = account_for(phone)
    phone_shown(user)
    return make_account(person, user=user)


def text_of(user):
    return json.dumps(
        [[list(fact) for entry in part.entries for fact in entry] for part in held_on(user)], ensure_ascii=False
    )


def part(user, code):
    return next((one for one in held_on(user) if one.code == code), None)


def test_everything_held_on_a_person_is_there():
    hall = make_hall(5)
    person = hall.people[4]
    person.phone_sealed, person.phone_hash, person.nickname = seal_phone(PHONE), phone_hash(PHONE), "满叔"
    person.save()
    user = phone_account(person)
    close_vote(hall, votes=(3, 1, 1))
    RollLook.objects.create(village=hall.village, resident=person, what="phone", reason="通知开会", by_name="甲管理")
    RollLook.objects.create(village=hall.village, what="export", reason="换届核对", by_name="乙管理")
    RollLook.objects.create(village=hall.village, resident=hall.people[3], what="phone", reason="别人的", by_name="丙")
    Appointment.objects.create(village=hall.village, resident=person, role="representative", from_on=SINCE)
    said = text_of(user)
    for words in (PHONE, "满叔", "1980-03-08", "通知开会", "换届核对", "村（居）民代表", "晒谷坪设临时停车处", "弃权"):
        assert words in said
    assert "别人的" not in said
    assert str(part(user, "attendances").entries[0][0][1]) == hall.meeting.title


def test_a_secret_vote_says_only_that_it_was_cast_and_not_when():
    hall = make_hall(4)
    user = hall.account(3)
    motion = open_vote(hall)
    motion.secret = True
    motion.save(update_fields=["secret"])
    Mark.objects.create(village=hall.village, motion=motion, entry=hall.entries[3])
    (entry,) = part(user, "votes").entries
    assert [label for label, _text in entry] == ["会议", "表决事项", "您的票"]
    assert "无记名" in dict(entry)["您的票"]


def test_of_those_one_helps_only_that_one_helps_them_is_told():
    village = make_village()
    mother = make_resident(village, name="邓菊英", note="五保户", phone_sealed=seal_phone("13911112222"))
    user = make_account(make_resident(village, name="邓小满"))
    make_account(mother, relation="helper", user=user)
    said = text_of(user)
    assert "邓菊英" in said
    assert "五保户" not in said
    assert "13911112222" not in said


def test_the_same_number_of_queries_however_much_there_is(django_assert_max_num_queries):
    hall = make_hall(4)
    user = hall.account(3)
    for number in range(4):
        close_vote(hall, votes=(2, 1, 1), text=f"第{number}件事")
    with django_assert_max_num_queries(75):
        held_on(user)


def test_a_copy_is_whole_readable_safe_to_open_and_logged():
    village = make_village()
    person = make_resident(village, name="邓小满", note="=HYPERLINK(1)")
    user = make_account(person)
    told = json.loads(copy_of(user, kind="json"))
    assert {one["part"] for one in told["parts"]} >= {"account", "roll_line", "claims"}
    assert any("邓小满" in entry.values() for one in told["parts"] for entry in one["entries"])
    book = openpyxl.load_workbook(io.BytesIO(copy_of(user, kind="xlsx")))
    cells = [cell.value for page in book for row in page.iter_rows() for cell in row if cell.value]
    assert "'=HYPERLINK(1)" in cells
    assert not [value for value in cells if str(value).startswith("=")]
    assert AuditEntry.objects.filter(action="copy_own_data", actor_id=user.pk).count() == 2


# Correcting


def keeper(village, name):
    person = make_resident(village, name=name)
    appoint(person, "village_admin")
    return make_account(person)


def test_a_correction_is_settled_when_the_second_person_confirms_the_change():
    village = make_village()
    person = make_resident(village, name="邓小蛮")
    user = make_account(person)
    first, second = keeper(village, "甲"), keeper(village, "乙")
    asked = corrections.ask(user, person, about="name", wish="应该是邓小满，户口簿上有")
    assert corrections.ask(user, person, about="name", wish="应该是邓小满，户口簿上有") == asked
    assert b"\xe5" not in bytes(asked.wish_sealed)
    assert (wish_of(asked), is_open(asked)) == ("应该是邓小满，户口簿上有", True)
    edit = RollEdit(Edit.CORRECT, on=TODAY, reason="户口簿", resident=person, fields={"name": "邓小满"})
    proposal = propose_edit(village, edit, by=first)
    corrections.answered_by(asked, proposal, by=first)
    asked.refresh_from_db()
    assert (state_in_words(asked), is_open(asked)) == ("有人在办，等第二人确认", False)
    with pytest.raises(CorrectionError):
        corrections.answer_no(asked, answer="不改", by=second)
    decide(proposal, by=second, accept=True)
    asked = Correction.objects.select_related("proposal").get()
    assert state_in_words(asked) == "已改好"
    person.refresh_from_db()
    assert person.name == "邓小满"
    assert not Correction.objects.of(village).open().exists()


def test_a_change_that_was_sent_back_leaves_the_correction_open():
    village = make_village()
    person = make_resident(village)
    user = make_account(person)
    first, second = keeper(village, "甲"), keeper(village, "乙")
    asked = corrections.ask(user, person, about="gender", wish="女")
    edit = RollEdit(Edit.CORRECT, on=TODAY, reason="口述", resident=person, fields={"gender": "f"})
    proposal = propose_edit(village, edit, by=first)
    corrections.answered_by(asked, proposal, by=first)
    decide(proposal, by=second, accept=False, note="没有依据")
    asked = Correction.objects.select_related("proposal").get()
    assert is_open(asked)
    corrections.answer_no(asked, answer="请带户口簿来", by=second)
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("refused", "请带户口簿来")


def test_only_ones_own_line_and_not_too_many():
    village = make_village()
    user = make_account(make_resident(village))
    neighbour = make_resident(village)
    with pytest.raises(CorrectionError, match="自己的资料"):
        corrections.ask(user, neighbour, about="name", wish="随便")
    own = user.claims.get().resident
    for number in range(5):
        corrections.ask(user, own, about="other", wish=f"第{number}项")
    with pytest.raises(CorrectionError, match="已经提了 5 项"):
        corrections.ask(user, own, about="other", wish="第六项")
    corrections.withdraw(Correction.objects.first(), by=user)
    corrections.ask(user, own, about="other", wish="第六项")


# Leaving


def results(hall):
    """All that an outcome rests on."""
    return (
        list(Decision.objects.of(hall.village).values_list("motion", "counts", "entitled", "present", "outcome")),
        sorted(Mark.objects.of(hall.village).values_list("motion", "entry")),
        sorted(Ballot.objects.of(hall.village).values_list("motion", "entry", "choice", "channel", "cast_at")),
        list(hall.meeting.roster.entries.values_list("number", "name", "resident")),
        list(hall.meeting.attendances.values_list("entry", "in_at", "came_after")),
    )


@pytest.mark.parametrize("leave", [delete_account, withdraw_consent])
def test_results_stay_whole_when_somebody_goes(leave):
    hall = make_hall(6)
    user = phone_account(hall.people[5])
    motion = open_vote(hall)
    for entry in hall.entries:
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{entry.pk}")
    voting.close_motion(motion, by=None)
    close_vote(hall, votes=(1, 4, 1), text="第二件事")
    before = results(hall)
    assert before[0]
    leave(user)
    assert results(hall) == before
    # A motion that is open goes on with the vote that was cast.
    third = open_vote(hall, text="第三件事")
    voting.cast_ballot(motion=third, entry=hall.entries[0], choice="for", key="1")
    assert voting.close_motion(third, by=None).latest_decision.entitled == 6


def test_a_deleted_account_is_a_number_without_a_name():
    village = make_village()
    person = make_resident(village, name="邓小满")
    user = phone_account(person)
    user.display_name, user.email = "邓小满", "deng@example.com"
    user.set_password("long-enough-words")
    user.save()
    corrections.ask(user, person, about="phone", wish="13988887777")
    client = Client()
    client.force_login(user)
    assert SignIn.objects.filter(user=user).count() == 1
    delete_account(user)
    gone = User.objects.get(pk=user.pk)
    assert (gone.display_name, gone.email, gone.phone_hash, bytes(gone.phone_sealed)) == ("", "", "", b"")
    assert gone.username.startswith("gone-")
    assert (gone.is_active, gone.has_usable_password(), gone.consented_at, gone.last_login) == (
        False,
        False,
        None,
        None,
    )
    assert str(gone) == "已注销的账号"
    assert not Claim.objects.filter(user=gone).exists()
    assert not Correction.objects.filter(user=gone).exists()
    assert not SignIn.objects.exists()
    assert not Session.objects.exists()
    entry = AuditEntry.objects.get(action="delete_account")
    assert (entry.actor_id, entry.actor_name) == (gone.pk, "已注销的账号")
    assert AuditEntry.objects.filter(action="end_claim", village_id=village.pk, actor_id=gone.pk).count() == 1
    person.refresh_from_db()
    assert person.name == "邓小满"
    # The number is free: whoever signs in with it begins anew, with no right.
    again = account_for(PHONE)
    assert again.pk != gone.pk
    assert not again.claims.exists()


def test_what_was_asked_to_be_recognised_is_forgotten_and_can_no_longer_be_confirmed():
    village = make_village()
    person = make_resident(village, name="邓小满")
    user = make_user()
    request = ask_claim(user, village, name="邓小满子", birth_year=1980, group="1组", note="住老屋场")
    first, second = keeper(village, "甲"), keeper(village, "乙")
    proposal = propose_claim(request, person, by=first)
    delete_account(user)
    request = ClaimRequest.objects.get()
    assert (request.state, request.stated_name, request.note) == ("withdrawn", "", "")
    proposal = Proposal.objects.get()
    assert "邓小满子" not in proposal.summary + json.dumps(proposal.payload, ensure_ascii=False)
    with pytest.raises(NotWaiting):
        decide(proposal, by=second, accept=True)


@pytest.mark.parametrize("leave", [delete_account, withdraw_consent])
def test_an_open_socket_is_told_to_close_at_its_next_beat(leave):
    village = make_village()
    user = phone_account(make_resident(village))
    assert watchers(village, [user.pk]) == {user.pk}
    leave(user)
    assert watchers(village, [user.pk]) == set()


def test_who_is_needed_by_an_office_leaves_it_first():
    village = make_village()
    admin = keeper(village, "甲")
    with pytest.raises(StillInOffice, match=f"{village} 村（社区）管理员"):
        delete_account(admin)
    with pytest.raises(StillInOffice):
        withdraw_consent(admin)
    assert User.objects.get(pk=admin.pk).is_active
    Appointment.objects.update(until_on=TODAY - datetime.timedelta(days=1))
    assert offices_to_end(admin) == []
    delete_account(admin)


def test_a_representative_needs_no_account_for_the_office():
    person = make_resident(make_village())
    appoint(person, "representative")
    user = make_account(person)
    delete_account(user)
    assert Appointment.objects.get().resident == person


def test_withdrawn_consent_ends_what_rested_on_it():
    village = make_village()
    person = make_resident(village, phone_sealed=seal_phone(PHONE), phone_hash=phone_hash(PHONE))
    user = phone_account(person)
    client = Client()
    client.force_login(user)
    withdraw_consent(user)
    user = User.objects.get(pk=user.pk)
    assert (user.phone_hash, user.consented_at, user.is_active) == ("", None, True)
    assert [claim.state for claim in user.claims.all()] == ["ended"]
    assert not Session.objects.exists()
    person.refresh_from_db()
    assert person.phone_hash == phone_hash(PHONE)


# Signing in


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 10; V1928A) Chrome/87.0 MicroMessenger/8.0.40", "微信 · 安卓手机"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 13_3) Version/13.0 Safari/604.1", "Safari · 苹果手机"),
        ("curl/8", ""),
    ],
)
def test_a_device_is_told_in_words(browser, words):
    assert device_in_words(browser) == words


def test_a_session_that_is_over_is_not_listed():
    user = make_user()
    client, other = Client(), Client()
    client.force_login(user)
    other.force_login(user)
    assert len(sign_ins_of(user)) == 2
    other.logout()
    assert [one.session_key for one in sign_ins_of(user)] == [client.session.session_key]


# The pages


def at(name, *args):
    return reverse(f"me:{name}", args=args)


@pytest.fixture
def mine():
    person = make_resident(make_village(), name="邓小满")
    client = Client()
    client.force_login(make_account(person))
    return client


def test_the_page_is_for_who_is_signed_in(mine):
    page = mine.get(at("own_data"))
    assert "邓小满" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert Client().get(at("own_data")).status_code == 302
    assert Client().post(at("delete_account")).status_code == 302


@pytest.mark.parametrize("kind", ["json", "xlsx"])
def test_a_copy_goes_out_as_a_file(mine, kind):
    answer = mine.post(at("own_copy"), {"kind": kind})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f".{kind}")
    assert mine.post(at("own_copy"), {"kind": "exe"}).status_code == 404


def test_copies_are_counted(mine):
    answers = [mine.post(at("own_copy"), {"kind": "json"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_asking_answering_and_reading_the_answer(mine):
    line = mine.get(at("correct")).context["lines"][0]
    wrong = mine.post(at("correct"), {"line": line.ref, "about": "", "wish": "应该是女"})
    assert (wrong.status_code, "应该是女" in wrong.content.decode()) == (422, True)
    assert mine.post(at("correct"), {"line": "ffffffffffff", "about": "name", "wish": "别人的"}).status_code == 422
    mine.post(at("correct"), {"line": line.ref, "about": "gender", "wish": "应该是女"})
    admin, stranger = Client(), Client()
    admin.force_login(keeper(line.village, "甲"))
    stranger.force_login(keeper(make_village(), "外村"))
    listed = reverse("residents:corrections", args=[line.village.slug])
    assert "应该是女" in admin.get(listed).content.decode()
    assert stranger.get(listed).status_code == 404
    assert mine.get(listed).status_code == 403
    answer = reverse("residents:answer_correction", args=[line.village.slug, 1])
    assert admin.post(answer, {"reason": " "}).status_code == 422
    assert admin.post(answer.replace("/1/", "/9/"), {"reason": "不改"}).status_code == 404
    assert admin.post(answer, {"reason": "户口簿上是男"}).status_code == 302
    assert "户口簿上是男" in mine.get(at("own_data")).content.decode()


def test_a_keeper_takes_a_correction_up_on_the_form_of_the_roll(mine):
    line = mine.get(at("correct")).context["lines"][0]
    mine.post(at("correct"), {"line": line.ref, "about": "phone", "wish": "13912345678"})
    admin = Client()
    admin.force_login(keeper(line.village, "甲"))
    listed = admin.get(reverse("residents:corrections", args=[line.village.slug])).content.decode()
    assert "13912345678" not in listed
    form = reverse("residents:edit_person", args=[line.village.slug, line.ref, "correct"]) + "?correction=1"
    page = admin.get(form)
    assert "13912345678" in page.content.decode()
    assert RollLook.objects.get().resident == line
    data = {**page.context["form"].initial, "phone": "13912345678", "on": "2026-11-20", "reason": "本人要求"}
    data = {name: value for name, value in data.items() if value not in (None, "", False)}
    assert admin.post(form, data).status_code == 302
    asked = Correction.objects.select_related("proposal").get()
    assert state_in_words(asked) == "有人在办，等第二人确认"


def test_the_last_step_asks_for_a_tick_and_signs_out(mine):
    assert mine.post(at("delete_account")).status_code == 422
    assert mine.post(at("delete_account"), {"understood": "on"})["Location"] == at("gone", "delete")
    assert mine.get(at("gone", "delete")).status_code == 200
    assert mine.get(at("own_data")).status_code == 302
    assert mine.get(at("gone", "elsewhere")).status_code == 404


def test_in_office_the_page_says_what_has_to_end_first():
    client = Client()
    client.force_login(keeper(make_village(), "甲"))
    page = client.get(at("delete_account")).content.decode()
    assert "村（社区）管理员" in page
    answer = client.post(at("delete_account"), {"understood": "on"})
    assert (answer.status_code, User.objects.filter(deleted_at__isnull=False).exists()) == (409, False)


def test_a_device_left_lying_is_asked_again_before_data_leaves(mine, settings):
    user = User.objects.get(claims__resident__name="邓小满")
    user.set_password("long-enough-words")
    user.save()
    client = Client()
    client.force_login(user)
    for name in ("own_copy", "delete_account", "withdraw_consent"):
        assert client.post(at(name), {"kind": "json", "understood": "on"})["Location"].startswith(
            reverse("account_reauthenticate")
        )
    assert User.objects.get(pk=user.pk).is_active


def test_other_devices_are_signed_out(mine):
    user = User.objects.get(claims__resident__name="邓小满")
    other = Client()
    other.force_login(user)
    mine.post(at("sign_out_elsewhere"))
    assert other.get(at("own_data")).status_code == 302
    assert mine.get(at("own_data")).status_code == 200
