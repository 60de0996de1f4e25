"""The register of rules, its filters and sheet; the yearly check and when it is due."""

from __future__ import annotations

import datetime
import io

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from audit.models import AuditEntry
from home.duties import overdue_in
from residents.models import Appointment, LegalFigure, Region, User, Village
from tests.factories.residents import SINCE, make_region, make_user, make_village
from tests.factories.rules import bring_to, letters_in, make_draft
from tests.factories.rules_in_force import LONG_AGO, in_days, put_in_force
from villagerules import reviewing, yearly
from villagerules.errors import Incomplete, NotAllowed, WrongState
from villagerules.models import RuleStep, RuleVersion
from villagerules.registry import STATES, Asked, Line, read_registry

pytestmark = pytest.mark.django_db
CORRECTED = "不打牌赌钱，违者批评教育。"


@pytest.fixture
def town() -> Region:
    return make_region(parent=make_region("county"))


def reviewer_of(region: Region) -> User:
    user = make_user()
    Appointment.objects.create(region=region, user=user, role="township_reviewer", from_on=SINCE)
    return user


def client_of(user: User, *, checked: bool = True) -> Client:
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def lines(*villages: Village, **asked: str) -> list[Line]:
    return read_registry(list(villages), on=timezone.localdate(), asked=Asked(**asked))


def states(*villages: Village) -> list[set[str]]:
    return [set(line.states) for line in lines(*villages)]


def test_a_village_without_rules_has_a_line_too(town: Region) -> None:
    bare, community, charter = make_village(region=town), make_village(kind="community"), make_village()
    put_in_force(charter, "红事先报。", slug="hongbai", kind="ceremony_council_charter", on=timezone.localdate())
    assert states(bare) == states(community) == [{"none"}]
    assert states(charter) == [{"none"}, set()]
    draft = make_draft(make_village())
    assert states(draft.village) == [{"none", "amending"}]


def test_what_was_voted_and_is_not_on_file_is_late_after_its_days(town: Region) -> None:
    village = make_village(region=town)
    version = bring_to(make_draft(village), "adopted")
    (line,) = lines(village)
    assert line.filing_due == version.adopted_on + datetime.timedelta(days=10)
    assert line.states == {"none", "amending"}
    RuleVersion.objects.filter(pk=version.pk).update(adopted_on=in_days(-10))
    assert "filing_late" not in states(village)[0]
    RuleVersion.objects.filter(pk=version.pk).update(adopted_on=in_days(-11))
    assert "filing_late" in states(village)[0]
    (late,) = overdue_in([village], now=timezone.now())
    assert any("听泉坳村村规民约" in duty.words for duty in late.duties)
    LegalFigure.objects.filter(key="rules_filed").update(days=30)
    assert "filing_late" not in states(village)[0]
    reviewing.file_rules(version, number="楠溪备〔2026〕3号", on=timezone.localdate(), by=None)
    assert lines(village)[0].filing_due is None


def test_an_order_to_correct_is_done_when_a_later_version_is_published(town: Region) -> None:
    village = make_village(region=town)
    version = put_in_force(village, "不赌博，违者罚款。", on=in_days(-5))
    reviewing.order_correction(version, text="不能罚款", by=None)
    (line,) = lines(village)
    assert [(one.version.number, one.done) for one in line.corrections] == [(1, False)]
    assert line.states == {"amending", "correction"}
    put_in_force(village, CORRECTED, on=timezone.localdate())
    RuleVersion.objects.filter(rules=version.rules, number=2).update(state=RuleVersion.State.VOTED_DOWN)
    (line,) = lines(village)
    assert ([one.done for one in line.corrections], line.states) == ([True], frozenset())


def test_the_yearly_check_falls_due_after_its_days_and_the_last_check_counts(town: Region) -> None:
    village = make_village(region=town)
    version = put_in_force(village, "不赌博。", on=in_days(-366))
    reviewer = reviewer_of(town)
    assert lines(village)[0].check_due == timezone.localdate()
    assert states(village) == [{"check_due"}]
    yearly.check_rules(version, on=in_days(-1), result="mend", words="第一条说清楚", by=reviewer)
    (line,) = lines(village)
    assert (line.check_due, line.checked.result, line.states) == (in_days(365), "mend", frozenset())
    step = RuleStep.objects.get(version=version)
    assert "要整改 第一条说清楚" in step.result
    assert "第一条说清楚" in Client().get(version.get_absolute_url()).content.decode()
    assert AuditEntry.objects.filter(action="check_rules").count() == 1


def test_what_a_yearly_check_asks_for(town: Region) -> None:
    village = make_village(region=town)
    old = put_in_force(village, "不赌博。", on=in_days(-400))
    version = put_in_force(village, "不打牌。", on=in_days(-30))
    reviewer = reviewer_of(town)
    for letter, user in letters_in(village).items():
        if letter != "T":
            with pytest.raises(NotAllowed):
                yearly.check_rules(version, on=in_days(-1), result="fine", by=user)
    with pytest.raises(WrongState):
        yearly.check_rules(old, on=in_days(-1), result="fine", by=reviewer)
    for on, result, words in (
        (in_days(1), "fine", ""), (in_days(-31), "fine", ""), (in_days(-1), "mend", " "), (in_days(-1), "odd", ""),
        (in_days(-1), "fine", "长" * 301),
    ):  # fmt: skip
        with pytest.raises(Incomplete):
            yearly.check_rules(version, on=on, result=result, words=words, by=reviewer)
    yearly.check_rules(version, on=in_days(-2), result="fine", by=reviewer)
    with pytest.raises(Incomplete, match="已经年检过"):
        yearly.check_rules(version, on=in_days(-3), result="fine", by=reviewer)


def test_lines_are_asked_for_by_township_kind_state_and_words(town: Region) -> None:
    other = make_region(parent=town.parent)
    one, two = make_village(region=town, name="石桥村"), make_village(region=other, name="龙塘村")
    put_in_force(one, "不赌博。")
    put_in_force(one, "红事先报。", slug="hongbai", kind="ceremony_rules", on=timezone.localdate())
    RuleVersion.objects.filter(village=one).update(filing_number="楠溪备〔2025〕7号")
    assert len(lines(one, two)) == 3
    assert [line.village for line in lines(one, two, township=other.code)] == [two]
    assert [line.rules.kind for line in lines(one, two, kind="ceremony_rules")] == ["ceremony_rules"]
    assert [line.village for line in lines(one, two, state="none")] == [two]
    assert [line.rules.kind for line in lines(one, two, state="check_due")] == ["village_rules"]
    assert len(lines(one, two, words="石桥 村规")) == len(lines(one, two, words="2025〕7")) == 2
    assert lines(one, two, words="没有的") == []


def test_as_many_queries_for_many_villages_as_for_one(django_assert_num_queries) -> None:
    villages = [make_village() for _ in range(6)]
    for village in villages:
        version = put_in_force(village, "不赌博。", on=LONG_AGO)
        reviewing.order_correction(version, text="要改", by=None)
        yearly.check_rules(version, on=timezone.localdate(), result="fine", by=None)
    with django_assert_num_queries(7):
        assert len(lines(villages[0])) == 1
    with django_assert_num_queries(7):
        assert len(lines(*villages)) == 6


def test_the_page_and_the_sheet_show_the_same_lines(town: Region) -> None:
    village = make_village(region=town, name="=石桥村")
    version = put_in_force(village, "不赌博。")
    make_village(region=town, name="龙塘村")
    client = client_of(reviewer_of(town))
    way = f"/regions/{town.code}/rules/"
    page = client.get(way).content.decode()
    assert "=石桥村" in page
    assert str(STATES["check_due"]) in page
    assert version.address("making") in page
    assert "龙塘村" not in client.get(f"{way}?state=check_due").content.decode()
    for odd in ("?state=x", "?township=1", "?page=x", "?words=" + "长" * 90):
        assert client.get(way + odd).status_code == 200
    answer = client.get(f"/regions/{town.code}/rules.xlsx?state=check_due")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert len(rows) == 1
    assert rows[0][1] == "'=石桥村"
    assert rows[0][5].date() == LONG_AGO
    assert AuditEntry.objects.filter(action="export_registry").count() == 1
    for _again in range(4):
        client.get(f"/regions/{town.code}/rules.xlsx")
    assert client.get(f"/regions/{town.code}/rules.xlsx").status_code == 429


def test_the_register_is_for_the_townships_own_people(town: Region) -> None:
    way = f"/regions/{town.code}/rules/"
    assert Client().get(way).status_code == 302
    assert client_of(make_user()).get(way).status_code == 404
    assert client_of(reviewer_of(make_region())).get(way).status_code == 404
