"""The county's list of risky wordings: seeded once, edited by the county, shown to those who write and review."""

import io
import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from tests.home.pages import make_county, make_township, make_version, make_village_page
from tests.villagerules.test_doors import officer, signed_in
from tests.villagerules.word_files import typed
from villagerules.checking import check_rules, seed_wordings
from villagerules.keeping import save_draft
from villagerules.models import RiskyWording
from villagerules.structure import ArticleText, ChapterText, RulesText

pytestmark = pytest.mark.django_db
FLAWED = Path(__file__).resolve().parents[2] / "home/demo/rules/sample-flawed-draft.yaml"


def rules(*articles, preamble=""):
    return RulesText(
        "村规", preamble=preamble, chapters=[ChapterText(0, "", [ArticleText(n, t) for n, t in enumerate(articles, 1)])]
    )


def check(path, *options):
    out = io.StringIO()
    call_command("check_wording", str(path), *options, stdout=out)
    return out.getvalue()


def test_the_command_tells_what_is_written_beside_the_flawed_sample():
    told = json.loads(check(FLAWED, "--json"))["findings"]
    assert [(one["article"], one["code"], one["severity"]) for one in told] == [
        (1, "fine", "block"), (2, "women_rights", "block"), (3, "livelihood_coercion", "block"),
        (4, "benefit_withholding", "block"), (5, "privacy_exposure", "block"), (6, "liberty_restriction", "block"),
        (7, "education_right", "block"), (8, "wrong_body_and_no_filing", "block"),
    ]  # fmt: skip
    assert told[0]["words"] == "罚款二百元"
    assert "行政处罚法" in told[0]["source"]


def test_the_command_reads_a_word_file_and_says_it_in_words(tmp_path):
    path = tmp_path / "cungui.docx"
    path.write_bytes(typed("村规民约", "第一条 孝敬老人。", "第二条 乱倒垃圾的，罚款五十元。"))
    assert "第二条　罚款" in check(path)
    path.write_bytes(typed("村规民约", "第一条 孝敬老人。"))
    assert "这不等于合法" in check(path)


@pytest.mark.parametrize("content", [b"- 1\n", b"title: [", b"title: x\nchapters: [{number: 1}]"])
def test_a_yaml_that_is_none_is_refused(tmp_path, content):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="读不出"):
        check(path)


def test_what_the_county_has_edited_holds_and_is_not_overwritten():
    RiskyWording.objects.filter(code="fine").update(words="罚站", unless="")
    RiskyWording.objects.filter(code="confiscation").update(used=False)
    assert seed_wordings() == 0
    found = check_rules(rules("违者罚款。", "违者罚站。", "没收农具。", preamble="不守约的罚站。"))
    assert [(one.article, one.anchor, one.wording.code) for one in found] == [(0, "", "fine"), (2, "article-2", "fine")]


def test_a_line_of_the_list_needs_words():
    line = RiskyWording(code="x", severity="ask", words="罚…元\n…", reason="a", source="b")
    with pytest.raises(ValidationError) as refused:
        line.full_clean()
    assert set(refused.value.error_dict) == {"words"}


def test_the_findings_stand_on_the_draft_for_those_who_work_on_it():
    village = make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")
    public = make_version(village)
    draft = save_draft(public.rules, rules("水要清。", "倒泔水的罚款一百元。"), by=None)
    chair = signed_in(officer(village, "committee_chair"))
    page = chair.get(draft.get_absolute_url()).content.decode()
    assert "<mark>罚款一百元</mark>" in page
    assert 'href="#article-2"' in page
    assert "没有提示也不等于合法" in page
    assert 'class="findings"' not in chair.get(public.get_absolute_url()).content.decode()
