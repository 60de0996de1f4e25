"""Two versions of a document beside each other, for whoever may read both."""

import pytest
from django.test import Client

from tests.home.pages import make_county, make_township, make_version, make_village_page
from tests.villagerules.test_doors import officer, signed_in
from villagerules.changes import before
from villagerules.keeping import save_draft
from villagerules.models import Article
from villagerules.structure import ArticleText, ChapterText, RulesText

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


@pytest.fixture
def old(village):
    """One article: 第十二条 水."""
    return make_version(village)


def draft_of(old, *articles):
    return save_draft(old.rules, RulesText(old.shown_title, chapters=[ChapterText(1, "总则", list(articles))]), by=None)


def page_of(client, old, new, more=""):
    response = client.get(old.address("compare", new.number) + more)
    assert response.status_code == 200
    return response.content.decode()


def test_a_draft_is_compared_with_what_is_in_force_by_those_who_read_drafts(village, old):
    words = Article.objects.get(chapter__version=old).text
    new = draft_of(old, ArticleText(1, "路要平。", "路"), ArticleText(2, words.replace("清", "净"), "水"))
    assert before(new) == old
    chair = signed_in(officer(village, "committee_chair"))
    assert old.address("compare", new.number) in chair.get(new.get_absolute_url()).content.decode()
    page = page_of(chair, old, new)
    assert "<del>清</del><ins>净</ins>" in page
    assert "第十二条 → 第二条" in page
    assert "<ins>路要平。</ins>" in page
    assert "改了 1 条，新加 1 条，删去 0 条，换了位置 0 条。" in page
    beside = page_of(chair, old, new, "?side")
    assert "<del>清</del>" in beside
    assert "没有这一条" in beside


def test_nobody_else_finds_the_draft_in_it(village, old):
    new = draft_of(old, ArticleText(1, "路要平。"))
    assert Client().get(old.address("compare", new.number)).status_code == 404
    assert Client().get(new.address("compare", old.number)).status_code == 302  # signs in first
    assert before(old) is None


def test_published_versions_are_compared_by_everybody(village, old):
    again = make_version(village, number=2, effective_on=old.effective_on.replace(year=2026))
    Article.objects.filter(chapter__version=again).update(
        lineage=Article.objects.get(chapter__version=old).lineage, text=Article.objects.get(chapter__version=old).text
    )
    page = page_of(Client(), old, again)
    assert "一个字也没有改" in page
    assert "没有改" in page_of(Client(), old, again, "?all")
    reading = Client().get(village.rules.get().page.url).content.decode()
    assert old.address("compare", again.number) in reading


@pytest.mark.parametrize("other", [1, 99])
def test_there_must_be_two(village, old, other):
    assert Client().get(old.address("compare", other)).status_code == 404
