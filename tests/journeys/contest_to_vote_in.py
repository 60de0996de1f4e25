"""An open contest of residents on a journey's site: `manage.py shell < this file`."""

import datetime

from django.utils import timezone

from contest.models import Contest, Entry, Stage
from residents.models import Village

here = Village.objects.get(slug="laozhafang")
now, day = timezone.now(), datetime.timedelta(days=1)
contest = Contest.objects.create(
    slug="vote-here", title="寻找最美村规", region=here.region.parent, state="announced", voters="verified_residents",
    picks_min=2, picks_max=3, counts_shown="live",
)  # fmt: skip
Stage.objects.create(
    contest=contest, key="public_vote", label="公众投票", position=1, opens_at=now - day, closes_at=now + 4 * day
)
for number in range(1, 9):
    Entry.objects.create(
        contest=contest, village=here, number=number, key=f"e{number}", title=f"第{number}个办法：门前三包，巷子不堵",
        state="shortlisted", submitted_at=now - 2 * day,
    )  # fmt: skip
