"""The officers sign the minutes, each for themselves; a page signed by hand is shown by somebody else."""

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditEntry
from consultation import meetings, minutes, settling, sheets, signing, voting
from consultation.errors import Invalid, NotAllowed, PhotoRefused, SamePerson, WrongState
from consultation.models import Meeting, Minutes, Officer, Photo, Signature
from consultation.models.presets import Signers
from consultation.pictures import token_of
from residents import two_people
from residents.models import Resident
from tests.consultation.test_official_papers import client_of, text_of
from tests.consultation.test_photos import files_in, with_location
from tests.factories.consultation import close_vote, make_hall, open_vote, sign_all
from tests.factories.residents import appoint, make_account, make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    """The private files of this test alone."""
    monkeypatch.setattr(Photo._meta.get_field("file"), "storage", FileSystemStorage(tmp_path / "private"))
    return tmp_path / "private"


def upload():
    return SimpleUploadedFile("IMG_0001.jpg", with_location())


def counted_by_hand(hall):
    motion = voting.close_motion(open_vote(hall, method="hands"), by=None)
    for person in hall.people[:2]:
        sheets.enter_hands(motion, reader=person, counts={"for": 5, "against": 1, "abstain": 0}, by=None)
    voting.announce_result(motion, by=None)


def checked(*, hands=False, **rules):
    """A hall whose meeting is over and whose minutes were checked, by somebody of the supervisory committee."""
    hall = make_hall()
    counted_by_hand(hall) if hands else close_vote(hall, votes=(4, 1, 1))
    meetings.close_meeting(hall.meeting, by=None)
    Meeting.objects.filter(pk=hall.meeting.pk).update(rules=hall.meeting.rules | rules)
    hall.meeting = Meeting.objects.select_related("village", "roster").get(pk=hall.meeting.pk)
    appoint(hall.people[4], "supervisory_chair")
    minutes.check_minutes(minutes.draft_minutes(hall.meeting, by=None), checker=hall.people[4], by=None)
    return hall


def record_of(hall):
    return Minutes.objects.select_related("meeting__village").get(meeting=hall.meeting)


def sign(hall, place):
    return signing.sign_minutes(record_of(hall), signer=hall.people[place], by=None)


def on_paper(hall, role, *, uploader, file=None):
    return signing.sign_on_paper(
        record_of(hall), role=role, upload=file or upload(), uploader=hall.people[uploader], by=None
    )


# Who has to sign


@pytest.mark.parametrize(
    ("rule", "by_phone", "by_people"),
    [
        (Signers.CHAIR, ["chair"], ["chair"]),
        (Signers.CHAIR_RECORDER, ["chair", "recorder"], ["chair", "recorder"]),
        (Signers.WITH_SCRUTINEER, ["chair", "recorder"], ["chair", "recorder", "scrutineer"]),
        (Signers.WITH_COUNTERS, ["chair", "recorder"], ["chair", "recorder", "scrutineer", "teller"]),
    ],
)
def test_the_procedure_says_who_signs(rule, by_phone, by_people):
    assert list(signing.roles_that_sign(rule, counted=False)) == by_phone
    assert list(signing.roles_that_sign(rule, counted=True)) == by_people


def test_the_scrutineer_signs_where_people_counted():
    assert [one.role for one in signing.signers_of(checked().meeting)] == ["chair", "recorder"]
    assert [one.role for one in signing.signers_of(checked(hands=True).meeting)] == ["chair", "recorder", "scrutineer"]


def test_a_notice_of_before_there_was_the_rule_asks_for_the_usual_signatures():
    hall = checked()
    hall.meeting.rules.pop("signers")
    assert [one.role for one in signing.signers_of(hall.meeting)] == ["chair", "recorder"]


def test_an_office_nobody_holds_asks_for_no_signature_and_who_took_it_over_signs():
    hall = make_hall()
    Officer.objects.filter(meeting=hall.meeting, role="scrutineer").delete()
    meetings.hand_over(hall.meeting, role="recorder", to=hall.people[5], by=None)
    counted_by_hand(hall)
    assert [one.resident for one in signing.signers_of(hall.meeting)] == [hall.people[0], hall.people[5]]


# Signing


def test_the_minutes_are_signed_once_everybody_has_signed_the_same_words():
    hall = checked(hands=True)
    first = sign(hall, 1)
    assert (first.state, first.signed_at) == ("checked", None)
    assert sign(hall, 0).state == "checked"
    with pytest.raises(WrongState):
        minutes.publish_minutes(record_of(hall), by=None)
    made = sign(hall, 2)
    assert made.state == "signed"
    assert made.signed_at == max(one.signed_at for one in made.signatures.all())
    assert {(one.role, one.name, one.digest) for one in made.signatures.all()} == {
        (role, person.name, first.digest)
        for role, person in zip(("chair", "recorder", "scrutineer"), hall.people, strict=False)
    }
    assert minutes.publish_minutes(made, by=None).state == "published"


def test_the_first_signature_freezes_the_words():
    hall = checked()
    made = sign(hall, 0)
    Resident.objects.of(hall.village).update(name="改名人")
    assert sign(hall, 1).facts == made.facts
    assert made.digest == signing.digest_of(record_of(hall))
    assert Signature.objects.get(role="chair").name != "改名人"
    with pytest.raises(WrongState):
        minutes.edit_minutes(made, revision=made.revision, proceedings="另写", opinion="", by=None)


def test_a_page_that_was_tampered_with_says_so():
    hall = checked()
    sign_all(record_of(hall))
    reader, address = client_of(hall.account(5)), hall.meeting.address("minutes")
    assert "对不上" not in reader.get(address).text
    Minutes.objects.update(proceedings="换了一段话")
    assert "和签字时的校验值对不上" in reader.get(address).text


def test_a_correction_between_two_signatures_stands_below_and_not_in_what_the_second_signs():
    hall = checked(hands=True)
    for place in (3, 4):
        appoint(hall.people[place], "supervisory_member")
    made = sign(hall, 0)
    motion = hall.meeting.motions.get()
    proposal = settling.propose_correction(
        motion, motion.sheets.get(), numbers={"for_count": 2, "against_count": 4}, reason="看错了行",
        by=hall.account(3),
    )  # fmt: skip
    with transaction.atomic():
        two_people.decide(proposal, by=hall.account(4), accept=True)
    after = sign(hall, 1)
    assert (after.facts, after.digest) == (made.facts, made.digest)
    assert [one["outcome"] for one in minutes.later_results(after)] == ["lost"]


def test_nobody_signs_twice_or_in_anothers_place():
    hall = checked()
    sign(hall, 0)
    with pytest.raises(WrongState):
        sign(hall, 0)
    for place in (2, 3, 4):  # scrutineer of a vote nobody counted, a voter, who checked
        with pytest.raises(NotAllowed):
            sign(hall, place)
    assert Signature.objects.get().role == "chair"


@pytest.mark.parametrize("state", ["draft", "signed", "published", "archived"])
def test_only_what_was_checked_is_signed(state):
    hall = checked()
    Minutes.objects.update(state=state)
    with pytest.raises(WrongState):
        sign(hall, 0)
    with pytest.raises(WrongState):
        on_paper(hall, "recorder", uploader=0)


def test_given_back_before_all_have_signed_the_signatures_go_and_the_log_says_whose(private):
    hall = checked(hands=True)
    before = sign(hall, 0).digest
    on_paper(hall, "scrutineer", uploader=1)
    given_back = minutes.return_minutes(record_of(hall), by=None, note="漏了一条")
    assert (given_back.state, given_back.digest, Signature.objects.count(), Photo.objects.count()) == (
        "draft", "", 0, 0,
    )  # fmt: skip
    entry = AuditEntry.objects.filter(action="return_minutes").latest("id")
    assert entry.detail["note"] == "漏了一条"
    assert set(entry.detail["signatures"]) == {f"chair {hall.people[0].name}", f"scrutineer {hall.people[2].name}"}
    minutes.edit_minutes(given_back, revision=given_back.revision, proceedings="补上了", opinion="", by=None)
    minutes.check_minutes(record_of(hall), checker=hall.people[4], by=None)
    assert sign_all(record_of(hall)).digest != before
    with pytest.raises(WrongState):
        minutes.return_minutes(record_of(hall), by=None, note="再改")


# On paper


def test_a_page_signed_by_hand_counts_as_that_officers_signature():
    hall = checked()
    sign(hall, 0)
    made = on_paper(hall, "recorder", uploader=0)
    assert made.state == "signed"
    kept = Signature.objects.get(role="recorder")
    assert (kept.resident, kept.uploaded_by, kept.digest) == (hall.people[1], hall.people[0], made.digest)
    assert AuditEntry.objects.filter(action="sign_minutes").latest("id").detail["on_paper"] == kept.photo.sha256
    said = text_of(client_of(hall.account(5)).get(hall.meeting.address("minutes_paper")))
    assert f"签在纸上，{hall.people[0].name}上传照片" in said


def test_what_does_not_count_leaves_no_photo(private):
    hall = checked()
    with pytest.raises(WrongState):  # nobody has signed here yet: what was printed may still change
        on_paper(hall, "recorder", uploader=0)
    sign(hall, 0)
    for role, uploader, refusal in (
        ("recorder", 1, SamePerson),  # one's own hand
        ("chair", 1, Invalid),  # has signed already
        ("scrutineer", 0, Invalid),  # nobody counted
        ("nobody", 0, Invalid),
    ):
        with pytest.raises(refusal):
            on_paper(hall, role, uploader=uploader)
    with pytest.raises(PhotoRefused):
        on_paper(hall, "recorder", uploader=0, file=SimpleUploadedFile("a.jpg", b"no photo"))
    assert (Signature.objects.count(), Photo.objects.count(), files_in(private)) == (1, 0, [])


def test_the_database_keeps_signatory_and_uploader_apart():
    hall = checked()
    made = sign(hall, 0)
    photo = Photo.objects.create(village=hall.village, sha256="0" * 64)
    row = {
        "village": hall.village, "minutes": made, "role": "recorder", "resident": hall.people[1], "name": "甲",
        "digest": made.digest, "signed_at": timezone.now(),
    }  # fmt: skip
    for wrong in (
        {"photo": photo, "uploaded_by": hall.people[1]},
        {"photo": photo},
        {"uploaded_by": hall.people[0]},
        {"role": "chair"},
        {"resident": hall.people[0]},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Signature.objects.create(**row | wrong)


# The doors


def test_the_page_says_who_has_signed_and_offers_each_their_own():
    hall = checked(hands=True)
    chair, recorder, villager = (client_of(hall.account(place)) for place in (0, 1, 5))
    address = hall.meeting.address("minutes")
    assert chair.post(hall.meeting.address("sign_minutes")).status_code == 303
    assert "我签字（主持人）" not in chair.get(address).text
    assert "我签字（记录员）" in recorder.get(address).text
    page = villager.get(address).text
    assert (page.count("还没签"), "我签字" in page, "上传签字页照片" in page) == (2, False, False)
    refused = recorder.post(hall.meeting.address("signed_page"), {"role": "recorder", "photo": upload()})
    assert refused.status_code == 422  # the own office is not even offered
    taken = recorder.post(hall.meeting.address("signed_page"), {"role": "scrutineer", "photo": upload()}, follow=True)
    assert f"还等记录员{hall.people[1].name}签字" in taken.text
    assert Signature.objects.get(role="scrutineer").uploaded_by == hall.people[1]


def test_a_signed_page_is_seen_by_officers_supervisors_and_whose_hand_it_is():
    hall = checked()
    sign(hall, 0)
    on_paper(hall, "recorder", uploader=0)
    minutes.publish_minutes(record_of(hall), by=None)
    photo = reverse("consultation:photo", args=[hall.village.slug, token_of(Photo.objects.get())])
    readers = {
        "officer": client_of(hall.account(2)),
        "supervisor": client_of(hall.account(4)),
        "villager": client_of(make_account(make_resident(hall.village))),
        "stranger": client_of(make_hall().chair),
    }
    found = {who: client.get(photo).status_code for who, client in readers.items()}
    assert found == {"officer": 200, "supervisor": 200, "villager": 404, "stranger": 404}
    Officer.objects.update(until_at=timezone.now())
    assert client_of(hall.account(1)).get(photo).status_code == 200
    assert Client().get(photo).status_code == 302


# Somebody who does not sign


def excuse(hall, **fields):
    given = {"role": "recorder", "reason": "住院，签不了", "supervisor": hall.people[4], "by": None} | fields
    return signing.excuse_signature(record_of(hall), **given)


def test_minutes_do_not_wait_for_ever_for_one_who_cannot_sign():
    hall = checked()
    sign(hall, 0)
    done = excuse(hall)
    assert done.state == Minutes.State.SIGNED
    entry = AuditEntry.objects.get(action="excuse_signature")
    assert (entry.detail["reason"], entry.detail["excused_by"]) == ("住院，签不了", hall.people[4].name)
    minutes.publish_minutes(done, by=None)
    # Why is the village's own: it may tell of an illness.
    url, paper = hall.meeting.address("minutes"), hall.meeting.address("minutes_paper")
    villager = client_of(make_account(make_resident(hall.village)))
    for client, told in ((Client(), False), (villager, True)):
        assert ("住院" in client.get(url).text) == told
        assert ("住院" in text_of(client.get(paper))) == told
        assert "没有签字" in client.get(url).text


def test_nobody_is_excused_before_somebody_signed_and_never_without_a_reason_or_by_oneself():
    hall = checked()
    with pytest.raises(WrongState):
        excuse(hall)
    sign(hall, 0)
    for wrong, error in (
        ({"reason": " "}, Invalid),
        ({"role": "chair"}, Invalid),  # has signed
        ({"role": "teller"}, Invalid),  # need not
        ({"supervisor": hall.people[1]}, SamePerson),
    ):
        with pytest.raises(error):
            excuse(hall, **wrong)
    assert record_of(hall).state == Minutes.State.CHECKED


def test_a_supervisor_says_why_on_the_page_and_nobody_else():
    hall = checked()
    sign(hall, 0)
    url, sent = hall.meeting.address("excuse_signature"), {"excuse-role": "recorder", "excuse-reason": ""}
    assert client_of(hall.chair).post(url, sent | {"excuse-reason": "忙"}).status_code == 403
    supervisor = client_of(hall.account(4))
    assert supervisor.post(url, sent).status_code == 422
    assert supervisor.post(url, sent | {"excuse-reason": "联系不上"}).status_code == 303
    assert record_of(hall).state == Minutes.State.SIGNED
