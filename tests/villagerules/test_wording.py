"""Which wordings are found, which are not, and that good rules are left in peace."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from villagerules.wording import Wording, look_through

ROOT = Path(__file__).resolve().parents[2]
LIST = [
    Wording(**{key: tuple(value) if isinstance(value, list) else value for key, value in line.items()})
    for line in yaml.safe_load((ROOT / "villagerules/data/wordings.yaml").read_text("utf-8"))
]


def codes(text):
    return [one.wording.code for one in look_through(text, LIST)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("乱倒垃圾的，每次罚款二百元，由村委会收取。", "fine"),
        ("不扫地罚款十元。", "fine"),
        ("不交卫生费的处以五十元。", "fine"),
        ("违者罚放电影一场。", "fine"),
        ("乱砍的树木一律没收。", "confiscation"),
        ("出嫁的妇女不论户口是否迁出，一律不参加集体收益分配。", "women_rights"),
        ("拒不参加集体劳动的农户，停供自来水三天。", "livelihood_coercion"),
        ("大操大办酒席的，取消当年低保和各项惠农补贴。", "benefit_withholding"),
        ("违约人的姓名、照片、身份证号和电话张贴在村口黑榜上。", "privacy_exposure"),
        ("外来租户晚上十点以后不得出入本村。", "liberty_restriction"),
        ("欠交公益金的农户，不予出具子女入学证明。", "education_right"),
        ("不参加劳动的，村里不予出具证明。", "certificate_refusal"),
        ("屡教不改的，开除村籍。", "membership_denial"),
        ("本约定经村民代表会议通过即生效，不再报镇政府。", "wrong_body_and_no_filing"),
        ("彩礼一律不得超过三万元。", "gift_limit_as_duty"),
        ("不闹事，违者罚款。", "fine"),
        ("不乱倒垃圾、罚款五十。", "fine"),
    ],
)
def test_it_is_found(text, code):
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "公约没有罚款，也不晒隐私。",
        "只劝导，不罚款。",
        "村规民约不得设定罚款、没收财物。",
        "不闹、不堵、不断水断电断路。",
        "对不守约的只劝导、不处罚，不与依法应得的待遇挂钩。",
        "构成违法的，由公安机关依法处罚。",
        "停水停电提前一天通知到户。",
        "出嫁女与其他村民平等享有权利，不得歧视。",
        "适龄儿童都要入学，不得辍学。",
        "提倡彩礼不超过三万元。",
        "出门关火断电。",
        "不上黑榜、不曝光。",
    ],
)
def test_it_is_left_in_peace(text):
    assert codes(text) == []


FLAWED = ROOT / "home/demo/rules/sample-flawed-draft.yaml"
GOOD = sorted({*FLAWED.parent.glob("*.yaml")} - {FLAWED})


def test_the_flawed_sample_has_just_the_findings_that_are_written_beside_it():
    text = yaml.safe_load(FLAWED.read_text("utf-8"))
    found = [
        {"article": article["number"], "code": one.wording.code}
        | {"severity": one.wording.severity, "reason": one.wording.reason}
        for chapter in text["chapters"]
        for article in chapter["articles"]
        for one in look_through(article["text"], LIST)
    ]
    assert found == text["expected_findings"]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_rules_have_no_false_alarm(path):
    text = yaml.safe_load(path.read_text("utf-8"))
    parts = [article["text"] for chapter in text.get("chapters", ()) for article in chapter["articles"]]
    parts += ["\n".join(stanza["lines"]) for stanza in text.get("stanzas", ())]
    assert [code for part in [*parts, text.get("preamble") or ""] for code in codes(part)] == []


@given(st.text(alphabet="不得罚款没收断水，。、取消低保人家", max_size=60))
def test_places_are_where_the_words_stand(text):
    found = look_through(text, LIST)
    assert [text[one.start : one.end] for one in found] == [one.words for one in found]
    assert len({one.wording.code for one in found}) == len(found)


@given(st.text(alphabet="不得罚款没收断水，、取消低保人家", max_size=30))
def test_what_one_sentence_says_is_not_changed_by_another(text):
    alone = codes(text)
    assert set(codes(text + "。大家一起守。")) == set(alone)


def test_every_line_of_the_list_says_why_and_by_what():
    assert all(line.reason and line.source and line.severity in ("block", "ask") for line in LIST)
    assert len({line.code for line in LIST}) == len(LIST)
