"""Officers who recommend at once never let more through than there are places."""

from __future__ import annotations

import pytest
from django.utils import timezone

from contest import checking
from contest.models import EntryCheck
from tests.factories.contest import make_contest, make_entry, make_officer
from tests.factories.residents import make_region, make_village
from tests.threads import all_at_once, kinds

pytestmark = pytest.mark.usefixtures("committed_db")


def test_many_who_recommend_at_once_stay_within_the_quota() -> None:
    contest = make_contest(now=timezone.now(), stages={"county_selection": (-1, 5)})
    contest.stages.update(quota=3)
    town = make_region("township", contest.region)
    made = [make_entry(contest, make_village(region=town), state="submitted") for _ in range(12)]
    officers = [make_officer("organizer", contest.region), make_officer("county_editor", contest.region)]
    acts = [
        lambda n=n: checking.check_entry(
            made[n // 2], stage="county_selection", result="recommended", by=officers[n % 2]
        )
        for n in range(24)
    ]
    assert kinds(all_at_once(acts)) == {"EntryCheck": 3, "WrongState": 21}
    assert EntryCheck.objects.count() == contest.entries.on_show().count() == 3
