"""The public's search: Chinese words of two characters, names by their sound, what is found first, and what never is.

On SQLite and on PostgreSQL alike; the expected order is the same.
"""

from __future__ import annotations

import datetime
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultation import meetings
from home.models import NewsIndexPage, NewsPage
from home.search_views import SEARCHES_A_MINUTE
from home.searching import HITS_MOST, search
from home.villages import add_page
from residents.models import Village, VillageGroup
from tests.factories.consultation import call
from tests.factories.residents import make_resident, make_village
from villagerules.keeping import Life, document_of, publish_imported, save_draft
from villagerules.models import Article, RuleVersion, VillageRules
from villagerules.reading import read_rules

from .pages import make_county, make_township, make_village_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("county_is_there", "searchable")]

TODAY = datetime.date(2026, 11, 27)
LONG_AGO = datetime.date(2020, 1, 1)
RULES = """老榨坊村村规民约
第一章 总则
第一条 全体村民都要遵守本约。
第二章 红白喜事
第二条 【彩礼】彩礼不超过六万元。
第三条 婚事由红白理事会帮着办，酒席不超过二十桌。
第四条 【登记】村民办理事项先登记，费用按面积分摊。
第五条 每户每年积分满一百分，可以换一袋大米。
"""


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="老榨坊村", slug="laozhafang")


def bring_in(
    village: Village, text: str = RULES, *, since: datetime.date = LONG_AGO, rules: VillageRules | None = None
) -> RuleVersion:
    read = read_rules(text).rules
    document = rules or document_of(village, kind="village_rules", title=read.title)
    return publish_imported(save_draft(document, read, by=None, life=Life(effective_on=since)), by=None)


def post(village: Village, title: str, words: str = "请大家看一看。", *, live: bool = True) -> NewsPage:
    board = NewsIndexPage.objects.child_of(village.page).get()
    page = add_page(board, NewsPage(title=title, slug=f"n-{NewsPage.objects.count()}", body=[("paragraph", words)]))
    if not live:
        page.unpublish(log_action=False)
    return page


def found(words: str, *, on: datetime.date = TODAY, village: Village | None = None) -> list[tuple[str, str, str]]:
    hits = search(words, on=on, village=village).hits
    return [(hit.found.kind.value, hit.found.title, hit.match) for hit in hits]


def titles(words: str, **how: Any) -> list[str]:
    return [title for _kind, title, _match in found(words, **how)]


def test_a_word_of_two_characters_is_found_in_the_middle_of_a_sentence(village: Village) -> None:
    bring_in(village)
    assert found("彩礼") == [("article", "老榨坊村村规民约 第二条 彩礼", "word")]
    assert found("红白")[0] == ("article", "老榨坊村村规民约 第三条", "word")
    assert titles("酒席") == ["老榨坊村村规民约 第三条"]
    assert titles("酒") == ["老榨坊村村规民约 第三条"]
    assert titles("遵守") == ["老榨坊村村规民约 第一条"]


@pytest.mark.parametrize(
    ("asked", "meant", "trap"),
    [("理事", "第三条", "第四条 登记"), ("积分", "第五条", "第四条 登记")],
)
def test_words_come_before_characters_that_only_stand_side_by_side(
    village: Village, asked: str, meant: str, trap: str
) -> None:
    bring_in(village)
    assert found(asked) == [
        ("article", f"老榨坊村村规民约 {meant}", "word"),
        ("article", f"老榨坊村村规民约 {trap}", "literal"),
    ]


@pytest.mark.parametrize("sound", ["laozhafang", "LaoZha", "lzf", "cungui", "cgmy", "ｌｚｆ"])
def test_names_are_found_by_pinyin_and_initials(village: Village, sound: str) -> None:
    bring_in(village)
    assert ("rules", "老榨坊村村规民约", "pinyin") in found(sound)
    if sound not in ("cungui", "cgmy"):
        assert found(sound)[0] == ("village", "老榨坊村", "pinyin")


def test_full_width_and_compatibility_forms_are_the_plain_ones(village: Village) -> None:
    text = "测试公约\n第一章 总则\n第一条 【开会】每月１５日开会，用ＡＢＣ软件。\n第二条 【住户】住在㈠组的人。"
    bring_in(village, text)
    assert titles("15") == titles("１５") == titles("abc") == ["测试公约 第一条 开会"]
    assert titles("150") == []


def test_titles_come_first(village: Village) -> None:
    bring_in(village)
    post(village, "积分兑换日")
    post(village, "积分")
    assert titles("积分")[:3] == ["积分", "积分兑换日", "老榨坊村村规民约 第五条"]


def test_all_of_several_words_must_be_there_or_else_any(village: Village) -> None:
    bring_in(village)
    assert titles("彩礼 六万") == ["老榨坊村村规民约 第二条 彩礼"]
    assert titles("彩礼 总则") == ["老榨坊村村规民约 第二条 彩礼", "老榨坊村村规民约 第一条"] or found("彩礼 总则")
    assert found("彩礼 飞机") == [("article", "老榨坊村村规民约 第二条 彩礼", "any")]
    assert found("彩礼酒席")[0][2] == "any"


def test_a_villages_name_among_the_words_narrows_the_rest_to_it(village: Village) -> None:
    other = make_village_page(village.region, name="渔灯湾村", slug="yudengwan", number=2)
    bring_in(village)
    bring_in(other, RULES.replace("老榨坊", "渔灯湾"))
    assert titles("渔灯湾 彩礼") == ["渔灯湾村村规民约 第二条 彩礼"]
    assert titles("彩礼", village=village) == ["老榨坊村村规民约 第二条 彩礼"]
    assert len(titles("彩礼")) == 2


def test_drafts_are_never_found(village: Village) -> None:
    save_draft(document_of(village, kind="village_rules", title="草案"), read_rules(RULES).rules, by=None)
    call_command("update_index", verbosity=0)
    assert titles("彩礼") == []


def test_search_follows_the_days_without_anybody_doing_anything(village: Village) -> None:
    first = bring_in(village)
    later = bring_in(
        village, RULES.replace("六万", "三万"), since=TODAY + datetime.timedelta(days=10), rules=first.rules
    )
    assert titles("六万")
    assert not titles("三万")
    on = TODAY + datetime.timedelta(days=10)
    assert titles("三万", on=on)
    assert not titles("六万", on=on)
    RuleVersion.objects.filter(pk=later.pk).update(repealed_on=on)
    assert not titles("彩礼", on=on)


def test_a_stanza_is_found_like_an_article(village: Village) -> None:
    bring_in(village, "老榨坊村村规民约\n爱护山林不放火，\n清清河水不倒垃圾。\n\n邻里有事商量办，\n彩礼少要情更长。\n")
    hit = search("彩礼", on=TODAY).hits[0]
    assert hit.found.url.endswith("#stanza-2")


def test_meetings_are_found_once_they_are_announced(village: Village) -> None:
    meeting = call(village, [make_resident(village) for _ in range(4)])
    meeting.title = "修路筹资会"
    meeting.save()
    assert titles("修路") == []
    meetings.publish_notice(meeting, by=None)
    assert [kind for kind, _title, _match in found("修路")] == ["meeting"]
    assert titles(meeting.agenda.first().title) == ["修路筹资会"]


def test_nothing_of_practice_villages_and_unpublished_pages(village: Village) -> None:
    practice = make_village(name="修路练习村", is_practice=True)
    meetings.publish_notice(call(practice, [make_resident(practice) for _ in range(4)]), by=None)
    practice.meetings.update(title="修路练习会")
    post(village, "修路通知", live=False)
    call_command("update_index", verbosity=0)
    assert titles("修路") == []


def test_a_page_behind_a_password_is_not_found(village: Village) -> None:
    page = post(village, "修路通知")
    assert titles("修路") == ["修路通知"]
    page.view_restrictions.create(restriction_type="password", password="x")
    assert titles("修路") == []


def test_residents_are_not_found(village: Village) -> None:
    make_resident(village, name="欧阳锦绣")
    call_command("update_index", verbosity=0)
    assert titles("欧阳锦绣") == titles("oyjx") == []


def test_a_village_is_found_by_its_groups_and_township(village: Village) -> None:
    VillageGroup.objects.create(village=village, number=1, name="油茶坡组")
    call_command("update_index", verbosity=0)
    assert titles("油茶坡") == ["老榨坊村"]
    assert "老榨坊村" in titles("楠溪镇")


def test_an_index_made_anew_finds_the_same(village: Village) -> None:
    bring_in(village)
    post(village, "积分兑换日")
    before = {words: found(words) for words in ("彩礼", "积分", "lzf", "红白", "理事")}
    call_command("update_index", verbosity=0)
    assert {words: found(words) for words in before} == before


@pytest.mark.parametrize(
    "words",
    [
        "",
        "   ",
        "！？",
        "%",
        "_",
        "'",
        '"',
        "\\",
        "*",
        "(",
        "a* OR b",
        "j彩礼",
        "长" * 5000,
        "'; drop",
        "NOT x",
        "{",
        "&|!:",
    ],
)
def test_odd_words_do_no_harm(village: Village, words: str) -> None:
    bring_in(village)
    assert "word" not in {match for _kind, _title, match in found(words)}


def test_many_hits_are_cut_off_and_said_so(village: Village) -> None:
    lines = "\n".join(f"第{n}条 垃圾要分类。" for n in range(1, HITS_MOST + 60))
    bring_in(village, "长公约\n" + lines)
    answer = search("垃圾", on=TODAY)
    assert len(answer.hits) == HITS_MOST
    assert answer.more


# --- the command ----------------------------------------------------------------------------------------------------


def asked_at_the_server(words: str, *options: str) -> list[dict[str, str]]:
    out = StringIO()
    call_command("search", words, "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def test_imported_rules_in_force_are_searchable_at_once(village: Village, tmp_path: Path) -> None:
    path = tmp_path / "rules.txt"
    path.write_text(RULES, encoding="utf-8")
    call_command("import_rules", village.code, str(path), "--confirm", stdout=StringIO())
    assert asked_at_the_server("彩礼") == []
    call_command("import_rules", village.code, str(path), "--in-force", "2025-01-01", stdout=StringIO())
    [line] = asked_at_the_server("彩礼")
    assert set(line) == {"kind", "title", "url", "excerpt", "match"}
    assert (line["kind"], line["match"]) == ("article", "word")
    assert "彩礼不超过六万元" in line["excerpt"]
    page = Client().get(line["url"].split("#")[0]).content.decode()
    assert f'id="{line["url"].split("#")[1]}"' in page


def test_the_command_counts_and_refuses(village: Village) -> None:
    bring_in(village)
    assert len(asked_at_the_server("村民 红白", "--limit", "1")) == 1
    assert asked_at_the_server("彩礼", "--village", "laozhafang")
    for options in (["--limit", "0"], ["--village", "nirgends"]):
        with pytest.raises(CommandError):
            asked_at_the_server("彩礼", *options)
    with pytest.raises(CommandError):
        asked_at_the_server("彩" * 61)


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_box_stands_on_every_page(village: Village, client: Client) -> None:
    html = client.get("/").content.decode()
    assert 'action="/search/"' in html
    assert 'name="q"' in html


def test_the_page_marks_what_was_asked_and_links_to_the_article(village: Village, client: Client) -> None:
    bring_in(village)
    html = client.get("/search/", {"q": "彩礼"}).content.decode()
    assert "<mark>彩礼</mark>不超过六万元" in html
    assert "/rules/laozhafangcuncunguiminyue/#" in html
    assert "字面匹配" not in html
    assert "字面匹配" in client.get("/search/", {"q": "理事"}).content.decode()


def test_what_is_shown_is_escaped(village: Village, client: Client) -> None:
    post(village, "<script>积分</script>", "<p>一 &lt;script&gt;alert(1)&lt;/script&gt; 积分</p>")
    html = client.get("/search/", {"q": "积分 <script>x"}).content.decode()
    assert "<script>x" not in html
    assert "<script>积分" not in html
    assert "<script>alert" not in html


def test_one_kind_and_one_village_at_a_time(village: Village, client: Client) -> None:
    bring_in(village)
    post(village, "积分兑换日")
    both = client.get("/search/", {"q": "积分"}).context
    assert {one["label"] for one in both["kinds"]} == {"村规条文", "公告"}
    notices = client.get("/search/", {"q": "积分", "kind": "notice"}).context["hits"]
    assert [hit.found.title for hit in notices] == ["积分兑换日"]
    here = client.get("/search/", {"q": "积分", "village": village.slug})
    assert "找所有的村" in here.content.decode()
    assert client.get("/search/", {"q": "积分", "kind": "x", "village": "x", "page": "x"}).status_code == 200


def test_nothing_found_says_what_to_try(village: Village, client: Client) -> None:
    assert "换一个说法" in client.get("/search/", {"q": "飞机"}).content.decode()


def test_pages_of_hits(village: Village, client: Client) -> None:
    bring_in(village, "长公约\n" + "\n".join(f"第{n}条 垃圾要分类。" for n in range(1, 31)))
    second = client.get("/search/", {"q": "垃圾", "page": "2"})
    assert len(second.context["hits"]) == 10


def test_a_robot_is_slowed_down(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("home.search_views.SEARCHES_A_MINUTE", 2)
    assert SEARCHES_A_MINUTE > 100
    answers = [client.get("/search/", {"q": "x"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_it_is_read_only(client: Client) -> None:
    assert client.post("/search/", {"q": "x"}).status_code == 405


def test_the_admin_searches_in_chinese_too(village: Village) -> None:
    post(village, "积分兑换日")
    assert [page.title for page in NewsPage.objects.search("兑换")] == ["积分兑换日"]
    assert [page.title for page in NewsPage.objects.autocomplete("兑")] == ["积分兑换日"]
    assert list(NewsPage.objects.search("！")) == []
    assert timezone.localdate()  # the same day as the pages'


def test_articles_that_are_deleted_leave_the_index(village: Village) -> None:
    from wagtail.search.models import IndexEntry

    version = bring_in(village)
    assert IndexEntry.objects.filter(content_type__model="article").count() == 5
    version.chapters.all().delete()
    assert not IndexEntry.objects.filter(content_type__model="article").exists()
    assert not Article.objects.exists()


def test_many_hits_ask_the_database_no_more_than_one(village: Village, django_assert_max_num_queries: Any) -> None:
    bring_in(village)
    search("红白喜事", on=TODAY)
    with CaptureQueriesContext(connection) as alone:
        assert search("遵守", on=TODAY).hits
    lines = [f"第{number}条 遵守本约。" for number in "一二三四五六七八九"]
    bring_in(village, "\n".join(["邻里公约", *lines]))
    for number in (2, 3):
        other = make_village_page(village.region, name=f"桥头{number}村", slug=f"qiaotou-{number}", number=number)
        bring_in(other, "\n".join([f"桥头{number}村村规民约", *lines]))
    with django_assert_max_num_queries(len(alone)):
        assert len(search("遵守", on=TODAY).hits) > 20
