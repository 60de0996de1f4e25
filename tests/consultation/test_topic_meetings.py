"""From a topic that was taken up to the meeting that talks about it; the next meeting as the last one was."""

from __future__ import annotations

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultation import attendance, meetings, topic_meetings, topic_reads, topics, voting
from consultation.errors import Invalid
from consultation.models import AgendaItem, Decision, Meeting, Motion
from consultation.topics import Answer, State
from tests.factories.consultation import HOUSEHOLDS, call, make_hall
from tests.factories.follow_ups import promise
from tests.factories.residents import appoint, make_account, make_resident, make_village
from tests.factories.topics import make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall():
    return make_hall(5, live=False)


@pytest.fixture
def chair(hall):
    appoint(hall.people[4], "committee_chair")
    client = Client()
    client.force_login(hall.account(4), backend="residents.backends.AccountBackend")
    return client


def taken_up(hall, title="井边的路灯", **fields):
    topic = make_topic(hall.village, hall.people[3], title=title, **fields)
    topics.answer(topic, Answer(State.ACCEPTED, "下月开会商量。", published_title=title), by=None)
    topic.refresh_from_db()
    return topic


def url(hall):
    return reverse("consultation:call", args=[hall.village.slug])


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def typed(hall, **fields):
    day = timezone.localdate() + datetime.timedelta(days=20)
    return {
        "preset": hall.meeting.preset_id, "title": "商量路灯", "held_on": day.isoformat(), "starts": "19:00",
        "ends": "20:30", "place": "老祠堂", "agenda": "通报情况\n表决", "motions": "修路灯",
        "method": "hands_and_online", "chair": hall.people[0].name, "recorder": hall.people[1].name,
    } | fields  # fmt: skip


# on the agenda


def test_topics_are_talked_about_before_the_first_vote(hall):
    one, two = taken_up(hall), taken_up(hall, "垃圾池")
    agenda = [("通报", "report", 5), ("表决", "voting", 10), ("宣布", "announcement", 5)]
    meeting = call(hall.village, hall.people, agenda=agenda, topics=[one, two])
    told = list(meeting.agenda.order_by("number").values_list("number", "title", "topic"))
    assert told == [
        (1, "通报", None), (2, "井边的路灯", one.pk), (3, "垃圾池", two.pk), (4, "表决", None), (5, "宣布", None),
    ]  # fmt: skip


def test_a_meeting_without_a_vote_talks_about_them_last(hall):
    topic = taken_up(hall)
    meeting = call(hall.village, hall.people, agenda=[("通报", "report", 5)], topics=[topic])
    assert list(meeting.agenda.order_by("number").values_list("topic", flat=True)) == [None, topic.pk]


def test_only_what_this_village_took_up_gets_there(hall):
    waiting = make_topic(hall.village, hall.people[2])
    reserved = make_topic(hall.village, hall.people[2], about="land")
    elsewhere = make_hall(4, live=False)
    theirs = taken_up(elsewhere)
    for topic in (waiting, reserved, theirs):
        with pytest.raises(Invalid) as refused:
            call(hall.village, hall.people, topics=[topic])
        assert refused.value.field == "topics"
    assert Meeting.objects.of(hall.village).count() == 1


def test_a_topic_waits_again_when_its_meeting_is_called_off(hall):
    topic = taken_up(hall)
    assert list(topic_reads.to_be_discussed(hall.village)) == [topic]
    meeting = call(hall.village, hall.people, topics=[topic])
    assert not topic_reads.to_be_discussed(hall.village)
    assert not topic_reads.meetings_about(topic)  # in preparation: known to those who prepare it
    meetings.publish_notice(meeting, by=None)
    assert list(topic_reads.meetings_about(topic)) == [meeting]
    meetings.cancel_meeting(meeting, by=None, reason="下雨")
    assert list(topic_reads.to_be_discussed(hall.village)) == [topic]
    assert not topic_reads.meetings_about(topic)


# the form


def test_from_the_topics_page_to_a_meeting_about_it(hall, chair):
    topic = taken_up(hall)
    page = text_of(chair.get(topic.get_absolute_url()))
    way = f"{url(hall)}?topic={topic.number}"
    assert way in page
    form = chair.get(way).context["form"]
    assert form.initial["topics"] == [topic.number]
    assert topic.published_title in form.initial["title"]
    assert chair.post(url(hall), typed(hall, topics=[topic.number])).status_code == 302
    meeting = Meeting.objects.of(hall.village).order_by("-number").first()
    assert [item.topic for item in meeting.agenda.all()] == [None, topic, None]
    meetings.publish_notice(meeting, by=None)
    assert meeting.title in text_of(Client().get(topic.get_absolute_url()))
    assert topic.get_absolute_url() in text_of(Client().get(meeting.address("meeting")))


def test_neighbours_see_no_button_to_call_a_meeting(hall):
    topic = taken_up(hall)
    client = Client()
    client.force_login(hall.account(2), backend="residents.backends.AccountBackend")
    assert "召集会议" not in text_of(client.get(topic.get_absolute_url()))


def test_what_is_refused_keeps_the_topics_that_were_ticked(hall, chair):
    topic = taken_up(hall)
    answer = chair.post(url(hall), typed(hall, topics=[topic.number], place=""))
    assert answer.status_code == 422
    assert re.search(rf'name="topics"[^>]*value="{topic.number}"[^>]*checked', text_of(answer))
    answer = chair.post(url(hall), typed(hall, topics=["999"]))
    assert answer.status_code == 422
    assert answer.context["form"].errors["topics"]
    assert Meeting.objects.of(hall.village).count() == 1


def test_without_topics_the_form_does_not_ask(hall, chair):
    assert "topics" not in chair.get(url(hall)).context["form"].fields
    assert chair.post(url(hall), typed(hall)).status_code == 302


@pytest.mark.parametrize(
    "query", ["topic=x", "topic=999", "topic=" + "9" * 40, "like=0", "like=" + "9" * 40, "like=１"]
)
def test_a_number_that_leads_nowhere_begins_an_empty_form(hall, chair, query):
    hall.meeting.number = 7
    hall.meeting.save(update_fields=["number"])
    answer = chair.get(f"{url(hall)}?{query}")
    assert answer.status_code == 200
    assert not answer.context["form"].initial


# as the last one was


def test_the_next_meeting_begins_as_the_last_one_was(hall, chair):
    last = hall.meeting
    page = text_of(chair.get(url(hall)))
    assert f"?like={last.number}" in page
    answer = chair.get(f"{url(hall)}?like={last.number}")
    first = answer.context["form"].initial
    assert (first["title"], first["place"], first["preset"]) == (last.title, last.place, last.preset_id)
    assert first["chair"] == last.officers.get(role="chair").resident.name
    assert first["agenda"].splitlines() == [item.title for item in last.agenda.order_by("number")]
    assert "held_on" not in first
    day = (timezone.localdate() + datetime.timedelta(days=30)).isoformat()
    again = {name: value for name, value in first.items() if value is not None} | {
        "held_on": day, "method": "hands_and_online",
    }  # fmt: skip
    assert chair.post(url(hall), again).status_code == 302
    assert Meeting.objects.of(hall.village).order_by("-number").first().title == last.title


def test_a_namesake_is_told_apart_in_what_is_copied(hall, chair):
    leader = hall.meeting.officers.get(role="chair").resident
    make_resident(hall.village, name=leader.name)
    form = chair.get(f"{url(hall)}?like={hall.meeting.number}").context["form"]
    assert form.initial["chair"] == f"{leader.name} {leader.born_on.year}"


def test_nothing_is_copied_from_another_village(hall, chair):
    call(hall.village, hall.people)
    other = make_hall(3, live=False)
    for _again in range(3):
        call(other.village, other.people)
    highest = Meeting.objects.of(other.village).order_by("-number").first().number
    assert not chair.get(f"{url(hall)}?like={highest}").context["form"].initial


def test_the_newest_of_each_kind_is_offered(hall):
    newer = call(hall.village, hall.people, preset=HOUSEHOLDS)
    assert meetings.last_of_each_kind(hall.village, on=timezone.localdate()) == [newer]
    village = make_village()
    make_account(make_resident(village))
    assert meetings.last_of_each_kind(village, on=timezone.localdate()) == []


# what came of it


def decided(hall, topic, **about):
    """A live meeting about the topic that has carried one motion."""
    meeting = meetings.open_meeting(
        meetings.publish_notice(call(hall.village, hall.people, topics=[topic], **about), by=None), by=None
    )
    attendance.check_in(meeting, list(meeting.roster.entries.all()), method="recorder", by=None)
    attendance.confirm_quorum(meeting, by=None)
    return meeting


def carry(meeting, text, item=None):
    motion = voting.table_motion(meeting=meeting, text=text, method="online", agenda_item=item, by=None)
    motion = voting.open_motion(motion, by=None)
    for entry in meeting.roster.entries.all():
        voting.cast_ballot(motion=motion, entry=entry, choice="for", key=f"{text}{entry.number}")
    voting.close_motion(motion, by=None)


def test_the_topics_page_tells_what_was_decided_and_what_is_done_about_it(hall):
    topic = taken_up(hall)
    meeting = decided(hall, topic)
    carry(meeting, "修三盏路灯")
    meeting = meetings.close_meeting(meeting, by=None)
    promise(meeting, hall.people[1], title="买路灯")
    neighbour = Client()
    neighbour.force_login(hall.account(2), backend="residents.backends.AccountBackend")
    page = text_of(neighbour.get(topic.get_absolute_url()))
    assert "修三盏路灯" in page
    assert "买路灯" in page
    page = text_of(Client().get(topic.get_absolute_url()))  # the meeting is known, its results are not published
    assert meeting.title in page
    assert "修三盏路灯" not in page
    assert "买路灯" not in page
    meetings.publish_results(meeting, by=None)
    page = text_of(Client().get(topic.get_absolute_url()))
    assert "修三盏路灯" in page
    assert "买路灯" in page


def test_of_several_topics_each_has_its_own_results(hall):
    one, two = taken_up(hall), taken_up(hall, "垃圾池")
    meeting = decided(hall, one)
    AgendaItem.objects.create(village=hall.village, meeting=meeting, number=9, title="垃圾池", topic=two)
    carry(meeting, "修三盏路灯", meeting.agenda.get(topic=one))
    carry(meeting, "垃圾一周清两次", meeting.agenda.get(topic=two))

    def told(topic):
        (there,) = topic_meetings.treated(topic, inside=True, on=timezone.localdate())
        return [result.motion.text for result in there.results]

    assert told(one) == ["修三盏路灯"]
    assert told(two) == ["垃圾一周清两次"]


def test_of_several_options_it_names_the_one_that_won(hall):
    topic = taken_up(hall)
    meeting = decided(hall, topic)
    motion = voting.table_motion(meeting=meeting, text="路灯装在哪", by=None)
    options = [{"key": "A", "text": "井边"}, {"key": "B", "text": "桥头"}]
    Motion.objects.filter(pk=motion.pk).update(kind="choice", options=options, state="published")
    Decision.objects.create(
        village=hall.village, motion=motion, outcome="carried", entitled=5, present=5, required=4, needed=3,
        counts={"A": 1, "B": 4}, winner="B", decided_at=timezone.now(),
    )  # fmt: skip
    neighbour = Client()
    neighbour.force_login(hall.account(2), backend="residents.backends.AccountBackend")
    assert "选定：桥头" in text_of(neighbour.get(topic.get_absolute_url()))


def test_a_topic_that_was_not_taken_up_has_no_meetings(hall):
    topic = make_topic(hall.village, hall.people[2], about="land")
    assert topic_meetings.treated(topic, inside=True, on=timezone.localdate()) == []
