"""The village's audit log for those who watch over it; its daily heads for everybody; the command that checks it."""

from __future__ import annotations

import datetime
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import guards
from audit.heads import publish_heads
from audit.log import record
from audit.models import AuditEntry, AuditHead, AuditLink
from tests.factories.audit import make_entry, settle, unguarded
from tests.factories.residents import appoint, make_account, make_resident, make_user, make_village

from .pages import make_county, make_township, make_village_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    village = make_village(name="听泉坳村", slug="tingquanao")
    record(action="create_village", subject=village, village_id=village.pk)
    return village


@pytest.fixture
def watcher(village):
    person = make_resident(village, name="向水莲")
    appoint(person, "supervisory_chair")
    client = Client()
    client.force_login(make_account(person))
    return client


def lines(client, village, **asked):
    response = client.get(reverse("home:audit", args=[village.slug]), asked)
    assert response.status_code == 200
    return response.context["lines"]


def page(client, village, **asked):
    return client.get(reverse("home:audit", args=[village.slug]), asked)


def test_the_log_tells_who_did_what_when_in_plain_words(village, watcher):
    chair, second = make_user(display_name="贺光武"), make_user(display_name="田桂生")
    how = {"reason": "换届", "confirmed_by": second.pk}
    record(action="appoint", subject="向水莲 监委会主任", village_id=village.pk, actor=chair, **how)
    settle()
    told = page(watcher, village).content.decode()
    for words in ("任职", "向水莲 监委会主任", "经手：贺光武", "第二人：田桂生", "说明：换届"):
        assert words in told
    assert "appoint" not in told.split("</form>")[-1].split("<details>")[0]


def test_another_villages_acts_are_not_in_it(village, watcher):
    record(action="open_meeting", subject="别村的会", village_id=village.pk + 1)
    record(action="make_backup", subject="全站的事")
    settle()
    told = page(watcher, village).content.decode()
    assert "新建村（社区）" in told
    assert "别村的会" not in told
    assert "全站的事" not in told


def test_it_is_read_in_pages_from_the_newest_on(village, watcher, monkeypatch):
    monkeypatch.setattr("home.audit_views.PAGE_ROWS", 2)
    for number in range(4):
        record(action="open_meeting", subject=f"第{number}次会", village_id=village.pk)
    settle()
    seen, before = [], {}
    while True:
        response = page(watcher, village, **before)
        seen += [line.link.number for line in response.context["lines"]]
        if not response.context["older_url"]:
            break
        before = {"before": seen[-1]}
    assert seen == [5, 4, 3, 2, 1]


def test_it_is_looked_through_by_what_was_done_and_by_day(village, watcher):
    long_ago = timezone.now() - datetime.timedelta(days=40)
    make_entry(action="open_meeting", subject="从前的会", village_id=village.pk, at=long_ago)
    record(action="open_meeting", subject="今天的会", village_id=village.pk)
    record(action="close_meeting", subject="今天的会", village_id=village.pk)
    settle()
    assert {line.entry.subject for line in lines(watcher, village, action="open_meeting")} == {"从前的会", "今天的会"}
    day = timezone.localdate(long_ago).isoformat()
    assert [line.entry.subject for line in lines(watcher, village, day=day)] == ["从前的会"]
    assert lines(watcher, village, day=day, action="close_meeting") == []


@pytest.mark.parametrize("asked", [{"day": "明天"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}, {"action": "x'--"}])
def test_what_cannot_be_understood_is_said_and_kept(village, watcher, asked):
    response = page(watcher, village, **asked)
    assert response.status_code == 422
    assert "field--wrong" in response.content.decode()
    assert not response.context["lines"]


@pytest.mark.parametrize("before", ["-1", "zwei", "9" * 40, "٣", ""])
def test_a_strange_place_to_begin_is_the_beginning(village, watcher, before):
    settle()
    assert lines(watcher, village, before=before)


def test_looking_costs_the_same_for_few_and_many(village, watcher, django_assert_max_num_queries):
    for _number in range(30):
        record(action="appoint", subject="某人", village_id=village.pk, actor=make_user(), confirmed_by=make_user().pk)
    settle()
    page(watcher, village)
    with django_assert_max_num_queries(30):
        assert len(lines(watcher, village)) == 31


def test_everybody_may_read_and_keep_the_heads(client, village):
    settle()
    AuditHead.objects.create(chain=village.pk, day=datetime.date(2026, 5, 20), number=1234, hash="ab" * 32)
    AuditHead.objects.create(chain=village.pk + 1, day=datetime.date(2026, 5, 21), number=77, hash="cd" * 32)
    address = reverse("home:audit_heads", args=[village.slug])
    told = client.get(address).content.decode()
    assert "2026年5月20日" in told
    assert "1234" in told
    assert "abababab abababab" in told
    assert "cdcdcdcd" not in told
    kept = client.get(reverse("home:audit_heads_file", args=[village.slug]))
    assert "attachment" in kept["Content-Disposition"]
    assert kept.json()["heads"] == [{"day": "2026-05-20", "number": 1234, "hash": "ab" * 32}]
    assert client.get(address, HTTP_ACCEPT="application/json").json() == kept.json()


def test_a_villages_own_page_shows_its_newest_head(client):
    village = make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao", number=201)
    address = reverse("home:audit_heads", args=[village.slug])
    assert address not in client.get(village.page.url).content.decode()
    AuditHead.objects.create(chain=village.pk, day=datetime.date(2026, 5, 20), number=1234, hash="ab" * 32)
    told = client.get(village.page.url).content.decode()
    assert "abababab" in told
    assert address in told


def test_old_heads_are_reached_page_by_page(client, village, monkeypatch):
    monkeypatch.setattr("home.audit_views.HEADS_ROWS", 2)
    for day in (1, 2, 3, 4, 5):
        AuditHead.objects.create(chain=village.pk, day=datetime.date(2026, 5, day), number=day, hash="ab" * 32)
    url, days = reverse("home:audit_heads_file", args=[village.slug]), []
    while url:
        told = client.get(url).json()
        days += [head["day"][-2:] for head in told["heads"]]
        url = told["older"]
    assert days == ["05", "04", "03", "02", "01"]


def check(*arguments):
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def test_a_whole_log_is_told_with_its_counts_and_heads(village):
    record(action="open_meeting", subject="村民会议", village_id=village.pk)
    settle()
    code, told = check()
    assert code == 0, told
    assert "听泉坳村：2 条完好" in told
    assert AuditLink.objects.get(chain=village.pk, number=2).hash in told
    assert "全部完好" in told


def test_a_broken_log_is_told_by_village_and_number(village):
    record(action="open_meeting", subject="村民会议", village_id=village.pk)
    settle()
    with unguarded():
        AuditEntry.objects.filter(action="open_meeting").update(subject="别的会")
    code, told = check("--village", village.slug)
    assert code == 1
    assert "听泉坳村：第 2 条被改过" in told
    assert "别的会" in told
    code, told = check("--json")
    assert code == 1
    chains = {one["name"]: one for one in json.loads(told)["chains"]}
    assert chains["听泉坳村"]["broken_at"] == 2


def test_a_log_that_was_rewritten_whole_does_not_fit_what_a_villager_kept(client, village, tmp_path):
    settle()
    publish_heads()
    kept = tmp_path / "audit-heads.json"
    kept.write_bytes(client.get(reverse("home:audit_heads_file", args=[village.slug])).content)
    assert check("--heads", str(kept))[0] == 0
    with unguarded():
        for model in (AuditEntry, AuditLink, AuditHead):
            model.objects.all().delete()
    record(action="create_village", subject="假的听泉坳村", village_id=village.pk)
    settle()
    assert check()[0] == 0
    code, told = check("--heads", str(kept))
    assert code == 1
    assert "第 1 条和" in told


@pytest.mark.parametrize("content", ["[]", "{}", '{"village": "tingquanao", "heads": [{"day": "x"}]}', "\x00"])
def test_a_file_that_is_none_is_refused_in_words(village, tmp_path, content):
    file = tmp_path / "kept.json"
    file.write_text(content)
    with pytest.raises(CommandError, match="日志校验码"):
        check("--heads", str(file))
    with pytest.raises(CommandError, match="打不开"):
        check("--heads", str(tmp_path / "none.json"))


def test_a_guard_that_is_missing_is_told(village):
    settle()
    guards.take_down(connection)
    try:
        code, told = check()
    finally:
        guards.put_up(connection)
    assert code == 1
    assert "audit_auditentry" in told


def test_the_way_to_the_log_is_shown_to_those_who_may_read_it(village, watcher):
    address = reverse("home:audit", args=[village.slug])
    assert address in watcher.get("/me/").content.decode()
    resident = Client()
    resident.force_login(make_account(make_resident(village)))
    assert address not in resident.get("/me/").content.decode()
    assert resident.get(address).status_code == 403
