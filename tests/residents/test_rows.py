"""Rows read by hand become what the ORM itself would make of them."""

import pytest
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_init, pre_init

from consultation.models import Ballot, Motion, RosterEntry
from residents.models import User
from residents.rows import as_read

ROWS = [
    (
        User,
        {"id": 7, "password": "x", "is_superuser": False, "username": "li", "is_active": True, "display_name": "李"},
    ),
    (Motion, {"id": 3, "village_id": 1, "meeting_id": 2, "secret": False}),
    (RosterEntry, {"id": 5, "number": 12, "name": "王"}),
    (
        Ballot,
        {
            "id": 9, "village_id": 1, "motion_id": 3, "entry_id": 5, "choice": "for", "channel": "online", "key": "k",
            "recorded_by_id": None,
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("model", "columns"), ROWS)
def test_a_row_read_by_hand_is_the_one_that_from_db_makes(model, columns):
    by_hand = as_read(model, **columns)
    by_django = model.from_db(DEFAULT_DB_ALIAS, list(columns), list(columns.values()))
    assert type(by_hand) is type(by_django)
    state, expected = by_hand.__dict__.pop("_state"), by_django.__dict__.pop("_state")
    assert type(state) is type(expected)
    assert state.fields_cache == expected.fields_cache == {}  # made when it is first asked for
    assert vars(state) == vars(expected)
    assert vars(by_hand) == vars(by_django)
    assert by_hand.get_deferred_fields() == by_django.get_deferred_fields()


@pytest.mark.parametrize("model", [model for model, _columns in ROWS])
def test_nobody_waits_to_hear_of_such_a_row(model):
    assert not pre_init.has_listeners(model)
    assert not post_init.has_listeners(model)


@pytest.mark.django_db
def test_other_columns_are_loaded_when_asked_for():
    user = User.objects.create(username="li", display_name="李")
    assert as_read(User, id=user.pk).display_name == "李"
