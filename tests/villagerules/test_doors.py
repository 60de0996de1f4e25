"""Bringing rules in by the village's pages: read, mended, kept, put in force by two people, taken away."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from residents.models import Proposal, User, Village
from tests.factories.residents import appoint, make_account, make_resident
from tests.home.pages import make_county, make_township, make_version, make_village_page
from villagerules.canonical import text_hash
from villagerules.models import Article, RuleVersion, VillageRules, VillageRulesPage

from .word_files import typed

pytestmark = pytest.mark.django_db
LINES = (
    "听泉坳村村规民约",
    "第一章 总则",
    "第一条 不赌博。",
    "第二条 孝敬老人：",
    "（一）常打电话；",
    "（二）常回家。",
)
TEXT = "\n".join(LINES)
IMPORT = "/v/tingquanao/rules/import/"


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


def officer(village: Village, role: str) -> User:
    person = make_resident(village)
    appoint(person, role)
    return make_account(person)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


@pytest.fixture
def chair(village: Village) -> Client:
    return signed_in(officer(village, "committee_chair"))


def old(**changes: str) -> dict[str, str]:
    return {
        "step": "save", "text": TEXT, "style": "", "document": "", "kind": "village_rules", "purpose": "in_force",
        "effective_on": "2020-03-01", "adopted_on": "2020-02-20", "adopted_by": "villagers_assembly",
    } | changes  # fmt: skip


def draft(**changes: str) -> dict[str, str]:
    return old(purpose="draft", effective_on="", adopted_on="", adopted_by="") | changes


def test_a_word_file_is_shown_before_anything_is_kept(village: Village, chair: Client) -> None:
    file = SimpleUploadedFile("村规.docx", typed(*LINES, "第四条 不打人。", "听泉坳村村民会议", "2020年2月20日"))
    answer = chair.post(f"{IMPORT}?as=in_force", {"file": file, "text": ""})
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("（一）", "常打电话", "第四条前面少了第三条", "第 7 行"):
        assert words in page
    form = answer.context["form"]
    assert form["adopted_by"].value() == "villagers_assembly"
    assert str(form["adopted_on"].value()) == str(form["effective_on"].value()) == "2020-02-20"
    assert form["purpose"].value() == "in_force"
    assert not VillageRules.objects.exists()


def test_a_pasted_text_is_mended_and_kept_as_a_draft_nobody_else_sees(village: Village, chair: Client) -> None:
    broken = TEXT.replace("第二条 孝敬老人：", "第二条")
    looked = chair.post(IMPORT, draft(step="look", text=broken.replace("（一）", "").replace("（二）", "")))
    assert looked.status_code == 200
    refused = chair.post(IMPORT, draft(text=TEXT + "\n第三条"))
    assert refused.status_code == 422
    assert "第三条没有内容" in refused.content.decode()
    assert "第三条" in refused.context["form"]["text"].value()
    assert not RuleVersion.objects.exists()
    kept = chair.post(IMPORT, draft())
    version = RuleVersion.objects.get()
    assert kept.status_code == 303
    assert (version.state, version.imported, version.article_count, version.title) == (
        "drafting", False, 2, "听泉坳村村规民约",
    )  # fmt: skip
    assert Article.objects.get(number=2).text == "孝敬老人：\n（一）常打电话；\n（二）常回家。"
    assert not VillageRulesPage.objects.exists()
    entry = AuditEntry.objects.get(action="import_rules")
    assert entry.detail["sha256"] == text_hash(version)
    for door in ("version", "word", "text", "json", "paper", "booklet"):
        assert Client().get(version.address(door)).status_code == 302
        for role, status in (("supervisory_member", 200), ("representative", 404)):
            assert signed_in(officer(village, role)).get(version.address(door)).status_code == status


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"effective_on": ""}, "effective_on", "要填施行日期"),
        ({"effective_on": "2999-01-01"}, "effective_on", "还没有到"),
        ({"effective_on": "1900-01-01", "adopted_on": ""}, "effective_on", "年份不对"),
        ({"adopted_on": "2020-03-02"}, "adopted_on", "不能比施行日期晚"),
        ({"filed_on": "2999-01-01"}, "filed_on", "还没有到"),
        ({"text": "第一条 不赌博。"}, "text", "第一行写上名称"),
        ({"text": "某村村规民约\n第一条 不\u0007赌博。"}, "text", "特殊符号"),
        ({"text": "某村村规民约\n第一条 " + "甲" * 200_000}, "text", "200000"),
        ({"document": "no-such"}, "document", ""),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field_and_stays_typed(
    village: Village, chair: Client, changes: dict[str, str], field: str, says: str
) -> None:
    answer = chair.post(IMPORT, old(**changes))
    assert answer.status_code == 422
    assert says in "".join(answer.context["form"].errors[field])
    assert answer.context["form"]["text"].value() == old(**changes)["text"]
    assert not RuleVersion.objects.exists()


def test_nothing_handed_in_and_a_bad_file(village: Village, chair: Client) -> None:
    assert chair.post(IMPORT, {"text": " "}).status_code == 422
    for name, content, status in (("村规.doc", b"x", 415), ("村规.docx", b"x", 422)):
        answer = chair.post(IMPORT, {"file": SimpleUploadedFile(name, content), "text": "贴在这里的字"})
        assert answer.status_code == status
        assert "贴在这里的字" in answer.content.decode()


def test_old_rules_are_in_force_once_a_second_person_has_confirmed(village: Village, chair: Client) -> None:
    chair.post(IMPORT, old(filing_number="楠溪备〔2020〕1号"))
    version = RuleVersion.objects.get()
    today = timezone.localdate()
    assert version.imported
    assert version.rules.version_in_force(today) is None
    assert chair.post(version.address("put_in_force")).status_code == 303
    assert chair.post(version.address("put_in_force")).status_code == 409
    assert chair.post(version.address("discard")).status_code == 409
    assert chair.post(version.address("confirm")).status_code == 409  # not by oneself
    assert signed_in(officer(village, "committee_member")).post(version.address("confirm")).status_code == 403
    assert version.rules.version_in_force(today) is None
    administrator = signed_in(officer(village, "village_admin"))
    assert "请对着原件核对" in administrator.get(version.get_absolute_url()).content.decode()
    assert administrator.post(version.address("confirm")).status_code == 303
    assert version.rules.version_in_force(today) == version
    assert administrator.post(version.address("confirm")).status_code == 409
    page = Client().get(version.rules.page.url).content.decode()
    assert "常打电话" in page
    assert "楠溪备〔2020〕1号" in page
    assert Client().get(version.get_absolute_url()).status_code == 200
    assert chair.post(version.address("discard")).status_code == 409


def test_who_confirms_may_send_it_back_with_a_reason_and_who_asked_takes_it_back(
    village: Village, chair: Client
) -> None:
    chair.post(IMPORT, old())
    version = RuleVersion.objects.get()
    assert chair.post(version.address("send_back")).status_code == 409
    chair.post(version.address("put_in_force"))
    secretary = signed_in(officer(village, "party_secretary"))
    secretary.post(version.address("send_back"), {"reason": ""})
    assert Proposal.objects.get().state == Proposal.State.PROPOSED
    secretary.post(version.address("send_back"), {"reason": "第二条抄错了"})
    assert (Proposal.objects.get().state, Proposal.objects.get().note) == (Proposal.State.REFUSED, "第二条抄错了")
    chair.post(version.address("put_in_force"))
    chair.post(version.address("send_back"))
    assert Proposal.objects.first().state == Proposal.State.WITHDRAWN
    assert chair.post(version.address("discard")).status_code == 303
    assert not RuleVersion.objects.exists()
    assert not VillageRules.objects.exists()


def test_a_text_that_was_changed_meanwhile_is_not_put_in_force(village: Village, chair: Client) -> None:
    chair.post(IMPORT, old())
    version = RuleVersion.objects.get()
    chair.post(version.address("put_in_force"))
    Article.objects.filter(number=1).update(text="赌博。")
    assert signed_in(officer(village, "village_admin")).post(version.address("confirm")).status_code == 409
    version.refresh_from_db()
    assert not version.is_public


def test_a_new_version_of_a_document_keeps_the_lineage_of_its_articles(village: Village, chair: Client) -> None:
    chair.post(IMPORT, draft())
    first = {one.number: one.lineage for one in Article.objects.all()}
    slug = VillageRules.objects.get().slug
    text = TEXT.replace("第一条 不赌博。", "第一条 爱护山林水土，不乱砍一棵树。\n第二条 不赌博。").replace(
        "第二条 孝敬老人：", "第三条 孝敬老人和长辈："
    )
    chair.post(IMPORT, draft(document=slug, text=text))
    again = {one.number: one.lineage for one in Article.objects.filter(chapter__version__number=2)}
    assert (again[2], again[3]) == (first[1], first[2])
    assert again[1] not in first.values()


def test_two_documents_of_one_name_have_addresses_of_their_own(village: Village, chair: Client) -> None:
    for _twice in range(2):
        chair.post(IMPORT, draft())
    assert len(set(VillageRules.objects.values_list("slug", flat=True))) == 2


def test_a_drafter_prepares_old_rules_and_somebody_who_publishes_hands_them_in(village: Village, chair: Client) -> None:
    drafter = signed_in(officer(village, "committee_member"))
    drafter.post(IMPORT, old())
    version = RuleVersion.objects.get()
    assert drafter.post(version.address("put_in_force")).status_code == 403
    assert "请第二人确认" not in drafter.get(version.get_absolute_url()).content.decode()
    assert chair.post(version.address("put_in_force")).status_code == 303


def test_the_list_of_rules_shows_the_way_in_to_those_who_write_them(village: Village, chair: Client) -> None:
    chair.post(IMPORT, draft())
    index = make_version(village, slug="other").rules.page.get_parent().url
    assert "录入老村规" not in Client().get(index).content.decode()
    page = chair.get(index).content.decode()
    assert IMPORT in page
    assert "拟定草案" in page
    assert "录入老村规" not in signed_in(officer(village, "supervisory_member")).get(index).content.decode()


def test_editors_find_it_in_the_explorer(village: Village) -> None:
    page = make_version(village).rules.page
    editor = officer(village, "committee_chair")
    client = signed_in(editor)
    client.get("/admin/")
    assert IMPORT in client.get(f"/admin/pages/{page.get_parent().pk}/").content.decode()


def test_drafts_stand_in_no_list_of_versions(village: Village, chair: Client) -> None:
    version = make_version(village, slug="cungui")
    chair.post(IMPORT, draft(document="cungui", note="还没有通过的一版"))
    assert RuleVersion.objects.count() == 2
    assert "还没有通过的一版" not in Client().get(version.rules.page.url).content.decode()


def test_another_village_keeps_its_drafts_to_itself(village: Village, chair: Client) -> None:
    other = make_village_page(village.region, name="远山村", slug="yuanshan", number=2)
    chair.post(IMPORT, draft())
    version = RuleVersion.objects.get()
    stranger = signed_in(officer(other, "committee_chair"))
    assert stranger.get(version.get_absolute_url()).status_code == 404
    assert stranger.post(version.address("discard")).status_code == 404
    assert stranger.get(version.get_absolute_url().replace("tingquanao", "yuanshan", 1)).status_code == 404


def test_files_are_handed_out_to_be_saved(village: Village) -> None:
    version = make_version(village)
    for door, kind in (("word", "wordprocessingml"), ("text", "text/plain"), ("json", "application/json")):
        answer = Client().get(version.address(door))
        assert kind in answer["Content-Type"]
        assert answer["Content-Disposition"].startswith("attachment")
    assert json.loads(Client().get(version.address("json")).content)["chapters"][0]["articles"][0]["number"] == 12
    assert Client().get(version.address("poster", "a5")).status_code == 404


def test_a_text_too_long_for_a_sheet_is_told_so(village: Village) -> None:
    version = make_version(village)
    Article.objects.update(text="\n".join("水要清，山要青，人要勤，路要平。" * 3 for _line in range(400)))
    for size in ("a4", "a3"):
        assert "一张印不下" in Client().get(version.address("poster", size)).content.decode()


def test_my_page_leads_to_it(village: Village, chair: Client) -> None:
    assert IMPORT in chair.get("/me/").content.decode()
    assert IMPORT not in signed_in(officer(village, "supervisory_member")).get("/me/").content.decode()
