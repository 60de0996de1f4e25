"""The nearest articles of other villages: what is found, and that the index is what is in force."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from residents.models import Village
from tests.factories.residents import appoint, make_account, make_resident, make_village
from tests.factories.rules_in_force import in_days, put_in_force
from villagerules import similar_index
from villagerules.models import Article, ClauseKey, ClauseText, ClauseUse, RuleVersion
from villagerules.similar import similar_articles, villages_saying
from villagerules.similar_index import follow_in_force

pytestmark = pytest.mark.django_db
TABLES = "红事提倡不超过二十桌，白事正席提倡不超过十五桌，亲属多的由理事会商量。"
FEWER = "红事提倡不超过十八桌，白事正席提倡不超过十二桌，亲属多的由理事会商量。"
PUT_OTHERWISE = "红事提倡不超过十桌，办前先报理事会，事后不回礼，亲属多的大家商量着办。"
OTHER = "进山不带火种，清明前后不在林边烧纸，发现冒烟马上报护林员。"


def found_for(text: str, village: Village | None = None) -> list[tuple[str, str, int]]:
    near = similar_articles(text, village=village, on=timezone.localdate())
    return [(one.version.village.name, one.level, one.villages) for one in near]


def test_the_nearest_come_first_each_with_how_near_it_is() -> None:
    mine, *others = (make_village(name=name) for name in ("甲村", "乙村", "丙村", "丁村", "戊村"))
    put_in_force(mine, TABLES)
    for village, text in zip(others, (PUT_OTHERWISE, FEWER, TABLES, OTHER), strict=True):
        put_in_force(village, OTHER, text)
    assert follow_in_force() == (5, 0)
    assert found_for(TABLES, mine) == [("丁村", "same", 1), ("丙村", "same", 1), ("乙村", "far", 1)]
    assert found_for(OTHER, mine) == [("乙村", "same", 4)]
    assert found_for("完全没有人写过的一句话") == []
    assert villages_saying(TABLES, on=timezone.localdate()) == 3


def test_what_differs_is_marked() -> None:
    put_in_force(make_village(), FEWER)
    follow_in_force()
    (near,) = similar_articles(TABLES, village=None, on=timezone.localdate())
    assert "".join(span.text for span in near.spans if span.side <= 0) == TABLES
    assert "".join(span.text for span in near.spans if span.side >= 0) == FEWER


def test_the_index_follows_what_is_in_force_whoever_wrote_the_rows() -> None:
    """By the days: what is to come is not shown, what was superseded or repealed neither, rows in bulk are seen."""
    village = make_village()
    old = put_in_force(village, TABLES)
    put_in_force(village, OTHER, on=in_days(3))
    follow_in_force()
    assert (found_for(TABLES), found_for(OTHER)) == ([(village.name, "same", 1)], [])
    assert follow_in_force() == (0, 0)
    assert follow_in_force(on=in_days(3)) == (1, 1)
    assert not ClauseText.objects.filter(plain__contains="红事").exists()
    assert follow_in_force() == (1, 1)
    RuleVersion.objects.filter(pk=old.pk).update(repealed_on=timezone.localdate())
    assert found_for(TABLES) == []  # at once, before anything was taken out
    follow_in_force()
    assert not ClauseUse.objects.exists()
    assert not ClauseKey.objects.exists()


def test_practice_villages_merged_ones_and_drafts_are_left_out() -> None:
    practice, merged, drafting = make_village(is_practice=True), make_village(), make_village()
    for village in (practice, merged, drafting):
        put_in_force(village, TABLES)
    follow_in_force()
    assert len(found_for(TABLES)) == 1
    Village.objects.filter(pk=merged.pk).update(merged_into=drafting)
    RuleVersion.objects.filter(village=drafting).update(state=RuleVersion.State.DRAFTING)
    assert found_for(TABLES) == []
    follow_in_force()
    assert not ClauseUse.objects.exists()


def test_a_text_is_indexed_in_pieces_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar_index, "AT_ONCE", 2)
    for _number in range(5):
        put_in_force(make_village(), TABLES, OTHER)
    follow_in_force()
    assert (ClauseText.objects.count(), ClauseUse.objects.count()) == (2, 10)
    Village.objects.all().update(is_practice=True)
    follow_in_force()
    assert not ClauseText.objects.exists()


def test_as_many_queries_for_many_villages_as_for_one(django_assert_max_num_queries) -> None:
    for number in range(6):
        put_in_force(make_village(), TABLES.replace("二十", "十" + "一二三四五六"[number]))
    follow_in_force()
    with django_assert_max_num_queries(4):
        assert len(found_for(TABLES)) == 6


def signed_in(village: Village, role: str) -> Client:
    person = make_resident(village)
    appoint(person, role)
    client = Client()
    client.force_login(make_account(person), backend="residents.backends.AccountBackend")
    return client


def test_everybody_reads_it_beside_an_article_in_force_and_who_drafts_beside_all() -> None:
    mine, other = make_village(name="甲村"), make_village(name="乙村")
    version = put_in_force(mine, TABLES, OTHER)
    put_in_force(other, FEWER)
    follow_in_force()
    page = Client().get(version.address("similar", "article-1"))
    assert "乙村" in page.content.decode()
    assert "<del>" in page.content.decode()
    assert "没有找到" in Client().get(version.address("similar", "article-2")).content.decode()
    assert Client().get(version.address("similar", "article-9")).status_code == 404
    all_of_them = version.address("similar_all")
    assert Client().get(all_of_them).status_code == 302
    drafter = signed_in(mine, "committee_member")
    assert "乙村" in drafter.get(all_of_them).content.decode()
    assert signed_in(other, "committee_member").get(all_of_them).status_code == 404
    RuleVersion.objects.filter(pk=version.pk).update(state=RuleVersion.State.DRAFTING)
    draft = version.address("similar", "article-1")
    assert Client().get(draft).status_code == 302
    assert drafter.get(draft)["Cache-Control"] == "no-store"
    assert Article.objects.filter(chapter__version=version).count() == 2
