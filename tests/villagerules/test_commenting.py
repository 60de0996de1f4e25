"""Saying something on one article: who reads it when, reports, letting through, hiding, and that no words are lost."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from residents.models import LegalFigure, User, Village
from tests.factories.residents import make_account, make_resident
from tests.factories.rules import bring_to, end_period, letters_in, make_draft
from tests.home.pages import make_county, make_township, make_village_page
from villagerules import commenting, drafting, opinion_reads, opinions
from villagerules.errors import Incomplete, NotAllowed, WrongState
from villagerules.models import Article, Opinion, RuleVersion
from villagerules.opinion_reads import Reader

from .test_doors import signed_in

pytestmark = pytest.mark.django_db
State = RuleVersion.State
WORDS = "打牌赢一包烟算不算赌？"
RHYME = "听泉坳村歌\n第一段\n泉水清\n人心齐\n\n第二段\n灯火亮\n门不关"


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


@pytest.fixture
def version(village: Village) -> RuleVersion:
    return bring_to(make_draft(village), State.PUBLIC_COMMENT)


def neighbour(village: Village) -> User:
    return make_account(make_resident(village))


def said_by(version: RuleVersion, by: User, text: str = WORDS, *, article: int | None = 1) -> Opinion:
    lineage = Article.objects.get(chapter__version=version, number=article).lineage if article else None
    return opinions.add_opinion(version, text=text, by=by, lineage=lineage)


def test_a_neighbour_taps_an_article_speaks_and_others_read_it_once_it_was_let_through(version: RuleVersion) -> None:
    people = letters_in(version.village)
    author, other = signed_in(people["R"]), signed_in(neighbour(version.village))
    text = author.get(version.address()).content.decode()
    here = version.address("article", "article-1")
    assert here in text
    assert text.count("说两句") >= 3  # two articles and the whole
    said = author.post(here, {"text": WORDS})
    assert (said.status_code, said["Location"]) == (303, f"{here}#said")
    author.post(here, {"text": WORDS})  # sent twice
    assert version.opinions.count() == 1
    own = author.get(here).content.decode()
    assert WORDS in own
    assert "等委员会看过以后公开" in own
    assert WORDS not in other.get(here).content.decode()
    assert "说两句（1）" not in other.get(version.address()).content.decode()
    drafter = signed_in(people["E"])
    assert "放出来" in drafter.get(here).content.decode()
    assert drafter.post(version.address("let_opinion_through", 1)).status_code == 303
    page = other.get(here).content.decode()
    assert WORDS in page
    assert people["R"].display_name in page
    assert "说两句（1）" in other.get(version.address()).content.decode()
    assert WORDS not in other.get(version.address("article", "article-2")).content.decode()
    assert WORDS in other.get(version.address("making")).content.decode()
    entry = AuditEntry.objects.get(action="let_opinion_through")
    assert WORDS not in str(entry.detail)


def test_an_answer_lets_it_through_and_its_author_is_told(version: RuleVersion) -> None:
    author = neighbour(version.village)
    opinion = said_by(version, author)
    opinions.answer_opinion(opinion, verdict="partly", text="写明带彩头的都算", by=None)
    assert WORDS in signed_in(neighbour(version.village)).get(version.address("article", "article-1")).content.decode()
    mine = signed_in(author).get("/me/").content.decode()
    assert "写明带彩头的都算" in mine
    assert "有答复了" in mine


def test_who_is_not_signed_in_comes_back_to_the_article_with_nothing_lost(version: RuleVersion) -> None:
    here = version.address("article", "article-2")
    client = Client()
    sent = client.post(here, {"text": WORDS})
    assert sent.status_code == 302
    assert f"next={here.replace('/', '%2F')}" in sent["Location"]
    assert client.get(here, headers={"HX-Request": "true"})["HX-Redirect"] == sent["Location"]
    client.force_login(neighbour(version.village), backend="residents.backends.AccountBackend")
    assert WORDS not in client.get(version.address("article", "article-1")).content.decode()
    assert WORDS in client.get(here).content.decode()
    assert WORDS not in client.get(here).content.decode()  # once
    assert not version.opinions.exists()


@pytest.mark.parametrize("gathered", [False, True])
def test_words_typed_too_late_are_told_so_and_kept_to_be_copied(version: RuleVersion, gathered: bool) -> None:
    client = signed_in(neighbour(version.village))
    here = version.address("article", "article-1")
    end_period(version)
    if gathered:
        drafting.close_period(version, by=None)
    answer = client.post(here, {"text": WORDS})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "没有记下" in page
    assert WORDS in page
    assert not version.opinions.exists()


@pytest.mark.parametrize("text", ["", "好" * 2001, "a\x07b"])
def test_what_is_refused_stays_typed(version: RuleVersion, text: str) -> None:
    answer = signed_in(neighbour(version.village)).post(version.address("article", "whole"), {"text": text})
    assert answer.status_code == 422
    assert answer.context["form"]["text"].value() == text


def test_stanzas_have_their_pages_and_others_have_none(village: Village) -> None:
    version = bring_to(make_draft(village, text=RHYME), State.PUBLIC_COMMENT)
    client = signed_in(neighbour(village))
    here = version.address("article", "stanza-2")
    assert here in client.get(version.address()).content.decode()
    client.post(here, {"text": "门还是要关"})
    opinion = version.opinions.get()
    assert (opinion.lineage, opinion.place) == (version.stanzas.get(number=2).lineage, "第二段")
    assert client.get(version.address("article", "stanza-9")).status_code == 404
    part = client.get(here, headers={"HX-Request": "true"}).content.decode()
    assert "门还是要关" in part
    assert "<html" not in part


def test_who_reads_a_draft_that_is_shown(version: RuleVersion, village: Village) -> None:
    here = version.address("article", "article-1")
    people = {letter: signed_in(user) for letter, user in letters_in(village).items()}
    for letter in "REPSGT":
        assert people[letter].get(here).status_code == 200, letter
        assert people[letter].get(version.address()).status_code == 200, letter
    for where in (here, version.address()):
        assert people["A"].get(where).status_code == 404
        assert Client().get(where).status_code == 302
    end_period(version)
    drafting.close_period(version, by=None)  # its words change from day to day now
    assert people["R"].get(here).status_code == 404
    assert people["E"].get(here).status_code == 200


def test_so_many_households_put_an_opinion_aside_until_somebody_decides(version: RuleVersion) -> None:
    village = version.village
    LegalFigure.objects.filter(key="opinion_reports").update(least=2)
    author, decider = neighbour(village), letters_in(village)["E"]
    opinion = said_by(version, author)
    with pytest.raises(WrongState, match="没有公开"):
        commenting.report(opinion, reason="abuse", by=neighbour(village))
    commenting.let_through(opinion, by=decider)
    first = make_resident(village)
    reporter = make_account(first)
    commenting.report(opinion, reason="abuse", words="骂我家", by=reporter)
    with pytest.raises(WrongState, match="已经举报过"):
        commenting.report(opinion, reason="untrue", by=reporter)
    with pytest.raises(NotAllowed, match="自己的意见"):
        commenting.report(opinion, reason="abuse", by=author)
    with pytest.raises(NotAllowed, match="名册"):
        commenting.report(opinion, reason="abuse", by=letters_in(village)["A"])
    same_home = make_account(make_resident(village, household=first.household))
    commenting.report(opinion, reason="privacy", by=same_home)
    opinion.refresh_from_db()
    assert opinion.held_at is None  # one home counts once
    commenting.report(opinion, reason="abuse", by=neighbour(village))
    here = version.address("article", "article-1")
    page = signed_in(neighbour(village)).get(here).content.decode()
    assert WORDS not in page
    assert "先收起来" in page
    assert WORDS in signed_in(author).get(here).content.decode()
    assert "骂我家" in signed_in(decider).get(version.address("opinion", 1)).content.decode()
    assert all("骂我家" not in str(one.detail) for one in AuditEntry.objects.filter(action="report_opinion"))
    assert commenting.let_through(opinion, by=decider)
    assert WORDS in signed_in(neighbour(village)).get(here).content.decode()
    assert "看过了，照样公开" in signed_in(reporter).get("/me/").content.decode()
    assert not commenting.let_through(opinion, by=decider)  # no news


def test_hiding_needs_a_reason_that_others_read_and_nobody_judges_the_own(version: RuleVersion) -> None:
    people = letters_in(version.village)
    opinion = said_by(version, people["R"])
    with pytest.raises(Incomplete, match="为什么不公开"):
        commenting.hide(opinion, because=" ", by=people["E"])
    for letter in "RSGT":
        with pytest.raises(NotAllowed):
            commenting.hide(opinion, because="不好", by=people[letter])
        with pytest.raises(NotAllowed):
            commenting.let_through(opinion, by=people[letter])
    own = said_by(version, people["E"], "我看可以")
    with pytest.raises(NotAllowed, match="别的人来看"):
        commenting.let_through(own, by=people["E"])
    client = signed_in(people["P"])
    assert client.post(version.address("hide_opinion", 1), {"because": ""}).status_code == 422
    assert client.post(version.address("hide_opinion", 1), {"because": "说到别人家"}).status_code == 303
    page = signed_in(neighbour(version.village)).get(version.address("article", "article-1")).content.decode()
    assert WORDS not in page
    assert "原文没有公开：说到别人家" in page
    commenting.let_through(opinion, by=people["E"])
    assert WORDS in signed_in(neighbour(version.village)).get(version.address("article", "article-1")).content.decode()
    opinions.answer_opinion(opinion, verdict="adopted", text="好", withheld_because="点了名", by=None)
    with pytest.raises(WrongState, match="改答复"):
        commenting.let_through(opinion, by=people["E"])


def test_the_report_page_keeps_what_was_typed(version: RuleVersion) -> None:
    opinion = said_by(version, neighbour(version.village))
    commenting.let_through(opinion, by=None)
    reporter = signed_in(neighbour(version.village))
    door = version.address("report_opinion", 1)
    assert door in reporter.get(version.address("article", "article-1")).content.decode()
    assert "骂人" in reporter.get(door).content.decode()
    vague = reporter.post(door, {"reason": "other", "words": ""})
    assert vague.status_code == 422
    assert reporter.post(door, {"reason": "other", "words": "听不懂"}).status_code == 303
    assert opinion.reports.get().words == "听不懂"
    assert "您举报过了" in reporter.get(version.address("article", "article-1")).content.decode()
    assert reporter.post(door, {"reason": "abuse"}).status_code == 409


def test_what_nobody_has_looked_at_in_time_is_shown_to_the_committee(version: RuleVersion) -> None:
    opinion = said_by(version, neighbour(version.village))
    drafter = letters_in(version.village)["E"]
    seen = opinion_reads.to_look_at(version.village)
    assert [(one.number, one.overdue, one.reported) for one in seen] == [(1, 0, 0)]
    Opinion.objects.filter(pk=opinion.pk).update(at=timezone.now() - datetime.timedelta(days=3))
    assert opinion_reads.to_look_at(version.village)[0].overdue == 1
    assert "过了该看的日子" in signed_in(drafter).get(version.address("making")).content.decode()
    assert "1 条意见等您看过再公开" in signed_in(drafter).get("/me/").content.decode()
    LegalFigure.objects.filter(key="opinion_seen").update(days=None)  # the county switches it off
    assert opinion_reads.to_look_at(version.village)[0].overdue == 0
    commenting.hide(opinion, because="广告", by=drafter)
    assert opinion_reads.to_look_at(version.village) == []


def test_reading_many_opinions_asks_no_more_than_reading_one(
    version: RuleVersion, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    reader = Reader(person=make_resident(version.village), moderates=True)
    lineage = Article.objects.get(chapter__version=version, number=1).lineage
    for number in range(4):
        commenting.let_through(said_by(version, neighbour(version.village), f"第{number}句"), by=None)
    with django_assert_max_num_queries(6):
        found = opinion_reads.said_on(version, lineage, reader)
        assert len([one.opinion.answer or one.opinion.signed for one in found]) == 4
