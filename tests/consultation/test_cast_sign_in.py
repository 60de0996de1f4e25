"""Who is behind a ballot: session and accounts come with the paper, and are judged as everywhere else."""

import datetime

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from consultation import substitutes, voting
from consultation.ballot_box import find_paper
from consultation.eligibility import acting_entries
from consultation.models import Mark, Proxy
from residents.models import Claim
from residents.officer_sessions import BEGAN, SEEN
from tests.factories.acting import grant, proxy_hall
from tests.factories.consultation import make_hall, open_vote
from tests.factories.residents import make_account, make_resident, make_user

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
FIELDS = {"entry": 1, "choice": "for", "key": "a"}


@pytest.fixture
def hall():
    return make_hall(4)


@pytest.fixture
def motion(hall):
    return open_vote(hall)


@pytest.fixture
def voter(hall):
    client = Client()
    client.force_login(hall.account(0))
    return client


def cast(client, motion, **fields):
    answer = client.post(motion.meeting.address("cast", motion.number), FIELDS | fields, headers=JSON)
    return answer.json()["error"]["code"] if answer.status_code != 200 else "accepted"


def change_session(client, **values):
    session = client.session
    for name, value in values.items():
        session[name] = value
    session.save()


def test_who_is_signed_in_votes(voter, motion):
    assert cast(voter, motion) == "accepted"


def test_nobody_votes_without_a_session(motion):
    assert cast(Client(), motion) == "sign_in"
    assert cast(Client(), motion, entry=999) == "sign_in"


@pytest.mark.parametrize("unit", [1, 2, 999], ids=["own", "another's", "nobody's"])
def test_what_ends_a_session_ends_it_here(hall, motion, voter, unit):
    """Whether the account came with the paper or is asked for after it."""
    user, key = hall.account(0), voter.session.session_key
    hall.account(1)

    def says():
        voter.cookies[settings.SESSION_COOKIE_NAME] = key  # an answer to nobody takes the cookie away
        return cast(voter, motion, entry=unit)

    row = Session.objects.get(pk=key)
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    assert says() == "sign_in"
    row.save()
    Session.objects.filter(pk=key).delete()
    assert says() == "sign_in"
    row.save()
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert says() == "sign_in"
    type(user).objects.filter(pk=user.pk).update(is_active=True)
    assert Mark.objects.count() == 0
    assert says() == {1: "accepted", 2: "forbidden", 999: "forbidden"}.get(unit)


def test_a_changed_password_ends_the_session(hall, motion, voter):
    user = hall.account(0)
    user.set_password("ein ganz neues Wort")
    user.save()
    assert cast(voter, motion) == "sign_in"
    assert not Session.objects.filter(pk=voter.session.session_key).exists()


@pytest.mark.parametrize(
    "values",
    [
        {HASH_SESSION_KEY: "0" * 64},
        {HASH_SESSION_KEY: ""},
        {BACKEND_SESSION_KEY: "some.backend.of.Yesterday"},
        {SESSION_KEY: "999999"},
    ],
    ids=["wrong hash", "no hash", "unknown backend", "unknown account"],
)
def test_a_session_that_does_not_fit_its_account_is_none(motion, voter, values):
    change_session(voter, **values)
    assert cast(voter, motion) == "sign_in"


def test_a_session_that_was_tampered_with_is_none(motion, voter):
    Session.objects.update(session_data="no signature at all")
    assert cast(voter, motion) == "sign_in"


def test_another_of_the_units_accounts_does_not_stand_in(hall, motion):
    """Two accounts of one line: each is judged by itself."""
    helper = make_account(hall.people[0], relation="family")
    owner = hall.account(0)
    client = Client()
    client.force_login(helper)
    type(helper).objects.filter(pk=helper.pk).update(is_active=False)
    assert cast(client, motion) == "sign_in"
    type(helper).objects.filter(pk=helper.pk).update(is_active=True)
    Claim.objects.filter(user=helper).update(state="ended")
    assert owner.is_active
    assert cast(client, motion) == "not_found"


def test_an_account_signed_in_by_another_backend_votes(hall, motion):
    client = Client()
    client.force_login(hall.account(0), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert cast(client, motion) == "accepted"


def test_an_officers_half_hour_begins_anew_with_a_ballot(hall, motion, voter):
    now = timezone.now().timestamp()
    change_session(voter, **{BEGAN: now - 600, SEEN: now - 600})
    assert cast(voter, motion) == "accepted"
    assert voter.session[SEEN] >= now


def test_a_form_without_the_sites_token_is_refused(hall, motion):
    client = Client(enforce_csrf_checks=True)
    client.force_login(hall.account(0))
    answer = client.post(motion.meeting.address("cast", motion.number), FIELDS, headers=JSON)
    assert answer.status_code == 403
    assert Mark.objects.count() == 0


def test_a_paper_is_for_those_who_may_act_for_the_unit():
    """As the page lists them (eligibility): own, helped, by grant; not a former claim, nor a helper of the holder."""
    hall = proxy_hall(6, present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    ended = hall.entries[4]
    grant(hall, ended, hall.entries[1])
    users = [hall.account(number) for number in range(6)]
    users += [make_account(hall.people[number], relation="helper") for number in (0, 5)]
    for state in ("proposed", "ended"):
        users.append(make_account(hall.people[2], relation="family"))
        Claim.objects.filter(user=users[-1]).update(state=state)
    users += [make_user(), make_account(make_resident(hall.village))]
    motion = open_vote(hall)

    def holds():
        return {
            (user.pk, entry.number)
            for user in users
            for entry in hall.entries
            if find_paper(
                village=hall.village.slug, meeting=hall.meeting.number, motion=motion.number, entry=entry.number
            ).entry_for(user.pk)
        }

    def listed():
        return {(user.pk, entry.number) for user in users for entry in acting_entries(user, hall.meeting)}

    assert holds() == listed()
    assert (users[0].pk, 6) in holds()
    voting.close_motion(motion, by=None)
    Proxy.objects.filter(grantor=ended).update(ended_at=timezone.now(), ended_after=1)
    motion = open_vote(hall, text="第二项")
    assert (users[1].pk, 5) not in holds()
    assert holds() == listed()


def test_who_was_named_in_place_of_another_has_the_paper():
    hall = make_hall(4, present=3)
    old, entry = hall.account(3), hall.entries[3]
    new = make_resident(hall.village, household=hall.people[3].household)
    named = make_account(new)
    substitutes.name_substitute(hall.meeting, entry, to=new, reason="有事", by=None)
    motion = open_vote(hall)
    found = find_paper(village=hall.village.slug, meeting=1, motion=motion.number, entry=entry.number)
    assert found.entry_for(named.pk) == entry
    assert found.entry_for(old.pk) is None
