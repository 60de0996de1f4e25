"""A village's entry: saved as it goes, frozen when it is sent in, checked from below within quotas, withdrawn."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from consultation.errors import PhotoRefused
from contest import checking, entries
from contest.errors import Closed, ContestRefused, Incomplete, NotAllowed, Stale, WrongState
from contest.films import LARGEST_FILM, require_film
from contest.models import Contest, Entry, EntryPhoto, Stage
from contest.stages import accepts_entries
from residents.models import User, Village
from tests.factories.acting import jpeg
from tests.factories.contest import make_contest, make_entry, make_officer
from tests.factories.residents import appoint, make_account, make_region, make_resident, make_user, make_village
from tests.factories.rules_in_force import put_in_force
from villagerules.canonical import text_hash
from villagerules.models import RuleVersion

pytestmark = pytest.mark.django_db
FILM = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00" * 64
OPEN = {"submission": (-2, 5), "township_review": (-1, 8), "county_selection": (-1, 12), "public_vote": (-1, 20)}


class Place:
    """A contest whose submission and checks are open, a village with rules, its committee and those above."""

    def __init__(self, **fields: object) -> None:
        self.contest: Contest = make_contest(stages=OPEN, now=timezone.now(), **fields)
        self.town = make_region("township", self.contest.region)
        self.village: Village = make_village(region=self.town)
        self.version = put_in_force(self.village, "不乱倒垃圾。", "红事不超过二十桌。")
        self.member: User = committee_of(self.village)
        self.reviewer = make_officer("township_reviewer", self.town)
        self.organizer = make_officer("organizer", self.contest.region)

    def ready(self) -> Entry:
        entry = entries.start_entry(self.contest, self.village, by=self.member)
        texts = {"title": "垃圾不落地", "story": "大家一条一条议出来的。"}
        return entries.save_entry(entry, texts, revision=0, by=self.member, version=self.version)

    def sent(self) -> Entry:
        entry = self.ready()
        return entries.submit_entry(entry, revision=entry.revision, by=self.member)

    def check(
        self, entry: Entry, result: str, *, by: User | None = None, stage: str = "township_review", **more: object
    ):
        return checking.check_entry(entry, stage=stage, result=result, by=by or self.reviewer, **more)


def committee_of(village: Village) -> User:
    person = make_resident(village)
    appoint(person, "committee_member")
    return make_account(person)


def test_what_is_sent_in_is_frozen_and_stays_so_when_the_rules_change() -> None:
    place = Place()
    entry = place.sent()
    assert (entry.state, entry.frozen_hash) == ("submitted", text_hash(place.version))
    assert "红事不超过二十桌" in entry.frozen_text
    assert entries.changed_since(entry) == ""

    put_in_force(place.village, "全新的一条。", on=timezone.localdate())
    entry.refresh_from_db()
    assert "红事不超过二十桌" in entry.frozen_text
    assert "改过" in entries.changed_since(entry)


def test_rules_that_were_repealed_after_sending_in_are_told_of() -> None:
    entry = Place().sent()
    RuleVersion.objects.filter(pk=entry.version_id).update(repealed_on=timezone.localdate())
    assert "废止" in entries.changed_since(Entry.objects.get(pk=entry.pk))


def test_two_who_edit_at_once_notice() -> None:
    place = Place()
    entry = place.ready()
    with pytest.raises(Stale):
        entries.save_entry(entry, {"title": "另一个题目"}, revision=0, by=place.member)
    entry.refresh_from_db()
    assert entry.title == "垃圾不落地"


@pytest.mark.parametrize("field", ["title", "story"])
def test_what_is_missing_is_named_with_its_field(field: str) -> None:
    place = Place()
    entry = place.ready()
    Entry.objects.filter(pk=entry.pk).update(**{field: ""})
    with pytest.raises(Incomplete) as refused:
        entries.submit_entry(entry, revision=entry.revision, by=place.member)
    assert refused.value.field == field


def test_a_version_enters_once_and_two_that_share_a_text_are_shown_to_each_other() -> None:
    place = Place(entries_per_village=5)
    first, second = place.sent(), place.ready()
    with pytest.raises(Incomplete, match="报过"):
        entries.submit_entry(second, revision=second.revision, by=place.member)

    neighbour = make_entry(place.contest, state="submitted", frozen_hash=first.frozen_hash)
    assert entries.same_text(first) == [neighbour]
    entries.withdraw_entry(first, reason="", by=place.member)
    assert entries.same_text(neighbour) == []
    assert entries.submit_entry(second, revision=second.revision, by=place.member).state == "submitted"


def test_only_the_committee_enters_for_its_village() -> None:
    place = Place()
    for stranger in (
        make_account(make_resident(place.village)),
        committee_of(make_village(region=place.town)),
        make_user(),
    ):
        with pytest.raises(NotAllowed):
            entries.start_entry(place.contest, place.village, by=stranger)


def test_a_contest_of_one_line_takes_one_from_each_verified_resident() -> None:
    place = Place(form="line")
    resident = make_account(make_resident(place.village))
    entry = entries.start_entry(place.contest, place.village, by=resident)
    with pytest.raises(WrongState):
        entries.start_entry(place.contest, place.village, by=resident)
    with pytest.raises(NotAllowed):
        entries.save_entry(entry, {"line": "别人的话"}, revision=0, by=place.member)
    with pytest.raises(NotAllowed):
        entries.start_entry(place.contest, place.village, by=make_user())
    entry = entries.save_entry(entry, {"line": "村里事，大家议。"}, revision=0, by=resident)
    assert entries.submit_entry(entry, revision=1, by=resident).frozen_text == "村里事，大家议。"


@pytest.mark.parametrize(("seconds", "taken"), [(-1, True), (0, False), (1, False)])
def test_the_closing_second_is_out(seconds: int, taken: bool) -> None:
    contest = Place().contest
    closes = contest.stages.get(key="submission").closes_at
    assert accepts_entries(contest, closes + datetime.timedelta(seconds=seconds)) is taken


@pytest.mark.parametrize(("ago", "refused"), [(5, False), (90, True)])
def test_grace_is_kept_to_the_second(ago: int, refused: bool) -> None:
    place = Place(grace_seconds=60)
    entry = place.ready()
    now = timezone.now()
    Stage.objects.filter(contest=place.contest, key="submission").update(
        closes_at=now - datetime.timedelta(seconds=ago)
    )
    try:
        entries.submit_entry(entry, revision=entry.revision, by=place.member)
    except Closed:
        assert refused
    else:
        assert not refused


def test_the_township_returns_with_a_reason_and_it_comes_again() -> None:
    place = Place()
    entry = place.sent()
    with pytest.raises(Incomplete, match="原因"):
        place.check(entry, "returned")
    place.check(entry, "returned", note_text="缺少推荐语")
    entry.refresh_from_db()
    assert (entry.state, entry.reason) == ("returned", "缺少推荐语")

    Stage.objects.filter(contest=place.contest, key="submission").update(closes_at=timezone.now())
    entry = entries.save_entry(
        entry, {"story": "补了推荐语。"}, revision=entry.revision, by=place.member, version=place.version
    )
    entry = entries.submit_entry(entry, revision=entry.revision, by=place.member)
    assert entry.state == "resubmitted"
    place.check(entry, "passed")
    place.check(entry, "recommended", stage="county_selection", by=place.organizer)
    entry.refresh_from_db()
    assert (entry.state, entry.is_on_show) == ("shortlisted", True)


def test_a_line_of_the_list_is_ticked_or_there_is_a_note() -> None:
    place = Place()
    Stage.objects.filter(contest=place.contest, key="township_review").update(checks=["合法", "程序"])
    entry = place.sent()
    with pytest.raises(Incomplete, match="核对"):
        place.check(entry, "passed", in_order=["合法"])
    made = place.check(entry, "passed", in_order=["合法", "程序", "编的"])
    assert made.in_order == ["合法", "程序"]


def test_each_level_checks_its_own_stage_only() -> None:
    place = Place()
    entry = place.sent()
    elsewhere = make_officer("township_reviewer", make_region("township", place.contest.region))
    for officer in (place.member, place.organizer, elsewhere):
        with pytest.raises(NotAllowed):
            place.check(entry, "passed", by=officer)
    place.check(entry, "passed")
    with pytest.raises(WrongState):
        place.check(entry, "passed")
    with pytest.raises(NotAllowed):
        place.check(entry, "recommended", stage="county_selection")
    editor = make_officer("county_editor", place.contest.region)
    place.check(entry, "recommended", stage="county_selection", by=editor)


def test_no_more_are_recommended_than_there_are_places_and_a_withdrawal_frees_one() -> None:
    place = Place(entries_per_village=3)
    Stage.objects.filter(contest=place.contest, key="township_review").update(quota=1)
    first = place.sent()
    second = make_entry(place.contest, place.village, state="submitted")
    place.check(first, "passed")
    with pytest.raises(WrongState, match="名额"):
        place.check(second, "passed")
    entries.withdraw_entry(first, reason="", by=place.member)
    place.check(second, "passed")


def test_what_did_not_get_through_in_time_is_out() -> None:
    place = Place()
    entry = place.sent()
    place.check(entry, "returned", note_text="缺少推荐语")
    assert checking.reject_left_over(place.contest) == 0
    closing = place.contest.stages.get(key="township_review").closes_at
    assert checking.reject_left_over(place.contest, closing) == 1
    entry.refresh_from_db()
    assert (entry.state, entry.reason) == ("rejected", "退回以后没有按时重报。")
    assert checking.reject_left_over(place.contest, closing) == 0


def test_withdrawn_amid_the_vote_it_leaves_the_gallery_and_not_after_the_lock() -> None:
    place = Place()
    entry, other = (make_entry(place.contest, place.village) for _ in range(2))
    entries.withdraw_entry(entry, reason="村里不参加了", by=place.member)
    assert list(place.contest.entries.on_show()) == [other]

    Contest.objects.filter(pk=place.contest.pk).update(state="score_locked")
    with pytest.raises(Closed):
        entries.withdraw_entry(other, reason="", by=place.member)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("film.mp4", b"<svg onload=alert(1)>" * 4),
        ("film.mp4", b"<!doctype html><script>1</script>" * 4),
        ("film.mp4", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64),
        ("film.mp4", b""),
        ("film.html", FILM),
        ("film.mp4.svg", FILM),
    ],
)
def test_a_film_that_is_none_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(ContestRefused) as refused:
        require_film(SimpleUploadedFile(name, content))
    assert (refused.value.code, refused.value.field) == ("bad_type", "film")


def test_a_film_is_kept_as_sent_one_for_each_entry_and_not_too_large() -> None:
    place = Place()
    entry = place.ready()
    entries.set_film(entry, SimpleUploadedFile("a.mp4", FILM), by=place.member)
    entries.set_film(entry, SimpleUploadedFile("b.mp4", FILM + b"b"), by=place.member)
    entry.refresh_from_db()
    with entry.film.file.open("rb") as kept:
        assert kept.read() == FILM + b"b"
    assert "b.mp4" not in entry.film.file.name
    large = SimpleUploadedFile("c.mp4", FILM)
    large.size = LARGEST_FILM + 1
    with pytest.raises(ContestRefused) as refused:
        require_film(large)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(("name", "content"), [("a.svg", b"<svg/>"), ("a.jpg", b"<html></html>")])
def test_pictures_that_are_none_leave_nothing(name: str, content: bytes) -> None:
    place = Place()
    with pytest.raises(PhotoRefused):
        entries.add_photo(place.ready(), SimpleUploadedFile(name, content), alt="", by=place.member)
    assert not EntryPhoto.objects.exists()


def test_photographs_wait_for_words_before_it_is_sent_in() -> None:
    place = Place()
    entry = place.ready()
    photo = entries.add_photo(entry, jpeg(), alt="", by=place.member)
    with pytest.raises(Incomplete, match="说明"):
        entries.submit_entry(entry, revision=entry.revision, by=place.member)
    entries.describe_photos(entry, {photo.pk: "村口的石桥"}, by=place.member)
    assert entries.submit_entry(entry, revision=entry.revision, by=place.member).state == "submitted"
