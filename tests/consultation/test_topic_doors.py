"""The pages of topics: who reads what, raising with photos, seconding, answering; what was typed stays."""

from __future__ import annotations

import datetime
import re

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consultation import topic_reads, topics
from consultation.models import Photo, Topic
from consultation.topics import Answer, State
from residents.models import LegalFigure
from residents.own_data import held_on
from tests.consultation.test_photos import picture, with_location
from tests.factories.residents import appoint, make_account, make_resident, make_user, make_village
from tests.factories.topics import make_topic, second_by

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    monkeypatch.setattr(Photo._meta.get_field("file"), "storage", FileSystemStorage(tmp_path / "private"))
    return tmp_path / "private"


@pytest.fixture
def village():
    return make_village(name="听泉坳村")


@pytest.fixture
def resident(village):
    return client_of(make_account(make_resident(village, name="邓小满")))


@pytest.fixture
def chair(village):
    person = make_resident(village, name="邓远茂")
    appoint(person, "committee_chair")
    return client_of(make_account(person))


def client_of(user):
    client = Client()
    client.force_login(user, backend="residents.backends.AccountBackend")
    return client


def at(name, village, *rest):
    return reverse(f"consultation:{name}", args=[village.slug, *rest])


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


TYPED = {"title": "垃圾池太满", "text": "三天两头满，下雨就往溪里流。", "category": "environment"}


def test_the_public_reads_answers_and_numbers_only(village):
    waiting = make_topic(village, title="张三家的狗")
    done = make_topic(village, title="李四家的墙", text="李四的墙过界了")
    said = Answer(State.REJECTED, "属两户之间的事。", published_title="一户人家的墙")
    topics.answer(done, said, by=None)
    page = text_of(Client().get(at("topics", village)))
    assert "一户人家的墙" in page
    assert "等答复的 1 件" in page
    assert "张三" not in page
    assert "李四" not in page
    assert Client().get(waiting.get_absolute_url()).status_code == 404
    page = text_of(Client().get(done.get_absolute_url()))
    assert "属两户之间的事。" in page
    assert "李四" not in page
    assert done.raised_by.name not in page


def test_another_village_finds_nothing(village):
    topic = make_topic(village)
    stranger = client_of(make_account(make_resident(make_village())))
    assert stranger.get(topic.get_absolute_url()).status_code == 404
    assert stranger.post(at("second_topic", village, topic.number)).status_code == 404


def test_the_village_reads_all_of_it(village, resident):
    topic = make_topic(village)
    page = text_of(resident.get(topic.get_absolute_url()))
    assert topic.text in page
    assert topic.raised_by.name in page
    assert "再有 9 户附议" in page


def test_who_wants_no_name_shown_is_known_to_those_who_answer_only(village, resident, chair):
    topic = make_topic(village, show_name=False)
    name = topic.raised_by.name
    assert name not in text_of(resident.get(topic.get_absolute_url()))
    assert name in text_of(chair.get(topic.get_absolute_url()))
    overseer = make_resident(village)
    appoint(overseer, "supervisory_member")
    assert name in text_of(client_of(make_account(overseer)).get(topic.get_absolute_url()))


def test_raising_keeps_words_and_photos_without_place_or_device(village, resident):
    files = [
        SimpleUploadedFile("IMG_1.jpg", with_location()),
        SimpleUploadedFile("2.png", picture("PNG"), content_type="image/png"),
    ]
    answer = resident.post(at("new_topic", village), TYPED | {"photos": files})
    topic = Topic.objects.of(village).get()
    assert (answer.status_code, answer["Location"]) == (303, topic.get_absolute_url())
    assert (topic.title, topic.raised_by.name, topic.show_name) == (TYPED["title"], "邓小满", True)
    photos = list(topic.photos.all())
    assert len(photos) == 2
    with photos[0].file.open("rb") as file:
        assert b"HUAWEI" not in file.read()


def test_photos_are_for_the_village(village, resident):
    resident.post(at("new_topic", village), TYPED | {"photos": [SimpleUploadedFile("1.jpg", picture())]})
    topic = Topic.objects.of(village).get()
    address = re.search(r'src="(/v/[^"]+/photos/[0-9a-f]{32}/)"', text_of(resident.get(topic.get_absolute_url())))[1]
    assert resident.get(address)["Content-Type"] == "image/jpeg"
    neighbour = client_of(make_account(make_resident(make_village())))
    assert neighbour.get(address).status_code == 404
    assert client_of(make_user()).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_what_was_typed_stays_when_it_is_refused(village, resident, private):
    good, bad = SimpleUploadedFile("1.jpg", picture()), SimpleUploadedFile("2.jpg", b"MZ not a picture")
    answer = resident.post(at("new_topic", village), TYPED | {"photos": [good, bad]})
    page = text_of(answer)
    assert answer.status_code == 415
    assert TYPED["title"] in page
    assert TYPED["text"] in page
    assert not Topic.objects.exists()
    assert not [path for path in private.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "字" * 61), ("title", "倒\u202e着"), ("text", "字" * 2001), ("text", ""),
        ("category", "nothing"), ("category", "owners"), ("category", ""),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(village, resident, field, value):
    answer = resident.post(at("new_topic", village), TYPED | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Topic.objects.exists()


def test_too_many_photos_are_refused(village, resident):
    many = [SimpleUploadedFile(f"{number}.jpg", picture()) for number in range(5)]
    assert resident.post(at("new_topic", village), TYPED | {"photos": many}).status_code == 422


def test_an_account_that_is_nobody_there_raises_nothing(village):
    officer = make_user()
    from residents.models import Appointment

    Appointment.objects.create(village=village, user=officer, role="supervisory_member", from_on="2020-01-01")
    answer = client_of(officer).get(at("new_topic", village))
    assert answer.status_code == 403
    assert "我是谁" in text_of(answer) or "您是谁" in text_of(answer)


def test_somebody_who_helps_the_family_says_who_raises_it(village):
    child = make_resident(village, name="邓小满")
    account = make_account(child)
    old = make_resident(village, name="邓阿婆")
    make_account(old, relation="helper", user=account)
    client = client_of(account)
    old.refresh_from_db()
    assert client.post(at("new_topic", village), TYPED | {"person": old.ref}).status_code == 303
    assert Topic.objects.get().raised_by == old
    assert client.post(at("new_topic", village), TYPED | {"person": "999"}).status_code == 422


def test_seconding_says_who_of_the_household_did(village):
    topic = make_topic(village)
    person = make_resident(village, name="邓小满")
    mate = make_resident(village, name="邓大满", household=person.household)
    mine, theirs = client_of(make_account(person)), client_of(make_account(mate))
    page = text_of(mine.get(topic.get_absolute_url()))
    assert f"附议：邓小满（{person.household}）" in page
    answer = mine.post(at("second_topic", village, topic.number), {"household": person.household.number}, follow=True)
    assert "2 户附议" in text_of(answer)
    assert f"邓小满（{person.household}）附议过了" in text_of(theirs.get(topic.get_absolute_url()))
    again = theirs.post(at("second_topic", village, topic.number), follow=True)
    assert "一户只算一次" in text_of(again)
    back = theirs.post(at("unsecond_topic", village, topic.number), follow=True)
    assert "1 户附议" in text_of(back)


def test_who_seconded_is_no_other_households_business(village, resident):
    topic = make_topic(village)
    [person] = second_by(topic, 1)
    assert person.name not in text_of(resident.get(topic.get_absolute_url()))


def test_nobody_seconds_for_another_household(village, resident):
    topic = make_topic(village)
    other = make_resident(village)
    resident.post(at("second_topic", village, topic.number), {"household": other.household.number})
    assert topic_reads.seconds_count(topic, on=timezone.localdate()) == 1


def test_a_helper_seconds_for_each_household_apart(village):
    topic = make_topic(village)
    one, other = make_resident(village), make_resident(village)
    account = make_account(one)
    make_account(other, relation="helper", user=account)
    client = client_of(account)
    client.post(at("second_topic", village, topic.number))
    assert topic_reads.seconds_count(topic, on=timezone.localdate()) == 1, "which household was not said"
    for person in (one, other):
        client.post(at("second_topic", village, topic.number), {"household": person.household.number})
    assert topic_reads.seconds_count(topic, on=timezone.localdate()) == 3


def test_the_author_withdraws(village):
    person = make_resident(village)
    topic = make_topic(village, person)
    client = client_of(make_account(person))
    assert "撤回这件议题" in text_of(client.get(topic.get_absolute_url()))
    client.post(at("withdraw_topic", village, topic.number))
    topic.refresh_from_db()
    assert topic.state == "withdrawn"


def test_residents_do_not_answer(village, resident):
    topic = make_topic(village)
    assert resident.get(at("answer_topic", village, topic.number)).status_code == 403
    assert "答复这件议题" not in text_of(resident.get(topic.get_absolute_url()))


def test_the_answer_is_published_under_the_committees_title(village, chair):
    topic = make_topic(village, title="张三家门口的灯")
    page = text_of(chair.get(at("answer_topic", village, topic.number)))
    assert "张三家门口的灯" in page
    typed = {"state": "accepted", "reason": "下周开屋场会。", "published_title": "井边的灯", "category": "facilities"}
    answer = chair.post(at("answer_topic", village, topic.number), typed)
    assert (answer.status_code, answer["Location"]) == (303, topic.get_absolute_url())
    public = text_of(Client().get(topic.get_absolute_url()))
    assert "下周开屋场会。" in public
    assert "井边的灯" in public
    assert "张三" not in public
    assert chair.post(at("answer_topic", village, topic.number), typed).status_code == 303
    assert Topic.objects.get().reason == "下周开屋场会。"


def test_an_answer_that_is_refused_keeps_what_was_typed(village, chair):
    topic = make_topic(village)
    typed = {"state": "merged", "reason": "是一件事。", "published_title": "灯", "category": "facilities", "into": ""}
    answer = chair.post(at("answer_topic", village, topic.number), typed)
    assert answer.status_code == 422
    assert "into" in answer.context["form"].errors
    assert "是一件事。" in text_of(answer)
    assert chair.post(at("answer_topic", village, topic.number), typed | {"reason": ""}).status_code == 422
    assert Topic.objects.open().count() == 1


def test_a_reserved_matter_offers_one_answer(village, chair):
    topic = make_topic(village, about="land")
    page = text_of(chair.get(at("answer_topic", village, topic.number)))
    assert "只能转给它" in page
    assert page.count('name="state"') == 1
    typed = {"reason": "列入成员大会。", "published_title": "地"}
    assert chair.post(at("answer_topic", village, topic.number), typed | {"state": "accepted"}).status_code == 422
    assert chair.post(at("answer_topic", village, topic.number), typed | {"state": "referred"}).status_code == 303
    assert "农村集体经济组织成员大会" in text_of(Client().get(topic.get_absolute_url()))


def test_the_chair_shows_the_second_factor_first(village, chair, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    topic = make_topic(village)
    answer = chair.get(at("answer_topic", village, topic.number))
    assert answer.status_code == 302
    assert "second-factor" in answer["Location"]


def test_what_is_late_is_said_plainly(village, resident):
    LegalFigure.objects.filter(key="topic_seconds").update(least=1)
    topic = make_topic(village, at=timezone.now() - datetime.timedelta(days=20))
    assert "过期没答复" in text_of(resident.get(at("topics", village)))
    assert "还没有答复" in text_of(resident.get(topic.get_absolute_url()))
    assert "过期没答复的 1 件" in text_of(Client().get(at("topics", village)))


def test_more_topics_need_no_more_queries(village, resident):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            resident.get(at("topics", village))
        return len(queries)

    make_topic(village)
    resident.get(at("topics", village))
    first = asked()
    for number in range(3):
        second_by(make_topic(village, title=f"第{number}件"), 2)
    assert asked() == first


def test_the_list_goes_on_in_pages(village, resident):
    for number in range(21):
        make_topic(village, title=f"第{number}件")
    assert "第 1 页，共 2 页" in text_of(resident.get(at("topics", village)))
    assert "第0件" in text_of(resident.get(at("topics", village) + "?page=2"))


def test_people_find_their_topics_and_seconds_among_their_data(village):
    person = make_resident(village)
    account = make_account(person)
    make_topic(village, person, title="我提的事")
    other = make_topic(village, title="别人的事")
    topics.second(other, person=person, by=account)
    parts = {part.code: str(part.entries) for part in held_on(account)}
    assert "我提的事" in parts["topics"]
    assert "别人的事" not in parts["topics"]
    assert "别人的事" in parts["seconds"]
