"""A draft edited article by article: nothing is lost between two writers, lineages stay, the text stays one text."""

from __future__ import annotations

import uuid

import pytest

from audit.models import AuditEntry
from residents.models import Village
from tests.factories.rules import bring_to, end_period, letters_in, make_draft
from tests.home.pages import make_county, make_township, make_village_page
from villagerules import drafting, editing, opinions, reviewing
from villagerules.canonical import written_out
from villagerules.changes import pieces_of
from villagerules.editing import Words, fingerprint
from villagerules.errors import Incomplete, NotAllowed, Stale, WrongState
from villagerules.life_reads import history
from villagerules.models import RuleVersion
from villagerules.reading import read_rules

from .test_doors import officer, signed_in

pytestmark = pytest.mark.django_db
State = RuleVersion.State
TEXT = """听泉坳村村规民约
第一章 总则
第一条 不赌博。
第二条 孝敬老人。
第三条 爱护水源。
第二章 附则
第四条 大家商量着办。
第五条 自公布之日起施行。"""
RHYME = "听泉坳村歌\n第一段\n泉水清\n人心齐\n\n第二段\n灯火亮\n门不关\n\n第三段\n老人笑\n娃娃乖"


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


@pytest.fixture
def version(village: Village) -> RuleVersion:
    return make_draft(village, text=TEXT)


def at(version: RuleVersion, place: int) -> tuple[uuid.UUID, str]:
    """Lineage and fingerprint of the article that stands there, from 0."""
    piece = pieces_of(version)[place]
    return piece.lineage, fingerprint(piece.title, piece.text)


def told(version: RuleVersion) -> list[str]:
    """`1:不赌博。` with the chapter's first sign before it."""
    return [f"{one.part[:1]}{one.label} {one.text}" for one in pieces_of(version)]


def reads_back(version: RuleVersion) -> bool:
    written = written_out(version.whole_text())
    return written_out(read_rules(written).rules) == written


def test_one_article_gets_other_words_and_keeps_its_lineage(version: RuleVersion) -> None:
    lineage, seen = at(version, 1)
    editing.revise_piece(version, lineage, Words("敬老", "孝敬老人：\n （一）常打电话；"), seen=seen, by=None)
    piece = pieces_of(version)[1]
    assert (piece.lineage, piece.label, piece.title) == (lineage, "第二条", "敬老")
    assert piece.text == "孝敬老人：\n（一）常打电话；"
    assert [line["results"] for line in history(version)] == [["改了第二条"]]
    entry = AuditEntry.objects.get(action="revise_text")
    assert "常打电话" not in str(entry.detail)
    version.refresh_from_db()
    with pytest.raises(Incomplete, match="一个字不差"):
        editing.revise_piece(version, lineage, Words("敬老", piece.text), seen=at(version, 1)[1], by=None)


def test_the_second_of_two_writers_is_refused_and_both_texts_stay(version: RuleVersion, village: Village) -> None:
    people = letters_in(village)
    lineage, seen = at(version, 0)
    first, second = signed_in(people["E"]), signed_in(people["P"])
    door = version.address("edit_piece", lineage)
    assert seen in second.get(door).content.decode()
    assert first.post(door, {"title": "", "text": "不打牌赌钱。", "chapter": "1", "seen": seen}).status_code == 303
    refused = second.post(door, {"title": "", "text": "不赌博，不放贷。", "chapter": "1", "seen": seen})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "不打牌赌钱。" in page
    assert "不赌博，不放贷。" in page
    assert pieces_of(version)[0].text == "不打牌赌钱。"
    again = refused.context["form"]["seen"].value()
    mine = second.post(door, {"title": "", "text": "不打牌赌钱，不放贷。", "chapter": "1", "seen": again})
    assert mine.status_code == 303
    assert pieces_of(version)[0].text == "不打牌赌钱，不放贷。"
    gone, its = at(version, 2)
    editing.remove_piece(version, gone, seen=its, by=None)
    late = second.post(version.address("edit_piece", gone), {"text": "水井加盖", "seen": its})
    assert late.status_code == 409
    assert "水井加盖" in late.content.decode()


@pytest.mark.parametrize(
    ("place", "to", "expected"),
    [
        (1, "up", ["总第一条 孝敬老人。", "总第二条 不赌博。", "总第三条 爱护水源。", "附第四条 大家商量着办。"]),
        (2, "down", ["总第一条 不赌博。", "总第二条 孝敬老人。", "附第三条 爱护水源。", "附第四条 大家商量着办。"]),
        (3, "up", ["总第一条 不赌博。", "总第二条 孝敬老人。", "总第三条 爱护水源。", "总第四条 大家商量着办。"]),
        (0, "4", ["总第一条 孝敬老人。", "总第二条 爱护水源。", "附第三条 大家商量着办。", "附第四条 不赌博。"]),
        (3, "1", ["总第一条 大家商量着办。", "总第二条 不赌博。", "总第三条 孝敬老人。", "总第四条 爱护水源。"]),
    ],
)
def test_an_article_moves_and_numbers_stay_in_their_order(
    version: RuleVersion, place: int, to: str, expected: list[str]
) -> None:
    lineages = {one.text: one.lineage for one in pieces_of(version)}
    editing.move_piece(version, at(version, place)[0], to=to, by=None)
    assert told(version)[:4] == expected
    assert {one.text: one.lineage for one in pieces_of(version)} == lineages
    assert reads_back(version)


def test_where_an_article_cannot_go(version: RuleVersion) -> None:
    for place, to, error, says in (
        (0, "up", WrongState, "到头"),
        (4, "down", WrongState, "到头"),
        (0, "99", Incomplete, "没有这个号"),
        (0, "二", Incomplete, "没有这个号"),
        (0, "1", Incomplete, "就在这个位置"),
    ):
        with pytest.raises(error, match=says):
            editing.move_piece(version, at(version, place)[0], to=to, by=None)
    editing.move_piece(version, at(version, 3)[0], to="up", by=None)
    with pytest.raises(WrongState, match="空了"):  # the last one of its chapter
        editing.move_piece(version, at(version, 4)[0], to="up", by=None)
    with pytest.raises(WrongState, match="空了"):
        editing.remove_piece(version, at(version, 4)[0], seen=at(version, 4)[1], by=None)


def test_adding_between_two_changes_no_other_number_until_it_is_asked_for(version: RuleVersion) -> None:
    made = editing.add_piece(version, Words("", "不放鞭炮。"), after=at(version, 1)[0], by=None)
    assert str(made) == "第二条之一"
    with pytest.raises(WrongState, match="重新编号"):
        editing.add_piece(version, Words("", "再一条"), after=at(version, 1)[0], by=None)
    editing.add_piece(version, Words("", "最后一条。"), after=None, by=None)
    assert [one.label for one in pieces_of(version)] == [
        "第一条", "第二条", "第二条之一", "第三条", "第四条", "第五条", "第六条",
    ]  # fmt: skip
    first, seen = at(version, 0)
    editing.remove_piece(version, first, seen=seen, by=None)
    editing.renumber(version, by=None)
    assert [one.label for one in pieces_of(version)] == ["第一条", "第二条", "第三条", "第四条", "第五条", "第六条"]
    version.refresh_from_db()
    assert version.article_count == 6
    assert reads_back(version)
    with pytest.raises(Incomplete, match="连着"):
        editing.renumber(version, by=None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" \n ", "请写下"),
        ("好。\n第九条 不打人。", "像是另一条"),
        ("好。\n第三章 别的", "像是另一条"),
        ("好" * 20_001, "最多"),
    ],
)
def test_what_is_no_article(version: RuleVersion, text: str, says: str) -> None:
    lineage, seen = at(version, 0)
    before = told(version)
    with pytest.raises(Incomplete, match=says):
        editing.revise_piece(version, lineage, Words("", text), seen=seen, by=None)
    assert told(version) == before


def test_an_article_goes_to_the_end_of_another_chapter(version: RuleVersion) -> None:
    lineage, seen = at(version, 0)
    editing.revise_piece(version, lineage, Words("", "不赌博。", 2), seen=seen, by=None)
    assert told(version)[-1] == "附第五条 不赌博。"
    assert reads_back(version)
    with pytest.raises(Incomplete, match="没有这一章"):
        editing.revise_piece(version, lineage, Words("", "不赌博。", 7), seen=seen, by=None)


def test_stanzas_are_edited_the_same_way(village: Village) -> None:
    version = make_draft(village, text=RHYME)
    editing.move_piece(version, at(version, 2)[0], to="1", by=None)
    made = editing.add_piece(version, Words("", "路灯亮\n不怕黑"), after=at(version, 0)[0], by=None)
    editing.remove_piece(version, at(version, 3)[0], seen=at(version, 3)[1], by=None)
    assert [one.label for one in pieces_of(version)] == ["第一段", "第二段", "第三段"]
    assert [one.text.splitlines()[0] for one in pieces_of(version)] == ["老人笑", "路灯亮", "泉水清"]
    assert pieces_of(version)[1].lineage == made.lineage
    with pytest.raises(Stale):
        editing.revise_piece(version, made.lineage, Words("", "路灯坏"), seen="x", by=None)


def test_what_was_cleared_is_a_draft_again(village: Village) -> None:
    version = bring_to(make_draft(village), State.CLEARED)
    lineage, seen = at(version, 0)
    editing.revise_piece(version, lineage, Words("", "不打牌赌钱。"), seen=seen, by=None)
    version.refresh_from_db()
    assert version.state == State.DRAFTING
    assert "重新送审" in history(version)[0]["results"][0]


def test_only_who_drafts_and_only_while_the_words_may_change(village: Village) -> None:
    version = bring_to(make_draft(village), State.PUBLIC_COMMENT)
    people = letters_in(village)
    lineage, seen = at(version, 0)
    with pytest.raises(WrongState):
        editing.revise_piece(version, lineage, Words("", "别的"), seen=seen, by=people["E"])
    with pytest.raises(NotAllowed):
        editing.revise_piece(version, lineage, Words("", "别的"), seen=seen, by=people["R"])
    drafter = signed_in(people["E"])
    assert drafter.get(version.address("edit")).status_code == 409
    late = drafter.post(version.address("edit_piece", lineage), {"text": "我写了半天", "seen": seen})
    assert late.status_code == 409
    assert "我写了半天" in late.content.decode()


def test_beside_an_article_stand_opinions_findings_and_risky_words(village: Village) -> None:
    version = bring_to(make_draft(village), State.SOLICITING)
    lineage = pieces_of(version)[0].lineage
    said = opinions.enter_opinion(
        version, text="打牌算不算？", source="paper", source_note="信", by=None, lineage=lineage
    )
    opinions.answer_opinion(said, verdict="partly", text="写明", by=None)
    end_period(version)
    drafting.close_period(version, by=None)
    drafting.publish_draft(version, by=None)
    end_period(version)
    drafting.close_period(version, by=None)
    reviewing.submit_review(version, by=None)
    reviewing.add_finding(version, severity="must", text="写清楚什么算赌", lineage=lineage, by=None)
    reviewing.return_rules(version, by=None)
    drafter = signed_in(letters_in(village)["E"])
    door = version.address("edit_piece", lineage)
    seen = at(version, 0)[1]
    saved = drafter.post(
        door, {"title": "", "text": "不赌博，违者罚款一百元。", "seen": seen}, follow=True
    ).content.decode()
    for words in ("打牌算不算？", "写清楚什么算赌", "这些说法请再看一看", "罚款"):
        assert words in saved
    contents = drafter.get(version.address("edit")).content.decode()
    assert "用语请再看" in contents
    assert "1 条意见" in contents
    assert drafter.post(version.address("move_piece", lineage), {"to": "down"}).status_code == 303
    assert drafter.post(version.address("move_piece", lineage), {"to": "down"}).status_code == 409
    added = drafter.post(f"{version.address('edit_add')}?after={lineage}", {"text": ""})
    assert added.status_code == 422
    assert drafter.post(version.address("edit_add"), {"text": "爱护水源。"}).status_code == 303
    assert drafter.post(version.address("renumber")).status_code == 422


def test_the_figures_that_are_advocated_are_kept_through_versions_and_edited(village, version):
    client = signed_in(officer(village, "committee_member"))
    address = version.address("edit_standards")
    refused = client.post(address, {"standards": "红事桌数 20 桌\n随礼一百"})
    assert refused.status_code == 422
    assert "第 2 行“随礼一百”看不懂" in refused.content.decode()
    assert "红事桌数 20 桌\n随礼一百" in refused.content.decode().replace("\r\n", "\n")
    assert client.post(address, {"standards": "红事桌数 20 桌"}).status_code == 303
    version.refresh_from_db()
    assert version.standards == [{"item": "红事桌数", "limit": 20, "unit": "桌", "nature": "提倡"}]
    assert client.post(address, {"standards": "红事桌数 20 桌"}).status_code == 422
    RuleVersion.objects.filter(pk=version.pk).update(state=State.CLEARED)
    assert client.post(address, {"standards": ""}).status_code == 409
    RuleVersion.objects.filter(pk=version.pk).update(state=State.VOTED_DOWN)
    following = drafting.start_version(version.rules, by=None, days=7)
    assert following.standards == version.standards
