"""Making rules on the village's pages: who sees what, what is typed stays, from the call to the second person."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from residents.models import Village
from tests.factories.residents import make_resident
from tests.factories.rules import bring_to, end_period, letters_in, make_draft
from tests.home.pages import make_county, make_township, make_version, make_village_page
from villagerules import opinions
from villagerules.models import RuleVersion

from .test_doors import signed_in

pytestmark = pytest.mark.django_db
State = RuleVersion.State


@pytest.fixture
def village() -> Village:
    return make_village_page(make_township(make_county()), name="听泉坳村", slug="tingquanao")


def test_from_the_version_in_force_to_answered_opinions(village: Village) -> None:
    old = make_version(village)
    clients = {letter: signed_in(user) for letter, user in letters_in(village).items()}
    for letter in "EP":
        assert "另起一版" in clients[letter].get(old.address("making")).content.decode()
    for client in (Client(), clients["R"], clients["T"]):
        assert "另起一版" not in client.get(old.address("making")).content.decode()
    refused = clients["E"].post(old.address("start_version"), {"days": "900"})
    assert refused.status_code == 422
    assert 'value="900"' in refused.content.decode()
    begun = clients["E"].post(old.address("start_version"), {"days": "5"})
    version = old.rules.versions.get(number=2)
    assert (begun.status_code, begun["Location"]) == (303, version.address("making"))
    said = clients["R"].post(version.address("add_opinion"), {"lineage": "", "text": "加上不放鞭炮"})
    assert said.status_code == 303
    other = signed_in(letters_in(village)["R"])
    assert "加上不放鞭炮" not in other.get(version.address("making")).content.decode()  # not answered yet
    works = clients["P"].get(version.address("making") + "?answer=1").content.decode()
    assert "加上不放鞭炮" in works
    assert "还有 1 条意见没有答复" in works
    empty = clients["P"].post(version.address("answer_opinion"), {"opinion": "1", "verdict": "partly", "text": ""})
    assert empty.status_code == 422
    clients["P"].post(version.address("answer_opinion"), {"opinion": "1", "verdict": "partly", "text": "写进第二条"})
    page = other.get(version.address("making")).content.decode()
    assert "加上不放鞭炮" in page
    assert "写进第二条" in page
    assert Client().get(version.address("making")).status_code == 302
    assert clients["A"].get(version.address("making")).status_code == 404
    early = clients["E"].post(version.address("close_period"))
    assert early.status_code == 409
    assert "还没有到期" in early.content.decode()


def test_a_withheld_opinion_shows_its_answer_only(village: Village) -> None:
    version = bring_to(make_draft(village), State.SOLICITING)
    opinion = opinions.enter_opinion(version, text="张三是坏人", source="paper", source_note="意见箱", by=None)
    opinions.answer_opinion(opinion, verdict="not_adopted", text="不点名", withheld_because="说到别人", by=None)
    accounts = letters_in(village)
    page = signed_in(accounts["R"]).get(version.address("making")).content.decode()
    assert "张三" not in page
    assert "不点名" in page
    assert "张三" in signed_in(accounts["E"]).get(version.address("making")).content.decode()


def test_the_township_finds_returns_and_clears_and_typed_words_stay(village: Village) -> None:
    version = bring_to(make_draft(village), State.TOWNSHIP_REVIEW)
    accounts = letters_in(village)
    township, drafter = signed_in(accounts["T"]), signed_in(accounts["E"])
    assert drafter.post(version.address("clear_rules")).status_code == 403
    partly = township.post(version.address("clear_rules"), {"checked": ["law"], "words": "写得好"})
    assert partly.status_code == 422
    assert "写得好" in partly.content.decode()
    assert township.post(version.address("return_rules"), {"words": ""}).status_code == 422
    township.post(version.address("add_finding"), {"lineage": "", "severity": "must", "text": "删去罚款"})
    assert "删去罚款" in drafter.get(version.address("making")).content.decode()
    assert "删去罚款" not in signed_in(accounts["R"]).get(version.address("making")).content.decode()
    township.post(version.address("return_rules"), {"words": ""})
    bad = drafter.post(version.address("revise_text"), {"text": "听泉坳村村规民约\n第一条"})
    assert bad.status_code == 422
    assert "第一条没有内容" in bad.content.decode()
    drafter.post(version.address("revise_text"), {"text": "听泉坳村村规民约\n第一条 不赌博。"})
    drafter.post(version.address("submit_review"))
    version.refresh_from_db()
    assert (version.state, version.article_count) == (State.TOWNSHIP_REVIEW, 1)


def test_the_second_person_confirms_on_the_same_page(village: Village) -> None:
    version = bring_to(make_draft(village), State.FILED, people=[make_resident(village) for _ in range(4)])
    accounts = letters_in(village)
    first, second = signed_in(accounts["P"]), signed_in(accounts["G"])
    today = timezone.localdate().isoformat()
    asked = first.post(version.address("publish_rules"), {"effective_on": today, "where": "村务公开栏"})
    assert asked.status_code == 303
    page = second.get(version.address("making")).content.decode()
    assert "核对无误，确认" in page
    assert "publish-rules" not in page  # nothing else while it waits
    assert second.post(version.address("confirm")).status_code == 303
    version.refresh_from_db()
    assert version.state == State.PUBLISHED
    public = Client().get(version.address("making")).content.decode()
    for words in (
        "征集民意",
        "公示 7 天",
        "审核通过",
        "备案号 楠溪备〔2026〕3号",
        "村务公开栏",
        "村民委员会",
        "楠溪镇",
    ):
        assert words in public
    for where in (version.get_absolute_url(), version.rules.page.url):
        assert version.address("making") in Client().get(where).content.decode()


def test_a_draft_that_is_mended_is_hidden_and_shown_again_for_comment(village: Village) -> None:
    version = bring_to(make_draft(village), State.SOLICITING)
    reader = signed_in(letters_in(village)["R"])
    assert "孝敬老人" in reader.get(version.address("making")).content.decode()
    end_period(version)
    drafter = signed_in(letters_in(village)["E"])
    assert drafter.post(version.address("close_period")).status_code == 303
    assert "孝敬老人" not in reader.get(version.address("making")).content.decode()
    assert drafter.post(version.address("publish_draft")).status_code == 303
    assert "孝敬老人" in reader.get(version.address("making")).content.decode()


def test_the_buttons_of_steps_carry_the_token_that_a_browser_must_send(village: Village) -> None:
    version = make_draft(village)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(letters_in(village)["E"], backend="residents.backends.AccountBackend")
    page = browser.get(version.address("making")).content.decode()
    form = page[page.index(version.address("open_call")) :]
    token = form[form.index('name="csrfmiddlewaretoken" value="') :].split('"')[3]
    sent = browser.post(version.address("open_call"), {"days": "5", "csrfmiddlewaretoken": token})
    assert sent.status_code == 303
