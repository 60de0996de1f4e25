"""The pages of the public's vote: pick, sign in, look once more, done; bad input; what nobody sees."""

from __future__ import annotations

import datetime
import itertools
import re

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contest.models import Contest, ContestVote, Entry
from residents.models import User
from residents.sessions import SessionStore
from residents.sms import console
from tests.factories.contest import make_contest, make_entry, make_officer
from tests.factories.residents import make_account, make_phone_account, make_region, make_resident, make_village

pytestmark = pytest.mark.django_db
_number = itertools.count(1)
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def contest() -> Contest:
    found = make_contest(now=timezone.now(), picks_min=2, picks_max=3)
    for _ in range(5):
        make_entry(found)
    return found


def signed_in(user: User | None = None) -> Client:
    client = Client()
    client.force_login(user or make_phone_account(f"156{next(_number):08d}"), "residents.backends.AccountBackend")
    return client


@pytest.fixture
def client(contest: Contest) -> Client:
    return signed_in()


def vote(contest: Contest) -> str:
    return contest.address("vote")


def check(contest: Contest) -> str:
    return contest.address("vote_check")


def send(client: Client, contest: Contest, *picks: object, key: str = "", **more: str):
    data = {"picks": picks, "key": key or f"request-{next(_number)}"} | more
    return client.post(check(contest), data, **JSON)


def ticked(page: str) -> list[int]:
    return sorted(int(one) for one in re.findall(r'name="picks" value="(\d+)" checked', page))


def test_pick_look_once_more_done_and_changed(client: Client, contest: Contest) -> None:
    page = client.get(vote(contest))
    assert page.status_code == 200
    assert page.text.count('name="picks"') == 5
    response = client.post(vote(contest), {"picks": [1, 4]})
    assert (response.status_code, response.url) == (303, check(contest))
    look = client.get(response.url).text
    assert "您选了 2 件" in look
    fields = dict(re.findall(r'name="(key|for)" value="([^"]*)"', look))
    response = client.post(check(contest), {"picks": [1, 4], **fields})
    assert (response.status_code, response.url) == (303, vote(contest))
    done = client.get(response.url).text
    assert "您的票记下了" in done
    assert "第 4 号" in done
    assert "可以改到" in done
    assert ticked(client.get(vote(contest) + "?change=1").text) == [1, 4]
    client.post(vote(contest), {"picks": [2, 3, 5]})
    look = client.get(check(contest)).text
    assert "确认改选" in look
    response = send(client, contest, 2, 3, 5, change="1")
    assert response.json()["picks"] == [2, 3, 5]
    assert ContestVote.objects.count() == 1


def test_who_is_not_signed_in_picks_first_and_loses_nothing(contest: Contest, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(console, "send", lambda phone, code: sent.append((phone, code)))
    client = Client()
    client.get(vote(contest))
    response = client.post(vote(contest), {"picks": [2, 5]}, follow=True)
    login = response.redirect_chain[-1][0]
    assert login.startswith(reverse("account_login"))
    onwards = client.post(
        reverse("account_request_login_code"), {"phone": "15400000177", "consent": "on", "next": check(contest)}
    )
    response = client.post(onwards.url, {"code": sent[0][1]}, follow=True)
    assert response.redirect_chain[-1][0] == check(contest)
    assert "您选了 2 件" in response.text
    assert send(client, contest, 2, 5).status_code == 200


@pytest.mark.parametrize(
    ("picks", "words"), [([1], "至少要选 2 件"), ([1, 2, 3, 4], "最多选 3 件"), ([], "至少要选"), ([1, 9], "第 9 号")]
)
def test_a_form_that_is_refused_keeps_what_was_ticked(
    client: Client, contest: Contest, picks: list[int], words: str
) -> None:
    response = client.post(vote(contest), {"picks": picks})
    assert response.status_code == 422
    assert words in response.text
    assert ticked(response.text) == [one for one in picks if one <= 5]
    assert "autofocus" in response.text


@pytest.mark.parametrize("bad", ["-1", "1e3", "0", "一", "1 2", "99999999999", "\x00", "1.0", "'; drop"])
def test_what_is_no_number_is_refused_in_words(client: Client, contest: Contest, bad: str) -> None:
    response = client.post(vote(contest), {"picks": ["1", bad]})
    assert response.status_code in (400, 422)
    answer = send(client, contest, "1", bad)
    assert answer.status_code in (400, 422)
    assert not ContestVote.objects.exists()


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "a b c d e f g", "密钥密钥密钥密钥"])
def test_a_request_without_a_proper_key_is_refused(client: Client, contest: Contest, key: str) -> None:
    response = client.post(check(contest), {"picks": [1, 2], "key": key}, **JSON)
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "key"


def test_each_refusal_has_its_code(client: Client, contest: Contest) -> None:
    assert send(Client(), contest, 1, 2).status_code == 401
    assert send(client, contest, 1, 2, key="one-and-the-same").status_code == 200
    again = send(client, contest, 1, 2, key="one-and-the-same")
    assert (again.status_code, again.json()["picks"]) == (200, [1, 2])
    second = send(client, contest, 1, 3)
    assert (second.status_code, second.json()["error"]["code"]) == (409, "already_voted")
    contest.stages.filter(key="public_vote").update(closes_at=timezone.now())
    closed = send(signed_in(), contest, 1, 2)
    assert (closed.status_code, closed.json()["error"]["code"]) == (409, "poll_closed")
    assert client.post(check(contest), b"{}", content_type="application/json", **JSON).status_code == 415
    assert client.put(vote(contest)).status_code == 405


def test_ten_a_minute_and_no_more(client: Client, contest: Contest) -> None:
    cache.clear()
    answers = [send(client, contest, 1, 2).status_code for _ in range(11)]
    assert answers[:2] == [200, 409]
    last = send(client, contest, 1, 2)
    assert last.status_code == 429
    assert last["Retry-After"]
    cache.clear()


def test_what_is_not_announced_is_not_there(client: Client, contest: Contest) -> None:
    Contest.objects.update(state=Contest.State.DRAFT)
    for name in ("vote", "vote_check", "progress", "held"):
        assert client.get(contest.address(name)).status_code == 404
    assert client.get(reverse("contest:vote", args=["no-such"])).status_code == 404


def test_the_order_is_the_visitors_own_and_stays(contest: Contest) -> None:
    for _ in range(15):
        make_entry(contest)

    def order(client: Client) -> list[str]:
        return re.findall(r'name="picks" value="(\d+)"', client.get(vote(contest)).text)

    clients = [Client() for _ in range(4)]
    for one in clients:
        one.get(vote(contest))  # its name comes with the first page
    orders = [order(one) for one in clients]
    assert orders == [order(one) for one in clients]
    assert len({tuple(one) for one in orders}) > 1


def test_an_entry_that_went_out_is_told_and_may_be_replaced(client: Client, contest: Contest) -> None:
    send(client, contest, 1, 2)
    Entry.objects.filter(number=2).update(state="withdrawn")
    page = client.get(vote(contest)).text
    assert "第 2 号" in page
    assert "已经退出" in page
    again = client.get(vote(contest) + "?change=1").text
    assert ticked(again) == [1]
    assert 'value="2"' not in again


def test_nobody_sees_somebody_elses_picks(client: Client, contest: Contest) -> None:
    send(client, contest, 1, 2)
    other = signed_in()
    assert ticked(other.get(vote(contest)).text) == []
    organizer = signed_in(make_officer("organizer", contest.region))
    assert "您选的" not in organizer.get(vote(contest)).text


def test_once_scores_are_locked_not_even_the_voter_does(client: Client, contest: Contest) -> None:
    from contest.voting import part_from_voters

    send(client, contest, 1, 2)
    part_from_voters(contest)
    Contest.objects.update(state=Contest.State.SCORE_LOCKED)
    page = client.get(vote(contest)).text
    assert "谁也查不到" in page
    assert "第 1 号" not in page


def test_in_a_contest_of_residents_a_family_votes_for_each_of_it() -> None:
    county = make_region("county")
    village = make_village(region=make_region("township", county))
    contest = make_contest(now=timezone.now(), region=county, voters="verified_residents")
    make_entry(contest)
    mother, father = make_resident(village, name="顾兰"), make_resident(village, name="顾山")
    user = make_account(mother)
    make_account(father, relation="helper", user=user)
    client = signed_in(user)
    client.post(vote(contest), {"picks": [1]})
    whose = client.get(check(contest)).text
    assert "顾兰" in whose
    assert "顾山" in whose
    assert send(client, contest, 1).json()["error"]["field"] == "for"
    assert send(client, contest, 1, **{"for": str(father.pk)}).status_code == 200
    assert "顾山" in client.get(f"{vote(contest)}?for={father.pk}").text
    assert send(client, contest, 1, **{"for": str(mother.pk)}).status_code == 200
    assert send(client, contest, 1, **{"for": "77777"}).status_code == 422
    stranger = signed_in()
    stranger.post(vote(contest), {"picks": [1]})
    page = stranger.get(check(contest))
    assert page.status_code == 403
    assert "还差一步" in page.text
    assert send(stranger, contest, 1).status_code == 403


class TestProgress:
    def voted(self, contest: Contest, many: int = 40) -> None:
        for n in range(many):
            send(signed_in(), contest, 1, 1 + (n % 4) + 1)

    def test_hidden_until_close_unless_set_and_always_near_the_end(self, contest: Contest) -> None:
        for _ in range(3):
            make_entry(contest)
        cache.clear()
        self.voted(contest)
        address = contest.address("progress")
        assert "结束以后再看" in Client().get(address).text
        Contest.objects.update(counts_shown="live")
        page = Client().get(address).text
        assert "领先" in page
        assert "40 张" in page
        contest.stages.filter(key="public_vote").update(closes_at=timezone.now() + datetime.timedelta(hours=23))
        assert "快结束了" in Client().get(address).text
        contest.stages.filter(key="public_vote").update(closes_at=timezone.now())
        assert "领先" in Client().get(address).text
        cache.clear()

    def test_few_ballots_are_not_told_apart(self, contest: Contest) -> None:
        cache.clear()
        Contest.objects.update(counts_shown="live")
        self.voted(contest, 3)
        assert "票还不多" in Client().get(contest.address("progress")).text
        cache.clear()


class TestHeld:
    @pytest.fixture
    def officers(self, contest: Contest, settings) -> list[Client]:
        settings.SECOND_FACTOR_REQUIRED = False
        return [signed_in(make_officer("organizer", contest.region)) for _ in range(2)]

    @pytest.fixture
    def held(self, contest: Contest) -> list[str]:
        client = Client()
        client.get(vote(contest))
        for n in range(5):
            user = make_phone_account(f"157{n:08d}")
            client.force_login(user, "residents.backends.AccountBackend")
            send(client, contest, 1, 2)
        return list(ContestVote.objects.held().values_list("cluster", flat=True).distinct())

    def test_two_decide_and_everybody_reads_why(
        self, contest: Contest, officers: list[Client], held: list[str]
    ) -> None:
        first, second = officers
        desk = contest.address("held")
        page = first.get(desk).text
        assert "同一台手机投了太多票" in page
        for entry in contest.entries.all():
            assert entry.title not in page
        response = first.post(desk, {"batches": held, "what": "reject", "reason": "一台手机连投五票"})
        assert response.status_code == 302
        assert "撤回" in first.get(desk).text
        address = contest.address("settle_held", 1)
        assert first.post(address, {"answer": "confirm"}).status_code == 409
        assert second.post(address, {"answer": "back"}).status_code == 422
        assert second.post(address, {"answer": "confirm"}).status_code == 302
        public = Client().get(contest.address("progress")).text
        assert "一台手机连投五票" in public
        assert ContestVote.objects.filter(state="rejected").count() == 2
        assert second.post(address, {"answer": "confirm"}).status_code == 409

    def test_a_form_that_is_refused_keeps_its_words(
        self, contest: Contest, officers: list[Client], held: list[str]
    ) -> None:
        desk = contest.address("held")
        response = officers[0].post(desk, {"what": "reject", "reason": "写好的理由"})
        assert response.status_code == 422
        assert "写好的理由" in response.text
        assert "请先勾选要处理的票" in response.text
        response = officers[0].post(desk, {"batches": [*held, "a-nothing"], "what": "maybe", "reason": ""})
        assert response.status_code == 422
        assert ContestVote.objects.filter(decision__isnull=False).count() == 0

    def test_it_is_theirs_alone_and_asks_for_the_second_factor(self, contest: Contest, settings) -> None:
        settings.SECOND_FACTOR_REQUIRED = True
        desk = contest.address("held")
        assert Client().get(desk).status_code == 302
        assert signed_in().get(desk).status_code == 403
        assert signed_in(make_officer("judge", contest.region)).get(desk).status_code == 403
        organizer = signed_in(make_officer("organizer", contest.region))
        response = organizer.get(desk)
        assert response.status_code == 302
        assert "second-factor" in response.url or "reauthenticate" in response.url


def test_a_vote_of_a_script_writes_no_session_that_could_fail_behind_it(
    client: Client, contest: Contest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise UpdateError

    monkeypatch.setattr(SessionStore, "save", fail)
    assert send(client, contest, 1, 4).json()["accepted"] is True


def test_a_session_that_cannot_be_written_asks_to_try_again(
    client: Client, contest: Contest, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(vote(contest), {"picks": [1, 4]})
    save = SessionStore.save

    def fail(*_args: object, **_kwargs: object) -> None:
        raise UpdateError

    monkeypatch.setattr(SessionStore, "save", fail)
    answer = send(client, contest, 1, 4, key="once-and-again")
    assert (answer.status_code, answer.json()["error"]["code"], answer["Retry-After"]) == (503, "try_again", "5")
    monkeypatch.setattr(SessionStore, "save", save)
    assert send(client, contest, 1, 4, key="once-and-again").json()["accepted"] is True
    assert ContestVote.objects.count() == 1
