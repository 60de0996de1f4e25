"""Sharing rules, choosing model clauses, taking one into a draft."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from residents.models import Appointment, User, Village
from tests.factories.residents import SINCE, appoint, make_account, make_resident, make_user, make_village
from tests.factories.rules import bring_to, make_draft
from tests.factories.rules_in_force import put_in_force
from villagerules import clauses
from villagerules.clause_library import clauses_shown, count_uses, themes_shown, with_articles
from villagerules.errors import Incomplete, NotAllowed, WrongState
from villagerules.following import follow
from villagerules.models import ClauseOrigin, ClauseTheme, ModelClause, RuleVersion
from villagerules.reading import read_rules

pytestmark = pytest.mark.django_db
TABLES = "红事提倡不超过二十桌，白事正席提倡不超过十五桌，亲属多的由理事会商量。"
FIRE = "进山不带火种，清明前后不在林边烧纸，发现冒烟马上报护林员。"


def officer(village: Village, role: str) -> User:
    person = make_resident(village)
    appoint(person, role)
    return make_account(person)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def theme(slug: str = "hongbai") -> ClauseTheme:
    return ClauseTheme.objects.get(slug=slug)


def shared(*texts: str, name: str = "甲村") -> tuple[RuleVersion, User]:
    """A document in force that its village shares, and somebody who drafts there."""
    village = make_village(name=name)
    version = put_in_force(village, *texts)
    user = officer(village, "committee_chair")
    clauses.share_rules(version.rules, shared=True, by=user)
    return version, user


def shown(**asked: str) -> list[str]:
    return [one.article.text for one in with_articles(clauses_shown(timezone.localdate(), **asked))]


def test_a_clause_is_shown_while_its_document_is_shared_and_in_force() -> None:
    version, user = shared(TABLES, FIRE)
    clauses.pick_clause(version, "article-1", themes=[theme()], by=user)
    assert shown() == [TABLES]
    clauses.share_rules(version.rules, shared=False, by=user)
    assert shown() == []
    clauses.share_rules(version.rules, shared=True, by=user)
    assert shown() == [TABLES]
    put_in_force(version.village, TABLES.replace("二十", "十八"), on=timezone.localdate())
    assert shown() == [TABLES.replace("二十", "十八")]  # the same article as it is now
    put_in_force(version.village, FIRE, on=timezone.localdate())
    assert shown() == []  # it is no longer in the rules
    actions = AuditEntry.objects.filter(village_id=version.village_id).values_list("action", flat=True)
    assert {"share_rules", "unshare_rules", "pick_clause"} <= set(actions)


def test_who_shares_and_who_chooses() -> None:
    version, chair = shared(TABLES)
    village = version.village
    with pytest.raises(NotAllowed):
        clauses.share_rules(version.rules, shared=False, by=officer(village, "supervisory_member"))
    reviewer, editor, stranger = make_user(), make_user(), make_user()
    Appointment.objects.create(region=village.region, user=reviewer, role="township_reviewer", from_on=SINCE)
    Appointment.objects.create(region=village.region, user=editor, role="county_editor", from_on=SINCE)
    for one in (reviewer, editor, chair):
        clauses.pick_clause(version, "article-1", themes=[theme()], by=one)
    with pytest.raises(NotAllowed):
        clauses.pick_clause(version, "article-1", themes=[theme()], by=stranger)
    with pytest.raises(NotAllowed):
        clauses.drop_clause(version, ModelClause.objects.get().lineage, by=stranger)
    clauses.drop_clause(version, ModelClause.objects.get().lineage, by=reviewer)
    assert shown() == []


def test_only_what_is_shared_and_in_force_is_chosen_under_one_to_three_themes() -> None:
    version, user = shared(TABLES)
    for themes in ([], list(ClauseTheme.objects.all()[:4])):
        with pytest.raises(Incomplete):
            clauses.pick_clause(version, "article-1", themes=themes, by=user)
    with pytest.raises(WrongState):
        clauses.pick_clause(version, "article-7", themes=[theme()], by=user)
    clauses.share_rules(version.rules, shared=False, by=user)
    with pytest.raises(WrongState, match="同意给别人参考"):
        clauses.pick_clause(version, "article-1", themes=[theme()], by=user)
    draft = make_draft(make_village())
    with pytest.raises(WrongState, match="还没有施行的版本"):
        clauses.share_rules(draft.rules, shared=True, by=officer(draft.village, "party_secretary"))


def test_villages_that_write_nearly_the_same_are_counted() -> None:
    version, user = shared(TABLES)
    clause = clauses.pick_clause(version, "article-1", themes=[theme()], by=user)
    for number in "一二三":
        put_in_force(make_village(), TABLES.replace("二十", f"十{number}"))
    put_in_force(make_village(), FIRE)
    follow()
    clause.refresh_from_db()
    assert clause.village_count == 4
    clauses.share_rules(version.rules, shared=False, by=user)
    count_uses(timezone.localdate())
    clause.refresh_from_db()
    assert clause.village_count == 0


def test_the_library_is_asked_by_theme_and_words_with_as_many_queries_for_more(django_assert_num_queries) -> None:
    version, user = shared(TABLES, FIRE)
    clauses.pick_clause(version, "article-1", themes=[theme()], by=user)
    with django_assert_num_queries(3):
        assert shown() == [TABLES]
    clauses.pick_clause(version, "article-2", themes=[theme("fanghuo"), theme("pingan")], by=user)
    with django_assert_num_queries(3):
        assert shown() == [TABLES, FIRE]
    assert shown(theme="fanghuo") == [FIRE]
    assert shown(words="护林 火种") == [FIRE]
    assert shown(theme="hongbai", words="火种") == []
    page = Client().get("/clauses/?theme=fanghuo").content.decode()
    assert (FIRE in page, TABLES in page) == (True, False)
    assert "甲村" in page
    assert "用到草案里" not in page
    for odd in ("?theme=nowhere", "?q=" + "长" * 90, "?page=x"):
        assert Client().get(f"/clauses/{odd}").status_code == 200


def test_themes_that_the_county_switched_off_are_not_offered() -> None:
    ClauseTheme.objects.exclude(slug="hongbai").update(used=False)
    assert [one.slug for one in themes_shown()] == ["hongbai"]


TEXT = "乙村村规民约\n第一章 总则\n第一条 不赌博。\n第二条 孝敬老人。\n第二章 附则\n第三条 本约由村民会议解释。"


@pytest.mark.parametrize(
    ("behind", "numbers"), [(1, [1, 2, 3, 4]), (3, [1, 2, 3, 4]), (0, [1, 2, 3, 4])], ids=["first", "last", "end"]
)
def test_an_article_is_put_behind_another_and_what_follows_moves_on(behind: int, numbers: list[int]) -> None:
    text, number = clauses.with_article(read_rules(TEXT).rules, behind=behind, title="桌数", words=TABLES)
    assert [one.number for one in text.articles] == numbers
    assert number == (behind or 3) + 1
    assert next(one.text for one in text.articles if one.number == number) == TABLES


def test_an_article_put_in_later_moves_with_its_number() -> None:
    text = read_rules(TEXT.replace("第二条", "第一条之一 不打牌。\n第二条")).rules
    text, number = clauses.with_article(text, behind=1, title="", words=TABLES)
    assert [(one.number, one.inserted) for one in text.articles] == [(1, 0), (1, 1), (2, 0), (3, 0), (4, 0)]
    assert number == 2


@pytest.mark.parametrize("words", ["", " \n ", "好\n第九条 又一条", "好\n第三章 又一章"])
def test_words_that_are_none_or_more_than_one_article_are_refused(words: str) -> None:
    with pytest.raises(Incomplete):
        clauses.with_article(read_rules(TEXT).rules, behind=1, title="", words=words)


def test_a_clause_goes_into_a_draft_adapted_and_keeps_where_it_came_from() -> None:
    version, user = shared(TABLES)
    clause = clauses.pick_clause(version, "article-1", themes=[theme()], by=user)
    draft = make_draft(make_village(name="乙村"), text=TEXT)
    drafter = officer(draft.village, "committee_member")
    lineages = {one.text: one.lineage for one in articles_of(draft)}
    client = client_of(drafter)
    assert "用到草案里" in client.get("/clauses/").content.decode()
    way = draft.address("insert_clause", clause.lineage)
    assert way in client.get(f"/clauses/{clause.lineage}/use/").content.decode()
    assert TABLES in client.get(way).content.decode()
    adapted = TABLES.replace("二十", "十二") + "罚款五十元。"
    refused = client.post(way, {"behind": "9", "title": "桌数", "words": adapted})
    assert refused.status_code == 422
    assert adapted in refused.content.decode()
    assert client.post(way, {"behind": "2", "title": "桌数", "words": adapted}).status_code == 303
    assert [one.text for one in articles_of(draft)][2] == adapted
    assert {one.text: one.lineage for one in articles_of(draft) if one.text != adapted} == lineages
    origin = ClauseOrigin.objects.get()
    assert (origin.from_village, origin.from_place, origin.clause) == ("甲村", "第一条", clause)
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "借鉴来的条文" in page
    assert "罚款" in page  # what is looked at again in every draft
    assert {"insert_clause", "revise_text"} <= set(AuditEntry.objects.values_list("action", flat=True))


def articles_of(version: RuleVersion) -> list:
    return [one for chapter in version.chapters.prefetch_related("articles") for one in chapter.articles.all()]


def test_it_goes_only_into_drafts_that_may_be_changed_by_who_drafts_there() -> None:
    version, user = shared(TABLES)
    clause = clauses.pick_clause(version, "article-1", themes=[theme()], by=user)
    draft = make_draft(make_village(), text=TEXT)
    drafter = officer(draft.village, "committee_member")
    give = {"behind": 1, "title": "", "words": TABLES}
    with pytest.raises(NotAllowed):
        clauses.insert_clause(draft, clause.lineage, by=user, **give)
    clauses.share_rules(version.rules, shared=False, by=user)
    with pytest.raises(WrongState, match="撤下"):
        clauses.insert_clause(draft, clause.lineage, by=drafter, **give)
    assert client_of(drafter).get(f"/clauses/{clause.lineage}/use/").status_code == 404
    clauses.share_rules(version.rules, shared=True, by=user)
    assert list(clauses.drafts_open_to(drafter)) == [draft]
    bring_to(draft, "soliciting")
    assert list(clauses.drafts_open_to(drafter)) == []
    with pytest.raises(WrongState, match="征集民意"):
        clauses.insert_clause(draft, clause.lineage, by=drafter, **give)


def test_the_pages_of_sharing_and_choosing() -> None:
    version, user = shared(TABLES)
    client = client_of(user)
    way = version.address("pick_clause", "article-1")
    assert client.get(way).status_code == 200
    assert client.post(way, {}).status_code == 422
    assert client.post(way, {"themes": ["nothing"]}).status_code == 422
    assert client.post(way, {"themes": ["hongbai"]}).status_code == 303
    assert shown() == [TABLES]
    assert client.post(way, {"drop": "1"}).status_code == 303
    assert client.post(way, {"drop": "1"}).status_code == 409
    assert client.post(version.address("share"), {"shared": "0"}).status_code == 303
    version.rules.refresh_from_db()
    assert not version.rules.shared
    assert client.post(way, {"themes": ["hongbai"]}).status_code == 409
    editor = make_user()
    Appointment.objects.create(region=version.village.region, user=editor, role="county_editor", from_on=SINCE)
    assert client_of(editor).get(way).status_code == 200
    assert client_of(make_user()).get(way).status_code == 404
