"""Nothing is kept longer than it is good for, and what belongs to the archive is not forgotten."""

from __future__ import annotations

import datetime
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from audit.models import AuditEntry
from residents import background
from residents.forgetting import forget_expired
from residents.models import (
    Claim,
    ClaimRequest,
    Correction,
    EntryCode,
    Proposal,
    Resident,
    RollChange,
    RollLook,
    SheetUpload,
    SignIn,
    User,
)
from residents.phone_accounts import account_for, phone_shown
from tests.factories.consultation import close_vote, make_hall
from tests.factories.residents import appoint, make_account, make_household, make_resident, make_user, make_village

pytestmark = pytest.mark.django_db


def ago(**how):
    return timezone.now() - datetime.timedelta(**how)


def made(count, model, **fields):
    """Rows at several ages, the oldest first."""
    rows = []
    for number in range(count):
        told = {name: value[number] if isinstance(value, list) else value for name, value in fields.items()}
        rows.append(model.objects.create(**told))
    return rows


def test_codes_go_some_time_after_they_are_of_no_use():
    home = make_household(make_village())
    soon = timezone.now() + datetime.timedelta(days=9)
    rows = made(
        4, EntryCode, village=home.village, household=home, code_hash=["a", "b", "c", "d"],
        expires_at=[ago(days=31), ago(days=2), soon, soon], used_at=[None, None, ago(days=40), None],
    )  # fmt: skip
    assert forget_expired()["codes"] == 2
    assert set(EntryCode.objects.all()) == {rows[1], rows[3]}


def test_a_sheet_nobody_came_back_for_goes_after_its_hour():
    village, user = make_village(), make_user()
    made(
        2, SheetUpload, village=village, user=user, token=["old", "new"], name="a.xlsx", content_sealed=b"x",
        expires_at=[ago(seconds=1), timezone.now() + datetime.timedelta(minutes=5)],
    )  # fmt: skip
    forget_expired()
    assert [one.token for one in SheetUpload.objects.all()] == ["new"]


def test_what_lay_sealed_for_a_second_person_who_never_came_is_emptied():
    village = make_village()
    late, waiting = made(
        2, Proposal, village=village, number=[1, 2], kind="roll_import", summary="导入", sealed=b"x",
        expires_at=[ago(minutes=1), timezone.now() + datetime.timedelta(days=1)],
    )  # fmt: skip
    forget_expired()
    late.refresh_from_db()
    waiting.refresh_from_db()
    assert (bytes(late.sealed), bytes(waiting.sealed)) == (b"", b"x")


def test_details_of_old_decisions_go_and_the_decision_stays():
    village = make_village()
    old, new = made(
        2, Proposal, village=village, number=[1, 2], kind="roll_edit", summary="更正", state="done",
        payload={"words": [["姓名", "甲"]], "edit": "correct"}, expires_at=ago(days=1),
    )  # fmt: skip
    Proposal.objects.filter(pk=old.pk).update(created_at=ago(days=1100))
    assert forget_expired()["proposals"] == 1
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.payload, old.state) == ({"edit": "correct"}, "done")
    assert "words" in new.payload
    assert forget_expired()["proposals"] == 0


def test_what_people_asked_goes_half_a_year_after_the_answer():
    person = make_resident(make_village())
    user = make_user()
    requests = made(
        3, ClaimRequest, village=person.village, user=user, stated_name=["甲", "乙", "丙"],
        state=["refused", "refused", "waiting"], decided_at=[ago(days=181), ago(days=2), None],
    )  # fmt: skip
    corrections = made(
        3, Correction, village=person.village, number=[1, 2, 3], user=user, resident=person, about="name",
        state=["refused", "withdrawn", "waiting"], decided_at=[ago(days=181), ago(days=2), None],
    )  # fmt: skip
    forget_expired()
    assert set(ClaimRequest.objects.all()) == set(requests[1:])
    assert set(Correction.objects.all()) == set(corrections[1:])


def test_looks_are_kept_for_three_years():
    person = make_resident(make_village())
    looks = made(2, RollLook, village=person.village, resident=person, what="phone", by_name=["甲", "乙"])
    RollLook.objects.filter(pk=looks[0].pk).update(at=ago(days=1096))
    forget_expired()
    assert list(RollLook.objects.all()) == [looks[1]]


def test_a_sign_in_goes_with_its_session():
    here, gone = Client(), Client()
    user = make_user()
    here.force_login(user)
    gone.force_login(user)
    gone.logout()
    SignIn.objects.update(at=ago(hours=2))
    forget_expired()
    assert [one.session_key for one in SignIn.objects.all()] == [here.session.session_key]


def phone(number, *, days, shown, **fields):
    user = account_for(number)
    if shown:
        phone_shown(user)
    User.objects.filter(pk=user.pk).update(date_joined=ago(days=days), last_login=ago(days=days) if shown else None)
    User.objects.filter(pk=user.pk).update(**fields)
    return user


def test_numbers_whose_code_was_never_typed_and_accounts_that_are_nobodys_go():
    village = make_village()
    never = phone("13900000001", days=8, shown=False)
    fresh = phone("13900000002", days=2, shown=False)
    unused = phone("13900000003", days=731, shown=True)
    lately = phone("13900000004", days=100, shown=True)
    resident = phone("13900000005", days=900, shown=True)
    make_account(make_resident(village), user=resident)
    asking = phone("13900000006", days=900, shown=True)
    ClaimRequest.objects.create(village=village, user=asking, stated_name="甲")
    officer = make_account(make_resident(village), user=phone("13900000007", days=900, shown=True))
    appoint(officer.claims.get().resident, "village_admin")
    password = phone("13900000008", days=900, shown=True, password="md5$x$y", username="p-x")
    staff = make_user(password="!")
    User.objects.filter(pk=staff.pk).update(date_joined=ago(days=900))
    assert forget_expired()["accounts"] == 2
    left = set(User.objects.all())
    assert not left & {never, unused}
    assert left >= {fresh, lately, resident, asking, officer, password, staff}


def test_the_archive_is_not_touched():
    hall = make_hall(5)
    close_vote(hall, votes=(3, 1, 1))
    entries = AuditEntry.objects.count()
    before = (
        Resident.objects.count(),
        RollChange.objects.count(),
        hall.meeting.motions.get().ballots.count(),
        Claim.objects.count(),
    )
    forget_expired(now=timezone.now() + datetime.timedelta(days=20 * 365))
    after = (
        Resident.objects.count(),
        RollChange.objects.count(),
        hall.meeting.motions.get().ballots.count(),
        Claim.objects.count(),
    )
    assert after == before
    assert AuditEntry.objects.count() >= entries


def test_what_was_forgotten_is_counted_in_the_log_and_told():
    make_resident(make_village())
    account_for("13900000001")
    User.objects.update(date_joined=ago(days=30))
    out = StringIO()
    call_command("forget_expired", "--json", stdout=out)
    assert json.loads(out.getvalue())["accounts"] == 1
    entry = AuditEntry.objects.get(action="forget_expired")
    assert entry.detail == {"what": "accounts", "count": 1}


def test_it_is_planned_for_every_night_once(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    out = StringIO()
    call_command("forget_expired", "--plan", stdout=out)
    call_command("forget_expired", "--plan", stdout=out)
    planned = DBTaskResult.objects.get(task_path=background.forget_daily.module_path)
    at = timezone.localtime(planned.run_after)
    assert (at.hour, at.minute) == (3, 30)
    assert timezone.now() < at <= timezone.now() + datetime.timedelta(days=1)
    # The night's run plans the next one first.
    planned.status = "RUNNING"
    planned.save()
    background.forget_daily.func()
    paths = DBTaskResult.objects.filter(status="READY").values_list("task_path", flat=True)
    assert len(paths) == len(set(paths))
    assert {background.forget_daily.module_path, background.publish_heads_daily.module_path} <= set(paths)
