"""What the steps hold to beyond state and role: days, answers, the text's hash, the body, the second person, dates."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from consultation import attendance, meetings, voting
from consultation.amendments import settle_words, table_amendment
from consultation.models import Motion, ProcedurePreset
from consultation.tabling import withdraw_motion
from residents.models import LegalFigure, Resident, Village
from residents.two_people import SamePerson, decide
from tests.factories.consultation import Hall, close_vote, make_hall
from tests.factories.residents import make_resident
from tests.factories.rules import OTHER_TEXT, TEXT, bring_to, end_period, letters_in, make_draft, make_meeting
from tests.home.pages import make_county, make_township, make_village_page
from villagerules import adopting, drafting, opinions, publication, reviewing
from villagerules.canonical import text_hash
from villagerules.errors import Incomplete, NotAllowed, RulesError, WrongState
from villagerules.keeping import discard
from villagerules.models import AdoptingBody, Article, Review, RuleVersion
from villagerules.reading import read_rules

pytestmark = pytest.mark.django_db
State = RuleVersion.State


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


@pytest.fixture
def people(village: Village) -> list[Resident]:
    return [make_resident(village) for _ in range(4)]


def test_opinions_end_with_the_period_but_paper_counts_until_they_are_gathered_in(village: Village) -> None:
    version = bring_to(make_draft(village), State.PUBLIC_COMMENT)
    period = drafting.open_period(version)
    LegalFigure.objects.filter(key="rules_comment").update(days=99)  # later edits change nothing here
    assert (period.days, period.basis) == (7, "当地做法")
    resident = letters_in(village)["R"]
    article = Article.objects.get(number=1)
    opinion = opinions.add_opinion(version, text="赌多大算赌？", by=resident, lineage=article.lineage)
    assert (opinion.place, opinion.source, opinion.signed) == ("第一条", "web", resident.display_name)
    with pytest.raises(WrongState, match="还没有到期"):
        drafting.close_period(version, by=None)
    end_period(version)
    with pytest.raises(WrongState, match="已经截止"):
        opinions.add_opinion(version, text="晚了", by=resident)
    opinions.enter_opinion(version, text="同意", source="paper", source_note="意见箱", by=None)
    drafting.close_period(version, by=None)
    with pytest.raises(WrongState, match="还有 2 条意见没有答复"):
        reviewing.submit_review(version, by=None)
    for one in version.opinions.all():
        opinions.answer_opinion(one, verdict="not_adopted", text="已经写明", by=None)
    assert reviewing.submit_review(version, by=None).state == State.TOWNSHIP_REVIEW
    RuleVersion.objects.filter(pk=version.pk).update(state=State.DRAFTING)
    with pytest.raises(WrongState, match="征求过意见"):  # what people said is not thrown away
        discard(version, by=None)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": "  "}, "请写下意见"),
        ({"text": "好" * 2001}, "最多 2000 个字"),
        ({"source": "web"}, "从哪里来"),
        ({"source_note": " "}, "写明来源"),
        ({"lineage": "00000000-0000-0000-0000-000000000000"}, "没有这一条"),
    ],
)
def test_what_is_no_opinion(village: Village, fields: dict[str, str], says: str) -> None:
    version = bring_to(make_draft(village), State.SOLICITING)
    with pytest.raises(Incomplete, match=says):
        opinions.enter_opinion(version, **{"text": "好", "source": "voice", "source_note": "电话", "by": None} | fields)
    assert not version.opinions.exists()


def test_what_must_be_changed_is_changed_before_the_next_round(village: Village) -> None:
    version = bring_to(make_draft(village), State.TOWNSHIP_REVIEW)
    codes = [item["code"] for item in reviewing.checklist()]
    reviewing.add_finding(
        version, severity="must", text="不能罚款", lineage=Article.objects.get(number=1).lineage, by=None
    )
    with pytest.raises(WrongState, match="必须改"):
        reviewing.clear_rules(version, checked=codes, by=None)
    reviewing.return_rules(version, by=None)
    drafting.revise_text(version, read_rules(OTHER_TEXT).rules, by=None)
    reviewing.submit_review(version, by=None)
    with pytest.raises(Incomplete, match="还没有核对"):
        reviewing.clear_rules(version, checked=codes[1:], by=None)
    version = reviewing.clear_rules(version, checked=codes, by=None)
    cleared = reviewing.clearance(version)
    assert (cleared.round, cleared.text_hash, len(cleared.checklist)) == (2, text_hash(version), len(codes))
    assert version.reviews.get(round=1).findings.get().place == "第一条"
    drafting.revise_text(version, read_rules(TEXT).rules, by=None)  # cleared words only
    version.refresh_from_db()
    assert version.state == State.DRAFTING
    assert reviewing.submit_review(version, by=None).reviews.count() == 3


@pytest.mark.parametrize(
    ("kind", "preset", "says"),
    [
        ("village_rules", "villagers_assembly_individual", ""),
        ("village_rules", "villagers_representative_assembly", "要由村民会议通过，村民代表会议不能表决"),
        ("ceremony_council_charter", "villagers_representative_assembly", ""),
        ("residents_convention", "residents_assembly_household", ""),
        ("residents_convention", "residents_representative_assembly", "请写明授权依据"),
        ("village_rules", "yard_consultation", "协商不能表决"),
    ],
)
def test_only_the_body_that_may_adopt_it_votes_on_it(
    village: Village, people: list[Resident], kind: str, preset: str, says: str
) -> None:
    if kind == "residents_convention":
        Village.objects.filter(pk=village.pk).update(kind="community")
    version = bring_to(make_draft(Village.objects.get(pk=village.pk), kind=kind), State.PARTY_DISCUSSION)
    meeting = make_meeting(village, people, preset="villagers_assembly_household")
    meeting.rules = ProcedurePreset.objects.get(key=preset).frozen_copy()
    meeting.save()
    if not says:
        version = adopting.put_to_vote(version, meeting, by=None, secret=False, method="online")
        assert version.body_basis == ""
    else:
        with pytest.raises(WrongState, match=says):
            adopting.put_to_vote(version, meeting, by=None, secret=False, method="online")
        version = adopting.put_to_vote(
            version, meeting, by=None, secret=False, method="online", basis="2025年居民会议授权"
        )
        assert version.body_basis == version.steps.last().result.split("，")[-1] == "2025年居民会议授权"
    digits = text_hash(version)[:12]
    assert version.motion.text == f"通过《听泉坳村村规民约》第 1 版（文本校验值 {digits}）"
    withdraw_motion(version.motion, by=None)
    version.refresh_from_db()
    with pytest.raises(WrongState, match="撤下了这一项"):
        adopting.take_result(version, by=None)
    AdoptingBody.objects.filter(kind=kind).update(needs_basis=False)
    other = make_meeting(village, people)
    assert adopting.put_to_vote(version, other, by=None, basis="村里自己定", secret=False, method="online").motion_id


def test_an_amendment_makes_a_new_text_that_the_township_compares(village: Village, people: list[Resident]) -> None:
    version = bring_to(make_draft(village), State.SCHEDULED, people=people)
    cleared = version.voted_hash
    amendment = table_amendment(version.motion, new_text=f"{version.motion.text}，第一条改为“不打牌赌钱”", by=None)
    meeting = meetings.open_meeting(version.motion.meeting, by=None)
    hall = Hall(village, meeting, people)
    attendance.check_in(meeting, hall.entries, method="recorder", by=None)
    for one in (amendment, Motion.objects.get(pk=version.motion_id)):
        motion = voting.open_motion(one, by=None)
        for entry in hall.entries:
            voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{motion.pk}-{entry.pk}")
        voting.close_motion(motion, by=None)
        if one is amendment:
            settle_words(Motion.objects.get(pk=amendment.pk), by=None)
    version = adopting.take_result(version, by=None)
    with pytest.raises(WrongState, match="改定的全文"):
        reviewing.file_rules(version, number="1号", on=timezone.localdate(), by=None)
    with pytest.raises(Incomplete, match="一个字不差"):
        adopting.enter_amended_text(version, read_rules(TEXT).rules, by=None)
    version = adopting.enter_amended_text(version, read_rules(OTHER_TEXT).rules, by=None)
    assert version.voted_hash == text_hash(version) != cleared
    assert "不赌博" in reviewing.clearance(version).text
    assert reviewing.file_rules(version, number="1号", on=timezone.localdate(), by=None).state == State.FILED


def test_two_people_publish_what_was_voted_and_nothing_else(village: Village, people: list[Resident]) -> None:
    version = bring_to(make_draft(village), State.FILED, people=people)
    assert reviewing.filing_due(version) == version.adopted_on + datetime.timedelta(days=10)
    accounts, today = letters_in(village), timezone.localdate()
    later = today + datetime.timedelta(days=20)
    for day in (today - datetime.timedelta(days=1), today + datetime.timedelta(days=400)):
        with pytest.raises(Incomplete, match="施行日期"):
            publication.propose_publication(version, effective_on=day, where="公开栏", by=accounts["P"])
    waiting = publication.propose_publication(version, effective_on=later, where="公开栏", by=accounts["P"])
    with pytest.raises(SamePerson):
        decide(waiting, by=accounts["P"], accept=True)
    Article.objects.filter(number=1).update(text="可以赌博。")
    with pytest.raises(publication.Refused, match="不一样"):
        decide(waiting, by=accounts["G"], accept=True)
    Article.objects.filter(number=1).update(text="不赌博。")
    decide(waiting, by=accounts["G"], accept=True)
    version.refresh_from_db()
    assert (version.state, version.published_on, version.effective_on) == (State.PUBLISHED, today, later)
    assert publication.displayed_until(version) == today + datetime.timedelta(days=15)
    rules = version.rules
    assert rules.version_in_force(today) is None
    assert rules.version_in_force(later) == version
    page = rules.page
    page.save_revision().publish()  # Wagtail's publishing changes nothing of it
    page.unpublish()
    assert (rules.version_in_force(today), rules.version_in_force(later)) == (None, version)


def test_the_next_version_supersedes_at_its_day_and_a_repeal_brings_nothing_back(
    village: Village, people: list[Resident]
) -> None:
    today = timezone.localdate()
    first = bring_to(make_draft(village), State.PUBLISHED, people=people)
    rules, old = first.rules, today - datetime.timedelta(days=30)
    RuleVersion.objects.filter(pk=first.pk).update(effective_on=old, published_on=old)
    second = drafting.start_version(rules, by=letters_in(village)["E"], days=3)
    assert second.state == State.SOLICITING
    assert [a.lineage for a in Article.objects.filter(chapter__version=second)] == [
        a.lineage for a in Article.objects.filter(chapter__version=first)
    ]
    with pytest.raises(WrongState, match="第 2 版还在办"):
        drafting.start_version(rules, by=None, days=3)
    RuleVersion.objects.filter(pk=second.pk).update(
        state=State.PUBLISHED, published_on=today, effective_on=today, adopted_by="villagers_assembly"
    )
    assert rules.version_in_force(today - datetime.timedelta(days=1)) == first
    assert rules.version_in_force(today) == second
    hall = make_hall(4, preset="villagers_assembly_household")
    motion = close_vote(hall, text=f"废止《{rules.title}》")
    Motion.objects.filter(pk=motion.pk).update(village=village)
    second.refresh_from_db()
    motion = Motion.objects.get(pk=motion.pk)
    second = publication.repeal(second, motion, on=today, by=None)
    assert rules.version_in_force(today) is None  # the first is not back
    assert rules.version_in_force(today - datetime.timedelta(days=1)) == first
    with pytest.raises(RulesError, match="已经废止"):
        publication.repeal(second, motion, on=today, by=None)


def test_a_correction_of_what_is_in_force_leaves_it_so_until_the_new_version(
    village: Village, people: list[Resident]
) -> None:
    version = bring_to(make_draft(village), State.PUBLISHED, people=people)
    accounts = letters_in(village)
    with pytest.raises(NotAllowed):
        reviewing.order_correction(version, text="第一条违法", by=accounts["P"])
    version = reviewing.order_correction(version, text="第一条违法", by=accounts["T"])
    assert version.state == State.PUBLISHED
    assert version.rules.version_in_force(timezone.localdate()) == version
    draft = version.rules.versions.first()
    assert (draft.number, draft.state) == (2, State.DRAFTING)
    assert version.reviews.get(state=Review.State.ORDERED).findings.get().text == "第一条违法"
    with pytest.raises(WrongState, match="正在修订"):
        reviewing.order_correction(version, text="还有", by=accounts["T"])


def test_a_vote_corrected_after_all_stops_the_publication(village: Village, people: list[Resident]) -> None:
    version = bring_to(make_draft(village), State.FILED, people=people)
    version.motion.decisions.update(outcome="lost")
    with pytest.raises(WrongState, match="不是“通过”"):
        publication.publish_version(version, effective_on=timezone.localdate(), where="公开栏", by=None)


def test_what_no_law_has_filed_is_published_after_its_vote(village: Village, people: list[Resident]) -> None:
    version = bring_to(
        make_draft(village, kind="ceremony_rules"), State.ADOPTED, people=people, preset="villagers_assembly_household"
    )
    assert reviewing.filing_due(version) is None
    version = publication.publish_version(version, effective_on=timezone.localdate(), where="公开栏", by=None)
    assert version.state == State.PUBLISHED
