"""Rules on paper: the sheet for the wall holds the whole text on one page, the PDF says what the page says."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from django.test import Client

from residents.models import Village
from tests.factories.residents import appoint, make_account, make_resident
from tests.home.pages import make_county, make_township, make_version, make_village_page
from ui import pdf
from villagerules.models import Article, Chapter, RuleVersion
from villagerules.poster import plan_poster
from villagerules.structure import ArticleText, ChapterText, RulesText, StanzaText

pytestmark = pytest.mark.django_db
can = pytest.mark.skipif(not pdf.can_make_pdf(), reason="no pango or no Chinese font on this machine")
reads = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
WORDS = "各户管好自家茶山，界址不清的先调解后砍伐，按村里统一商定的开摘日进行，不抢摘、不混摘。"


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


@pytest.fixture
def version(village: Village) -> RuleVersion:
    return make_version(village)


def signed_in(village: Village) -> Client:
    client = Client()
    client.force_login(make_account(make_resident(village)), backend="residents.backends.AccountBackend")
    return client


@can
@reads
def test_the_pdf_says_what_the_page_says(village: Village, version: RuleVersion) -> None:
    answer = signed_in(village).get(version.address("pdf"))
    assert answer["Content-Type"] == "application/pdf"
    told = subprocess.run(["pdftotext", "-", "-"], input=answer.content, capture_output=True, check=True, timeout=60)
    assert "水要清" in "".join(told.stdout.decode().split())
    assert Client().get(version.address("pdf")).status_code == 404


@pytest.mark.long
@can
@reads
@pytest.mark.parametrize("size", ["a4", "a3"])
@pytest.mark.parametrize("count", [1, 12, 25])
def test_a_sheet_for_the_wall_is_one_page_with_all_of_it(
    village: Village, version: RuleVersion, size: str, count: int
) -> None:
    chapter = version.chapters.get()
    chapter.articles.all().delete()
    for number in range(1, count + 1):
        Article.objects.create(village=village, chapter=chapter, number=number, title="护好茶山", text=WORDS * 2)
    page = Client().get(version.address("poster", size)).content.decode()
    content = pdf.pdf_of(page)
    told = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True, timeout=60)
    assert told.stdout.count(b"\f") == 1
    assert told.stdout.decode().count("茶") == count * 3


def test_a_sheet_has_the_largest_type_that_fits() -> None:
    def rules(count: int) -> RulesText:
        return RulesText(
            "某村村规民约", chapters=[ChapterText(1, "总则", [ArticleText(n, WORDS) for n in range(1, count)])]
        )

    points = [plan.points if (plan := plan_poster(rules(count), "a3")) else 0 for count in (2, 10, 30, 100, 300)]
    assert points == sorted(points, reverse=True)
    assert points[0] > 20
    assert points[-1] == 0
    for count in (10, 30):
        small, large = plan_poster(rules(count), "a4"), plan_poster(rules(count), "a3")
        assert small is not None
        assert large is not None
        assert small.points < large.points
    verses = [StanzaText(n, ["渔鼓一敲响叮咚"] * 4, "起板") for n in range(1, 9)]
    plan = plan_poster(RulesText("唱本", "rhyme", "", [], verses), "a4")
    assert plan is not None
    assert plan.points >= 12


def test_a_booklet_has_a_cover_its_contents_and_the_text(village: Village, version: RuleVersion) -> None:
    second = Chapter.objects.create(village=village, version=version, number=2, title="附则")
    for number in (13, 14):
        Article.objects.create(village=village, chapter=second, number=number, text="从春节起施行。")
    page = Client().get(version.address("booklet")).content.decode()
    assert "booklet-cover" in page
    assert "第十三条—第十四条" in page
    assert page.count("从春节起施行") == 2


def test_the_page_to_print_says_that_a_draft_is_none(village: Village, version: RuleVersion) -> None:
    page = Client().get(version.address("paper")).content.decode()
    assert "水要清。" in page
    assert "不作依据" not in page
    version.state = RuleVersion.State.DRAFTING
    version.save()
    person = make_resident(village)
    appoint(person, "supervisory_member")
    client = Client()
    client.force_login(make_account(person), backend="residents.backends.AccountBackend")
    for door in (("paper",), ("booklet",), ("poster", "a4")):
        assert "不作依据" in client.get(version.address(*door)).content.decode()
