import pytest
from django.db import transaction

from audit.log import record
from audit.models import AuditEntry
from consultation import meetings
from consultation.models import Meeting
from tests.factories.consultation import make_hall
from tests.factories.residents import make_user, make_village


@pytest.mark.usefixtures("committed_db")
def test_outside_a_transaction_nothing_is_recorded():
    """An act and its entry stand or fall together; an entry on its own could not."""
    with pytest.raises(RuntimeError):
        record(action="open_meeting", subject="村民会议")
    assert AuditEntry.objects.count() == 0
    with transaction.atomic():
        record(action="open_meeting", subject="村民会议")
    assert AuditEntry.objects.count() == 1


@pytest.mark.usefixtures("committed_db")
def test_an_act_that_is_rolled_back_leaves_no_entry():
    hall = make_hall()
    before = AuditEntry.objects.count()
    with transaction.atomic():
        meetings.close_meeting(hall.meeting, by=hall.chair)
        assert AuditEntry.objects.count() == before + 1
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == before
    assert Meeting.objects.get(pk=hall.meeting.pk).state == "live"


@pytest.mark.usefixtures("committed_db")
def test_an_act_that_is_refused_leaves_no_entry():
    hall = make_hall()
    before = AuditEntry.objects.count()
    with pytest.raises(meetings.WrongState):
        meetings.open_meeting(hall.meeting, by=hall.chair)
    assert AuditEntry.objects.count() == before


@pytest.mark.django_db
def test_an_entry_says_who_did_what_to_what_and_when():
    village, user = make_village(), make_user(display_name="贺光武")
    entry = record(action="open_meeting", subject="村民会议", village_id=village.pk, actor=user, number=3)
    entry.refresh_from_db()
    assert (entry.action, entry.subject, entry.village_id, entry.detail) == (
        "open_meeting",
        "村民会议",
        village.pk,
        {"number": 3},
    )
    assert (entry.actor_id, entry.actor_name) == (user.pk, "贺光武")
    assert entry.at is not None


@pytest.mark.django_db
def test_the_system_acts_without_a_name():
    entry = record(action="seed", subject="x")
    assert (entry.actor_id, entry.actor_name, entry.village_id, entry.detail) == (None, "", None, {})


@pytest.mark.django_db
def test_an_account_without_a_name_is_known_by_what_it_signs_in_with():
    entry = record(action="seed", subject="x", actor=make_user(username="recorder-3", display_name=""))
    assert entry.actor_name == "recorder-3"


@pytest.mark.django_db
def test_an_entry_outlives_whom_and_what_it_speaks_of():
    hall = make_hall(live=False)
    user = make_user(display_name="贺光武")
    meetings.open_meeting(hall.meeting, by=user)
    entry = AuditEntry.objects.get(action="open_meeting")
    user.delete()
    Meeting.objects.filter(pk=hall.meeting.pk).delete()
    entry.refresh_from_db()
    assert (entry.actor_name, entry.subject) == ("贺光武", "村民会议")


@pytest.mark.django_db
def test_long_words_are_cut_and_do_not_stop_the_act():
    entry = record(action="table_motion", subject="很" * 500, actor=make_user(display_name="名" * 60))
    assert (len(entry.subject), len(entry.actor_name)) == (120, 60)
