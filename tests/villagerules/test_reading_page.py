"""The page on which rules are read: looking for words, the vote, what is passed on, the picture, seven plain lines."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from residents.models import Village
from tests.factories.residents import make_resident
from tests.factories.rules import bring_to, make_draft
from tests.factories.rules_in_force import in_days, put_in_force
from tests.home.pages import make_county, make_township, make_version, make_village_page
from ui import share_card
from villagerules.finding import find_in, parted, words_asked
from villagerules.models import RuleVersion
from villagerules.reading import read_rules
from villagerules.reading_reads import holds

State = RuleVersion.State
TEXT = """听泉坳村村规民约
彩礼不攀比。
第一章 总则
第一条 不赌博。
第二条【彩礼】彩礼提倡不超过五万元：
（一）不借钱凑彩礼；
（二）WiFi密码不外传。"""


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


@given(st.text(alphabet="彩礼ab（）.*\\ ", max_size=30), st.text(alphabet="彩礼Ab.*\\", max_size=4))
def test_a_marked_line_is_the_same_line(text: str, words: str) -> None:
    runs = list(parted(text, words))
    assert "".join(run for _hit, run in runs) == text
    hits = [run for hit, run in runs if hit]
    assert len(hits) == (text.lower().count(words.lower()) if words else 0)
    assert all(run.lower() == words.lower() for run in hits)


def test_words_are_found_with_their_article() -> None:
    rules = read_rules(TEXT).rules
    assert [(hit.label, hit.anchor, hit.count) for hit in find_in(rules, "彩礼")] == [
        ("", "", 1), ("第二条", "article-2", 3),
    ]  # fmt: skip
    assert [hit.count for hit in find_in(rules, words_asked(" wifi "))] == [1]
    assert find_in(rules, words_asked("好" * 61)) == []
    assert find_in(rules, "没有的话") == []


@pytest.mark.django_db
def test_looking_for_words_marks_them_without_a_script(village: Village) -> None:
    version = make_version(village)
    for where in (version.rules.page.url, version.get_absolute_url()):
        page = Client().get(where, {"find": "水"}).content.decode()
        assert "“水”找到 3 处" in page
        assert page.count("<mark>水</mark>") == 3
        assert '<a href="#article-12"' in page
        assert "没有找到“&lt;b&gt;”" in Client().get(where, {"find": "<b>"}).content.decode()
        assert "<mark>" not in Client().get(where).content.decode()


@pytest.mark.django_db
def test_who_decided_with_what_count_and_where_it_is_filed(village: Village) -> None:
    people = [make_resident(village) for _ in range(4)]
    version = bring_to(make_draft(village), State.PUBLISHED, people=people)
    page = Client().get(version.rules.page.url).content.decode()
    for words in ("赞成 4，反对 0，弃权 0；应到 4，实到 4", "楠溪备〔2026〕3号", "村务公开栏"):
        assert words in page
    assert version.motion.meeting.get_absolute_url() in page


@pytest.mark.django_db
def test_a_chat_shows_title_words_and_picture(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_version(village)
    card = version.address("card")
    page = Client().get(version.rules.page.url).content.decode()
    assert f'property="og:image" content="http://localhost:8000{card}"' in page or f'{card}"' in page
    assert "2025年1月1日起施行，共1 条。" in page
    if share_card.font_file() is not None:
        picture = Client().get(card)
        assert picture["Content-Type"] == "image/png"
        assert Image.open(io.BytesIO(picture.content)).size == (1200, 630)
    monkeypatch.setattr(share_card, "font_file", lambda: None)
    other = make_version(village, slug="other", number=2)
    RuleVersion.objects.filter(pk=other.pk).update(title="没有字体也要有图")
    assert Client().get(other.address("card"))["Location"].endswith("share.png")


@pytest.mark.django_db
def test_the_plain_words_are_seven_lines_at_most(village: Village) -> None:
    page = make_version(village).rules.page
    page.plain_words = "\n".join(f"第{n}句" for n in range(7)) + "\n\n"
    page.full_clean()
    page.plain_words += "多一句"
    with pytest.raises(ValidationError, match="最多 7 句"):
        page.full_clean()


@pytest.mark.django_db
def test_each_version_says_whether_it_holds(village: Village) -> None:
    days = in_days
    old = put_in_force(village, "不赌博。", on=days(-300))
    assert "正在施行" in Client().get(old.get_absolute_url()).content.decode()
    now = put_in_force(village, "不赌博。", "不吵架。", on=days(-3))
    coming = put_in_force(village, "不赌钱。", on=days(30))
    assert [holds(one, on=days(0)).standing for one in (old, now, coming)] == ["superseded", "in_force", "coming"]
    assert [holds(one, on=days(-100)).standing for one in (old, now, coming)] == ["in_force", "coming", "coming"]
    for one, said in ((old, "这是以前的版本"), (coming, "还没有施行")):
        shown = Client().get(one.get_absolute_url()).content.decode()
        assert said in shown
        assert f'href="{now.get_absolute_url()}">看正在施行的第 2 版' in shown
    RuleVersion.objects.filter(pk=now.pk).update(repealed_on=days(-1))
    now.refresh_from_db()
    shown = Client().get(now.get_absolute_url()).content.decode()
    assert "已经废止" in shown
    assert "看正在施行的" not in shown


@pytest.mark.django_db
def test_a_draft_holds_nothing(village: Village) -> None:
    assert holds(make_draft(village), on=in_days(0)) is None
