"""The demo accounts' page exists in development at the machine itself, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from consultation import attendance
from residents.models import User
from tests.factories.consultation import Hall, make_hall, open_vote
from tests.factories.residents import make_account, make_resident, make_user

pytestmark = pytest.mark.django_db

PATH = "/demo-accounts/"
HERE = {"HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def hall() -> Hall:
    """A live meeting that votes, with demo accounts for its people."""
    hall = make_hall()
    hall.meeting = attendance.confirm_quorum(hall.meeting, by=None)
    open_vote(hall)
    for number in range(4):
        user = hall.account(number)
        user.username = f"demo-{number}"
        user.save()
    return hall


def sign_in(client: Client, username: str, **where: str) -> object:
    return client.post(PATH, {"account": username}, **(HERE | where))


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_it_exists_at_the_machine_itself(hall: Hall, client: Client, settings: Any, host: str, address: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert client.get(PATH, HTTP_HOST=host, REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.168.1.5:8000", "192.168.1.20"),
        ("192.168.1.5:8000", "127.0.0.1"),
        ("localhost:8000", "192.168.1.20"),
        ("cun.example.gov.cn", "127.0.0.1"),
        ("localhost.example.com", "127.0.0.1"),
        ("localhost", ""),
        ("localhost", "unix"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_exists_nowhere_else(
    hall: Hall, client: Client, settings: Any, method: str, host: str, address: str
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    call = getattr(client, method)
    response = call(PATH, {"account": "demo-0"}, HTTP_HOST=host, REMOTE_ADDR=address)
    assert response.status_code == 404
    assert not signed_in(client)


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_does_not_exist_outside_development(hall: Hall, client: Client, settings: Any, method: str) -> None:
    settings.DEVELOPMENT = False
    response = getattr(client, method)(PATH, {"account": "demo-0"}, **HERE)
    assert response.status_code == 404
    assert not signed_in(client)


def test_it_needs_the_pages_token(hall: Hall) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "demo-0").status_code == 403
    assert not signed_in(client)


def test_only_demo_accounts_can_be_entered(hall: Hall, client: Client) -> None:
    make_user(username="operator")
    make_user(username="demo-gone", is_active=False)
    make_user(username="demo-root", is_superuser=True)
    for name in ("operator", "demo-gone", "demo-root", "demo-", ""):
        assert sign_in(client, name).status_code == 404
    assert not signed_in(client)


def test_the_meeting_that_votes_comes_first_chair_first(hall: Hall, client: Client) -> None:
    elsewhere = make_account(make_resident(make_hall(live=False).village))
    User.objects.filter(pk=elsewhere.pk).update(username="demo-elsewhere")
    groups = client.get(PATH, **HERE).context["groups"]
    first = groups[0]
    assert first.meeting == hall.meeting
    assert [account.titles[0] for account in first.accounts] == ["主持人", "记录员", "监票人", "村民"]
    assert [account.user.username for group in groups[1:] for account in group.accounts] == ["demo-elsewhere"]
    assert all(account.shows for group in groups for account in group.accounts)


def test_each_account_lands_where_it_sees_most(hall: Hall, client: Client) -> None:
    make_user(username="demo-nobody")
    assert sign_in(client, "demo-0").url == hall.meeting.address("console")
    assert sign_in(client, "demo-1").url == hall.meeting.address("console")
    assert sign_in(client, "demo-3").url == hall.meeting.get_absolute_url()
    assert sign_in(client, "demo-nobody").url == "/me/"
    assert signed_in(client)
