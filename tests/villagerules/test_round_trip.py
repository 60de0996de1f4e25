"""What is taken away and brought in again is the same text."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from residents.models import Village
from tests.factories.residents import make_village
from villagerules.canonical import canonical_text, text_hash, written_out
from villagerules.exports import as_json, as_text, as_word
from villagerules.keeping import Life, document_of, save_draft
from villagerules.models import RuleVersion
from villagerules.numbering import item_label
from villagerules.reading import read_rules
from villagerules.sources import read_source
from villagerules.structure import ArticleText, ChapterText, RulesText, StanzaText, paragraphs_of

pytestmark = pytest.mark.django_db

# Words of rules, with what their readers could stumble over: citations, numbers, brackets, Latin letters.
WORDS = st.text("山林水土人家田路老少和气守约12A第二条款（）《》、，", min_size=2, max_size=40)
SENTENCE = WORDS.map(lambda words: f"村{words.strip()}民。")
TITLES = st.one_of(st.just(""), st.text("护水守山孝老睦邻", min_size=2, max_size=8))


@st.composite
def articles(draw: st.DrawFn) -> RulesText:
    chapters: list[ChapterText] = []
    number = 0
    with_chapters = draw(st.booleans())
    for chapter in range(1, draw(st.integers(1, 3)) + 1 if with_chapters else 2):
        made = ChapterText(chapter, draw(TITLES)) if with_chapters else ChapterText(0)
        inserted = 0
        for _one in range(draw(st.integers(1, 4))):
            again = number and made.articles and draw(st.booleans())
            number, inserted = (number, inserted + 1) if again else (number + 1, 0)
            made.articles.append(ArticleText(number, draw(_article_text()), draw(TITLES), inserted))
        chapters.append(made)
    preamble = "\n".join(draw(st.lists(SENTENCE, max_size=2)))
    return RulesText("某村" + draw(TITLES) + "村规民约", "articles", preamble, chapters)


@st.composite
def _article_text(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _one in range(draw(st.integers(1, 3))):
        lines.append(draw(SENTENCE))
        lines += [item_label(n) + draw(SENTENCE) for n in range(1, draw(st.integers(0, 3)) + 1)]
    return "\n".join(lines)


@st.composite
def rhymes(draw: st.DrawFn) -> RulesText:
    verse = st.text("山林水土人家田路老少", min_size=7, max_size=7)
    stanzas = [
        StanzaText(number, draw(st.lists(verse, min_size=2, max_size=6)), draw(TITLES))
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]
    return RulesText("某村唱本", "rhyme", "\n".join(draw(st.lists(SENTENCE, max_size=2))), [], stanzas)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.one_of(articles(), rhymes()))
def test_the_canonical_text_is_read_back_as_it_is(rules: RulesText) -> None:
    reading = read_rules(written_out(rules))
    assert reading.rules == rules
    assert not reading.stops
    assert written_out(reading.rules) == written_out(rules)


@pytest.fixture
def village() -> Village:
    return make_village()


def kept(village: Village, rules: RulesText, life: Life | None = None) -> RuleVersion:
    document = document_of(village, kind="village_rules", title=rules.title)
    return RuleVersion.objects.select_related("rules", "village").get(
        pk=save_draft(document, rules, by=None, life=life).pk
    )


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(rules=st.one_of(articles(), rhymes()), days=st.booleans())
def test_a_version_taken_away_as_word_or_text_comes_back_the_same(
    village: Village, rules: RulesText, days: bool
) -> None:
    day = datetime.date(2026, 2, 20)
    life = (
        Life(effective_on=datetime.date(2026, 4, 1), adopted_on=day, adopted_by="villagers_assembly") if days else None
    )
    document = document_of(village, kind="village_rules", title=rules.title)
    version = save_draft(document, rules, by=None, life=life)
    assert version.whole_text() == rules
    assert canonical_text(version) == written_out(rules)
    for name, content in (("a.docx", as_word(version)), ("a.txt", as_text(version).encode())):
        reading, _text = read_source(name, content)
        assert reading.rules == rules
        assert not reading.stops
        if days:
            assert (reading.adoption.body, reading.adoption.on) == ("villagers_assembly", day)
            assert reading.adoption.effective_on == datetime.date(2026, 4, 1)
    version.delete()
    document.delete()


def test_the_hash_is_of_the_words_and_nothing_else(village: Village) -> None:
    rules = RulesText("某村村规民约", chapters=[ChapterText(1, "总则", [ArticleText(1, "不赌博。")])])
    one = kept(village, rules)
    before = text_hash(one)
    one.adopted_on = datetime.date(2026, 2, 20)
    one.save()
    assert text_hash(one) == before
    article = one.chapters.get().articles.get()
    article.text = "不赌博！"
    article.save()
    assert text_hash(one) != before


def test_json_has_the_items_and_the_hash(village: Village) -> None:
    text = "有下列情形的：\n（一）田界；\n（二）水路。"
    version = kept(village, RulesText("某村村规民约", chapters=[ChapterText(0, "", [ArticleText(12, text, "", 1)])]))
    import json

    told = json.loads(as_json(version))
    article = told["chapters"][0]["articles"][0]
    assert (article["label"], article["number"], article["inserted"], article["text"]) == ("第十二条之一", 12, 1, text)
    assert article["items"][1] == {"paragraph": 1, "number": 2, "text": "水路。"}
    assert told["sha256"] == text_hash(version)


def test_items_can_be_addressed() -> None:
    found = paragraphs_of("（一）先写的；\n有下列情形的，先调解：\n（一）田界；\n(二) 水路。\n\n调解不成的，再说。")
    assert [
        (one.number, one.words, [(item.number, item.label, item.words) for item in one.items]) for one in found
    ] == [
        (1, "", [(1, "（一）", "先写的；")]),
        (2, "有下列情形的，先调解：", [(1, "（一）", "田界；"), (2, "（二）", "水路。")]),
        (3, "调解不成的，再说。", []),
    ]
