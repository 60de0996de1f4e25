import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from consultation import attendance, live, meetings, proxies, voting
from consultation.ballot_box import find_paper
from consultation.eligibility import acting_entries, own_entries
from consultation.errors import AlreadyVoted, CameLate, Invalid, MeetingError, PhotoRefused, WrongState
from consultation.models import Attendance, Ballot, Meeting, Photo, Proxy, RosterEntry
from residents.leaving import delete_account
from residents.own_data import held_on
from tests.factories.acting import grant, jpeg, make_photo, proxy_hall
from tests.factories.consultation import call, make_hall, open_vote
from tests.factories.residents import make_account, make_resident, make_village

pytestmark = pytest.mark.django_db

COLLECTIVE = "collective_members_assembly"


def represented(entry):
    return Attendance.objects.filter(entry=entry, method="proxy").present().exists()


def paper_for(user, motion, entry):
    found = find_paper(
        village=motion.village.slug, meeting=motion.meeting.number, motion=motion.number, entry=entry.number
    )
    return found.entry_for(user.pk)


def vote(motion, entry, choice="for"):
    return voting.cast_ballot(motion=motion, entry=entry, choice=choice, key=f"{motion.pk}-{entry.pk}")


# Whether and whom


def test_nobody_votes_for_another_where_the_rules_do_not_say_so():
    hall = make_hall(present=4)
    with pytest.raises(WrongState, match="不能委托"):
        grant(hall, hall.entries[5], hall.entries[0])


def test_the_rules_are_those_frozen_with_the_notice():
    hall = proxy_hall(present=4)
    assert hall.meeting.preset.proxy == "none"
    assert grant(hall, hall.entries[5], hall.entries[0])
    hall.meeting.preset.proxy = "written"
    hall.meeting.preset.save()
    frozen = make_hall(present=4)
    frozen.meeting.preset.refresh_from_db()
    frozen.meeting.rules["proxy"] = "none"
    frozen.meeting.save()
    with pytest.raises(WrongState):
        grant(frozen, frozen.entries[5], frozen.entries[0])


def test_a_collective_lets_one_of_the_same_household_come():
    village = make_village()
    people = [make_resident(village) for _ in range(3)]
    people.append(make_resident(village, household=people[2].household))
    meeting = meetings.publish_notice(call(village, people, preset=COLLECTIVE), by=None)
    lines = {line.resident_id: line for line in meeting.roster.entries.select_related("roster", "resident")}
    with pytest.raises(Invalid, match="同一户") as refused:
        proxies.grant_proxy(
            meeting, grantor=lines[people[3].pk], holder=lines[people[0].pk], photo=make_photo(village), by=None
        )
    assert refused.value.field == "holder"
    made = proxies.grant_proxy(
        meeting, grantor=lines[people[3].pk], holder=lines[people[2].pk], photo=make_photo(village), by=None
    )
    assert made.holder.resident == people[2]


def test_each_reason_why_a_grant_is_refused():
    hall = proxy_hall(8, present=6)
    absent, other, there, chair = (hall.entries[number] for number in (7, 6, 5, 0))
    with pytest.raises(Invalid, match="不能委托给自己") as refused:
        grant(hall, absent, absent)
    assert refused.value.field == "holder"
    with pytest.raises(WrongState, match="已经签到"):
        grant(hall, there, chair)
    grant(hall, absent, there)
    with pytest.raises(WrongState, match="先收回"):
        grant(hall, absent, chair)
    with pytest.raises(Invalid, match="自己也委托了别人") as refused:
        grant(hall, other, absent)
    assert refused.value.field == "holder"
    motion = open_vote(hall)
    vote(motion, there)
    voting.close_motion(motion, by=None)
    attendance.check_out(hall.meeting, there, by=None)
    with pytest.raises(WrongState, match="已经投过票"):
        grant(hall, there, chair)


def test_what_one_holds_is_not_passed_on():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[4])
    with pytest.raises(WrongState, match="不能再转给"):
        grant(hall, hall.entries[4], hall.entries[0])


def test_one_person_holds_so_many_and_no_more():
    hall = proxy_hall(8, present=4, cap=2)
    for number in (4, 5):
        grant(hall, hall.entries[number], hall.entries[0])
    with pytest.raises(Invalid, match="已经受了 2 个人的委托") as refusal:
        grant(hall, hall.entries[6], hall.entries[0])
    assert refusal.value.field == "holder"
    proxies.end_proxy(Proxy.objects.first(), by=None, reason="收回")
    assert grant(hall, hall.entries[6], hall.entries[0])


@pytest.mark.parametrize("state", ["preparing", "closed", "adjourned", "cancelled", "results_published", "archived"])
def test_only_from_the_notice_to_the_end(state):
    hall = proxy_hall(present=4)
    hall.meeting.state = state
    hall.meeting.save()
    with pytest.raises(WrongState):
        grant(hall, hall.entries[5], hall.entries[0])


def test_both_stand_on_the_same_roster():
    hall, other = proxy_hall(present=4), proxy_hall(present=4)
    for grantor, holder in ((hall.entries[5], other.entries[0]), (other.entries[5], hall.entries[0])):
        with pytest.raises(Invalid) as refused:
            grant(hall, grantor, holder)
        assert refused.value.field == "holder"


def test_where_older_rules_name_no_number_one_holds_three():
    hall = proxy_hall(8, present=4)
    del hall.meeting.rules["proxy_cap"]
    hall.meeting.save()
    assert proxies.cap_of(hall.meeting) == 3
    del hall.meeting.rules["proxy"]
    assert proxies.kind_of(hall.meeting) == "none"


def test_what_is_refused_anyhow_needs_no_photo(monkeypatch):
    hall = proxy_hall(present=4)
    monkeypatch.setattr(proxies, "keep_photo", lambda *args: pytest.fail("looked at"))
    with pytest.raises(WrongState):
        proxies.grant_with_photo(hall.meeting, grantor=hall.entries[0], holder=hall.entries[1], upload=jpeg(), by=None)


def test_the_screens_are_told_of_a_grant_and_its_end(monkeypatch):
    heard = []
    monkeypatch.setattr(live, "announce", heard.append)
    hall = proxy_hall(present=4)
    heard.clear()
    made = grant(hall, hall.entries[5], hall.entries[0])
    proxies.end_proxy(made, by=None, reason="收" * 200)
    assert heard == [hall.meeting.pk] * 2
    made.refresh_from_db()
    assert made.end_reason == AuditEntry.objects.latest("pk").detail["reason"] == "收" * 120


def test_the_log_tells_who_granted_whom_and_which_photo():
    hall = proxy_hall(present=4)
    made = grant(hall, hall.entries[5], hall.entries[0])
    kept = AuditEntry.objects.get(action="grant_proxy")
    assert (kept.detail["grantor"], kept.detail["holder"], kept.detail["photo"]) == (6, 1, made.photo.sha256)


# What it does


def test_who_is_represented_counts_as_present_while_the_holder_is_there():
    hall = proxy_hall(present=4)
    away, holder = hall.entries[5], hall.entries[4]
    grant(hall, away, holder)
    assert attendance.present_count(hall.meeting) == 4
    assert attendance.check_in(hall.meeting, [holder], method="recorder", by=None) == 1
    assert (attendance.present_count(hall.meeting), represented(away)) == (6, True)
    attendance.check_out(hall.meeting, holder, by=None)
    assert (attendance.present_count(hall.meeting), represented(away)) == (4, False)
    attendance.check_in(hall.meeting, [holder], method="recorder", by=None)
    assert represented(away)
    # A check-in that was a mistake never was, and nobody was represented by it; the grant still stands.
    attendance.undo_check_in(hall.meeting, holder, by=None, reason="签错人")
    assert not represented(away)
    assert Attendance.objects.filter(entry=away, voided_at__isnull=False, void_reason="签错人").count() == 1
    assert Proxy.objects.standing().count() == 1


def test_a_grant_to_somebody_who_is_there_holds_at_once():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    assert represented(hall.entries[5])


def test_before_the_meeting_is_live_nobody_is_there():
    hall = proxy_hall(live=False)
    grant(hall, hall.entries[5], hall.entries[0])
    assert not Attendance.objects.exists()
    hall.meeting = meetings.open_meeting(hall.meeting, by=None)
    attendance.check_in(hall.meeting, hall.entries[:1], method="qr", by=None)
    assert represented(hall.entries[5])


def test_a_running_motion_is_not_touched_by_what_is_granted_or_ended():
    hall = proxy_hall(7, present=5)
    standing = grant(hall, hall.entries[5], hall.entries[0])
    first = open_vote(hall)
    assert first.present_count == 6
    grant(hall, hall.entries[6], hall.entries[1])
    with pytest.raises(CameLate):
        vote(first, hall.entries[6])
    proxies.end_proxy(standing, by=None, reason="收回")
    holder, other = hall.account(0), hall.account(1)
    assert paper_for(holder, first, hall.entries[5]) is not None
    assert paper_for(other, first, hall.entries[6]) is None
    assert vote(first, hall.entries[5])
    voting.close_motion(first, by=None)
    second = open_vote(hall)
    assert second.present_count == 6
    assert paper_for(holder, second, hall.entries[5]) is None
    assert paper_for(other, second, hall.entries[6]) is not None


def test_another_holder_named_during_a_vote_waits_for_the_next():
    hall = proxy_hall(7, present=5)
    first_grant = grant(hall, hall.entries[5], hall.entries[0])
    motion = open_vote(hall)
    proxies.end_proxy(first_grant, by=None, reason="收回")
    grant(hall, hall.entries[5], hall.entries[1])
    assert paper_for(hall.account(1), motion, hall.entries[5]) is None
    assert paper_for(hall.account(0), motion, hall.entries[5]) is not None


def test_who_comes_in_person_votes_in_person():
    hall = proxy_hall(present=4)
    away = hall.entries[5]
    grant(hall, away, hall.entries[0])
    motion = open_vote(hall)
    assert attendance.check_in(hall.meeting, [away], method="recorder", by=None) == 1
    proxy = Proxy.objects.get()
    assert (proxy.end_reason, proxy.ended_after) == ("委托人本人到会", 1)
    assert list(Attendance.objects.filter(entry=away).present().values_list("method", flat=True)) == ["recorder"]
    assert vote(motion, away)  # counted as present when it opened
    voting.close_motion(motion, by=None)
    assert open_vote(hall).present_count == 5


def test_the_whole_group_at_once_is_holder_and_grantor_in_person():
    hall = proxy_hall(present=3)
    grant(hall, hall.entries[5], hall.entries[4])
    assert attendance.check_in(hall.meeting, hall.entries, method="recorder", by=None) == 3
    assert attendance.present_count(hall.meeting) == 6
    assert not Proxy.objects.standing().exists()


def test_who_is_represented_is_not_signed_out_as_if_there():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    for act in (
        lambda: attendance.check_out(hall.meeting, hall.entries[5], by=None),
        lambda: attendance.undo_check_in(hall.meeting, hall.entries[5], by=None, reason=""),
    ):
        with pytest.raises(WrongState, match="收回委托"):
            act()


def test_a_check_in_that_was_voted_on_for_another_is_not_undone():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    motion = open_vote(hall)
    vote(motion, hall.entries[5])
    voting.close_motion(motion, by=None)
    with pytest.raises(WrongState, match="替别人投过票"):
        attendance.undo_check_in(hall.meeting, hall.entries[0], by=None, reason="签错人")
    assert represented(hall.entries[5])


@pytest.mark.parametrize("ending", ["close", "adjourn"])
def test_the_end_of_the_meeting_ends_all_grants(ending):
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    if ending == "close":
        meetings.close_meeting(hall.meeting, by=None)
    else:
        meetings.adjourn_meeting(hall.meeting, by=None, reason="人数不够")
    assert Proxy.objects.get().end_reason == "会议结束"


def test_a_grant_ends_once():
    hall = proxy_hall(present=4)
    made = grant(hall, hall.entries[5], hall.entries[0])
    proxies.end_proxy(made, by=hall.account(0), reason="受托人退回")
    with pytest.raises(WrongState, match="早已结束"):
        proxies.end_proxy(made, by=None, reason="")
    assert AuditEntry.objects.filter(action="end_proxy").count() == 1
    assert not represented(hall.entries[5])


def test_opening_freezes_who_acts_for_whom():
    hall = proxy_hall(present=4)
    plain = open_vote(hall)
    voting.close_motion(plain, by=None)
    grant(hall, hall.entries[5], hall.entries[0])
    assert plain.definition["proxies"] == ""
    assert len(open_vote(hall).definition["proxies"]) == 64


# Who may cast


def test_the_holders_own_account_gets_a_paper_for_each_grantor():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    grant(hall, hall.entries[4], hall.entries[0])
    holder = hall.account(0)
    shown = acting_entries(holder, hall.meeting)
    assert [(line.number, line.held) for line in shown] == [(1, False), (5, True), (6, True)]
    assert [line.number for line in own_entries(holder, hall.meeting)] == [1]
    motion = open_vote(hall)
    assert {vote(motion, entry).entry_id for entry in shown} == {entry.pk for entry in shown}
    assert Ballot.objects.filter(motion=motion).count() == 3
    with pytest.raises(AlreadyVoted):
        voting.cast_ballot(motion=motion, entry=hall.entries[5], choice="against", key="other")


def test_a_helper_of_the_holder_has_no_part_in_it():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    helper = make_account(hall.people[0], relation="family")
    assert [line.number for line in acting_entries(helper, hall.meeting)] == [1]
    assert paper_for(helper, open_vote(hall), hall.entries[5]) is None


def test_papers_of_others_stay_theirs():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    motion = open_vote(hall)
    assert paper_for(hall.account(1), motion, hall.entries[5]) is None
    assert paper_for(hall.account(0), motion, hall.entries[4]) is None
    ended = hall.people[0].claims.get()
    ended.state = "ended"
    ended.save()
    assert paper_for(ended.user, motion, hall.entries[5]) is None
    assert list(acting_entries(ended.user, hall.meeting)) == []


# What the database itself holds to, and what is told of it


def refused(write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_one_grant_of_each_never_to_oneself_and_ended_as_a_whole():
    hall = proxy_hall(present=4)
    made = grant(hall, hall.entries[5], hall.entries[0])
    fields = {"village": hall.village, "meeting": hall.meeting, "photo": made.photo}
    refused(lambda: Proxy.objects.create(**fields, grantor=hall.entries[5], holder=hall.entries[1]))
    refused(lambda: Proxy.objects.create(**fields, grantor=hall.entries[1], holder=hall.entries[1]))
    refused(lambda: Proxy.objects.filter(pk=made.pk).update(ended_after=1))
    refused(lambda: Proxy.objects.filter(pk=made.pk).update(ended_at=timezone.now()))
    proxies.end_proxy(made, by=None, reason="收回")
    assert Proxy.objects.create(**fields, grantor=hall.entries[5], holder=hall.entries[1])


def test_both_are_told_what_is_held_of_it_and_nobody_else():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    for number, told in ((0, True), (5, True), (3, False)):
        assert any(part.code == "grants" for part in held_on(hall.account(number))) is told


def test_an_account_that_is_closed_votes_for_nobody_and_the_grant_stays_on_record():
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[3])
    motion, holder = open_vote(hall), hall.account(3)
    assert paper_for(holder, motion, hall.entries[5])
    delete_account(holder)
    assert paper_for(holder, motion, hall.entries[5]) is None
    assert Proxy.objects.standing().count() == 1
    assert vote(motion, hall.entries[5])  # said aloud to the recorder, or on the tablet


# Laws


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["grant", "end", "come", "leave"]), st.integers(0, 6), st.integers(0, 6)), max_size=14
    )
)
def test_whatever_happens_grants_stay_within_their_laws(laws_hall, steps):
    """No onward grants, the cap, one grant each, and represented are exactly those whose holder is there."""
    hall = laws_hall
    meeting, entries = hall.meeting, hall.entries
    with transaction.atomic():
        for act, one, two in steps:
            try:
                with transaction.atomic():
                    if act == "grant":
                        grant(hall, entries[one], entries[two])
                    elif act == "end":
                        for proxy in Proxy.objects.standing().filter(grantor=entries[one]):
                            proxies.end_proxy(proxy, by=None, reason="收回")
                    elif act == "come":
                        attendance.check_in(meeting, [entries[one]], method="recorder", by=None)
                    else:
                        attendance.check_out(meeting, entries[one], by=None)
            except MeetingError:
                pass
            pairs = set(Proxy.objects.standing().values_list("grantor_id", "holder_id"))
            grantors, holders = {pair[0] for pair in pairs}, [pair[1] for pair in pairs]
            assert not grantors & set(holders)
            assert max((holders.count(holder) for holder in holders), default=0) <= 2
            stays = list(Attendance.objects.filter(meeting=meeting).present().values_list("entry_id", "method"))
            there = {entry for entry, method in stays if method != "proxy"}
            assert {entry for entry, method in stays if method == "proxy"} == {
                grantor for grantor, holder in pairs if holder in there
            }
            assert not grantors & there
        transaction.set_rollback(True)


@pytest.fixture
def laws_hall():
    return proxy_hall(7, present=0, cap=2)


# Doors


def send(client, hall, **data):
    return client.post(hall.meeting.address("proxies"), data)


@pytest.fixture
def kept_files(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path
    return tmp_path


def test_somebody_who_can_not_come_grants_from_the_meetings_page(client, kept_files):
    hall = proxy_hall(present=4)
    client.force_login(hall.account(5))
    assert hall.meeting.address("proxies") in client.get(hall.meeting.get_absolute_url()).content.decode()
    answer = send(client, hall, holder=hall.people[0].name, photo=jpeg())
    assert (answer.status_code, answer["Location"]) == (303, hall.meeting.get_absolute_url())
    proxy = Proxy.objects.get()
    assert (proxy.grantor, proxy.holder, proxy.granted_by) == (hall.entries[5], hall.entries[0], hall.account(5))
    page = client.get(hall.meeting.get_absolute_url()).content.decode()
    assert "收回委托" in page
    assert f'href="{hall.meeting.address("proxies")}"' not in page
    # The holder sees it too, and can give it back; officers see it without a button.
    client.force_login(hall.chair)
    page = client.get(hall.meeting.get_absolute_url()).content.decode()
    assert "退回委托" in page
    client.force_login(hall.recorder)
    console = client.get(hall.meeting.address("console")).content.decode()
    assert f"{hall.people[5].name} 委托 {hall.people[0].name}" in console
    assert "收回委托" not in console
    assert "委托别人参加" in client.get(hall.meeting.address("search_roster"), {"q": "6"}).content.decode()


def test_the_photo_is_seen_by_the_two_and_the_officers_only(client, kept_files):
    hall = proxy_hall(present=4)
    client.force_login(hall.account(5))
    send(client, hall, holder="1", photo=jpeg())
    token = Photo.objects.get().file.name.rpartition("/")[2].removesuffix(".jpg")
    path = f"/v/{hall.village.slug}/photos/{token}/"
    for number, status in ((5, 200), (0, 200), (1, 200), (3, 404)):
        client.force_login(hall.account(number))
        assert client.get(path).status_code == status, number


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"holder": ""}, "这一项要填"),
        ({"holder": "没有这个人"}, "名册上没有找到“没有这个人”"),
        ({"holder": "6"}, "不能委托给自己"),
        ({"holder": "1", "photo": None}, "这一项要填"),
    ],
)
def test_what_was_typed_is_kept_beside_each_refusal(client, kept_files, data, said):
    hall = proxy_hall(present=4)
    client.force_login(hall.account(5))
    sent = {"photo": jpeg()} | data
    answer = send(client, hall, **{name: value for name, value in sent.items() if value is not None})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert not data["holder"] or f'value="{data["holder"]}"' in page
    assert not Proxy.objects.exists()
    assert not Photo.objects.exists()


def test_a_photo_that_is_none_is_refused_with_its_own_code(client, kept_files):
    hall = proxy_hall(present=4)
    client.force_login(hall.account(5))
    file = jpeg("grant.svg")
    answer = send(client, hall, holder="1", photo=file)
    assert answer.status_code == 415
    assert not Proxy.objects.exists()


def test_a_refusal_behind_the_lock_leaves_no_photo(kept_files, monkeypatch):
    hall = proxy_hall(present=4)

    def late(*_, **__):
        raise Invalid("别人刚刚改过")

    monkeypatch.setattr(proxies, "grant_proxy", late)
    with pytest.raises(Invalid):
        proxies.grant_with_photo(hall.meeting, grantor=hall.entries[5], holder=hall.entries[0], upload=jpeg(), by=None)
    assert not Photo.objects.exists()
    with pytest.raises(PhotoRefused):
        proxies.grant_with_photo(
            hall.meeting, grantor=hall.entries[5], holder=hall.entries[0], upload=jpeg("a.txt"), by=None
        )


def test_namesakes_are_told_apart_by_number(client, kept_files):
    hall = proxy_hall(present=4)
    RosterEntry.objects.filter(pk__in=[hall.entries[0].pk, hall.entries[1].pk]).update(name="张三")
    client.force_login(hall.account(5))
    page = send(client, hall, holder="张三", photo=jpeg()).content.decode()
    assert "1 张三" in page
    assert "2 张三" in page
    assert "请写号牌" in page


def test_one_who_helps_family_says_for_whom(client, kept_files):
    hall = proxy_hall(present=4)
    user = make_account(hall.people[4], relation="family", user=hall.account(5))
    client.force_login(user)
    assert "谁不能来" in client.get(hall.meeting.address("proxies")).content.decode()
    assert send(client, hall, grantor="5", holder="1", photo=jpeg()).status_code == 303
    assert Proxy.objects.get().grantor == hall.entries[4]


def test_of_one_household_the_choice_is_those_at_home(client, kept_files):
    hall = proxy_hall(present=4, kind="same_household_written")
    client.force_login(hall.account(5))
    assert "不能委托。请本人参加" in client.get(hall.meeting.address("proxies")).content.decode()
    hall.people[4].household = hall.people[5].household
    hall.people[4].save()
    assert send(client, hall, holder="1", photo=jpeg()).status_code == 422
    assert send(client, hall, holder="5", photo=jpeg()).status_code == 303


def test_only_the_two_end_it(client):
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    path = hall.meeting.address("end_proxy", 6)
    client.force_login(hall.recorder)
    client.post(path)
    assert Proxy.objects.standing().exists()
    client.force_login(hall.account(5))
    client.post(path)
    assert Proxy.objects.get().end_reason == "委托人收回"
    grant(hall, hall.entries[5], hall.entries[0])
    client.force_login(hall.account(0))
    client.post(path)
    assert Proxy.objects.filter(end_reason="受托人退回").count() == 1
    assert client.post(path, headers={"accept": "application/json"}).status_code == 409


def test_who_votes_themselves_ends_the_grant_with_the_ballot(client):
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    motion = open_vote(hall)
    path = hall.meeting.address("cast", motion.number)
    client.force_login(hall.account(0))
    assert client.post(path, {"entry": 1, "choice": "for", "key": "a"}).status_code == 303
    assert Proxy.objects.standing().exists()
    client.force_login(hall.account(5))
    assert client.post(path, {"entry": 6, "choice": "for", "key": "b"}).status_code == 303
    proxy = Proxy.objects.get()
    assert (proxy.end_reason, proxy.ended_after) == ("委托人本人投票", 1)
    voting.close_motion(motion, by=None)
    assert attendance.present_count(hall.meeting) == 4


def test_a_refused_ballot_of_ones_own_leaves_the_grant(client):
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    motion = open_vote(hall)
    vote(motion, hall.entries[5])
    client.force_login(hall.account(5))
    path = hall.meeting.address("cast", motion.number)
    assert client.post(path, {"entry": 6, "choice": "for", "key": "b"}).status_code == 409
    assert Proxy.objects.standing().exists()


def test_the_holder_sees_a_paper_of_its_own_for_the_grantor(client):
    hall = proxy_hall(present=4)
    grant(hall, hall.entries[5], hall.entries[0])
    client.force_login(hall.account(0))
    assert "由您代为参加" in client.get(hall.meeting.get_absolute_url()).content.decode()
    motion = open_vote(hall)
    page = client.get(hall.meeting.get_absolute_url()).content.decode()
    assert "您受委托，替这一位投票" in page
    path = hall.meeting.address("cast", motion.number)
    assert client.post(path, {"entry": 6, "choice": "against", "key": "b"}).status_code == 303
    assert Ballot.objects.get().entry == hall.entries[5]
    # A grant lets somebody vote, not sign the other in.
    Meeting.objects.filter(pk=hall.meeting.pk).update(remote_allowed=True)
    client.post(hall.meeting.address("attend_remotely", 6))
    assert Attendance.objects.filter(entry=hall.entries[5]).present().get().method == "proxy"


def test_where_nobody_may_grant_there_is_no_form(client):
    hall = make_hall(present=4)
    client.force_login(hall.account(5))
    assert hall.meeting.address("proxies") not in client.get(hall.meeting.get_absolute_url()).content.decode()
    assert client.get(hall.meeting.address("proxies")).status_code == 303
    assert not acting_entries(hall.account(5), hall.meeting).get().held


def test_many_uploads_are_slowed_down(client, kept_files):
    hall = proxy_hall(present=4)
    client.force_login(hall.account(5))
    for _ in range(20):
        send(client, hall, holder="")
    assert send(client, hall, holder="1", photo=jpeg()).status_code == 429
