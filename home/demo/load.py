"""All of the demo, in the order in which things stand on one another."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.models import Collection, Page

from contest.models import ContestPage
from home.models import HomePage, NewsIndexPage, NewsPage, VillagePage
from home.sites import SiteFacts, operators, prepare_site
from home.villages import add_page
from residents.models import Appointment, Region, User, Village
from villagerules.similar_index import follow_in_force

from .carrying import load_events, load_points, load_suggestion
from .contest import load_contest, load_open_contest
from .files import Days, read, rules_files
from .meetings import link_continued, load_meeting
from .petitions import load_petition
from .pilots import load_pilot
from .places import account, load_regions, load_staff, load_village
from .rules import load_rules
from .rules_making import load_making
from .rules_sharing import load_sharing
from .topics import load_topic

FACTS = SiteFacts(
    portal_name="沅川村务协商门户",
    organiser="沅川市民政局（演示）",
    contact="0730-5550000",
    icp_number="湘ICP备00000000号（演示）",
    police_number="湘公网安备00000000000000号（演示）",
)


def load_demo(say: Callable[[str], None]) -> None:
    """Load what is missing; `say` is told of each step. Safe to repeat: what was entered stays."""
    days = Days(timezone.localdate())
    villages = read("villages.yaml")
    consultations = read("consultations.yaml")
    contest = read("contest.yaml")
    names = {row["slug"]: row["name"] for row in villages["villages"]}

    say("网站和程序依据")
    with transaction.atomic():
        prepare_site(FACTS)
        regions = load_regions(villages["regions"])
    for row in villages["villages"]:
        say(f"{row['name']}:名册和页面")
        with transaction.atomic():
            load_village(row, regions, days)
    with transaction.atomic():
        load_staff(villages["staff"], regions, days)
        user = account(None, "网站运营", "demo-operator")
        user.groups.add(operators())
    say("村规民约")
    for document in rules_files():
        with transaction.atomic():
            load_rules(document, days)
    for row in read("rules_making.yaml")["rules"]:
        with transaction.atomic():
            load_making(row, days)
    follow_in_force()
    with transaction.atomic():
        load_sharing(read("rules_sharing.yaml"), days)
    for row in consultations["meetings"]:
        say(f"会议：{row['title']}")
        with transaction.atomic():
            load_meeting(row, days)
    say("议题")
    for row in read("topics.yaml")["topics"]:
        with transaction.atomic():
            load_topic(row, days)
    say("执行情况")
    carried = read("carrying.yaml")
    for load, rows in (
        (load_events, carried["events"]), (load_points, carried["points"]), (load_suggestion, carried["suggestions"]),
    ):  # fmt: skip
        with transaction.atomic():
            for row in rows:
                load(row, days)
    with transaction.atomic():
        for row in read("petitions.yaml")["petitions"]:
            load_petition(row, days)
        for row in read("pilots.yaml")["pilots"]:
            load_pilot(row, days)
        link_continued(consultations["meetings"])
        say("评选和公告")
        load_contest(contest, names, days)
        load_open_contest(contest, names, days)
        _news(days)


def _news(days: Days) -> None:
    """Something on each notice board."""
    county = NewsIndexPage.objects.child_of(HomePage.objects.get()).first() or add_page(
        HomePage.objects.get(), NewsIndexPage(title="公告", slug="news")
    )
    _post(county, "notice-portal", "村务协商门户上线试用", days, -6, [
        "各村、社区的会议通知、表决结果和村规民约都可以在这里查看。",
        "老人家看不清字，点页面右上角的“长辈版”。",
    ])  # fmt: skip
    for page in VillagePage.objects.select_related("village"):
        board = NewsIndexPage.objects.child_of(page).get()
        rules = page.village.rules_name
        _post(board, "rules-printed", f"{rules}已印成小册，请各户领取", days, -9, [
            f"{page.title}{rules}的单行本已经印好，每户一本，请到便民服务点领取。",
            "行动不便的人家由组长送上门。",
        ])  # fmt: skip
        _post(board, "quarter-accounts", "本季度村（居）务公开内容已上墙", days, -3, [
            "财务收支、救助名单和协商事项的落实情况已在公开栏张贴，张贴十五天。",
            "有疑问的，请向监督委员会查询。",
        ])  # fmt: skip


def _post(board: Page, slug: str, title: str, days: Days, after: int, lines: list[str]) -> None:
    if not NewsPage.objects.child_of(board).filter(slug=slug).exists():
        body = [("paragraph", f"<p>{line}</p>") for line in lines]
        add_page(board, NewsPage(title=title, slug=slug, summary=lines[0], published_on=days.after(after), body=body))


@transaction.atomic
def remove_demo() -> int:
    """Take the demo away again: its villages and where people practised beside them, with everything in them, its
    accounts, its pages. Returns how many villages went."""
    document = read("villages.yaml")
    slugs = [row["slug"] for row in document["villages"]]
    practice = Q(is_practice=True, region__code__in=[row["code"] for row in document["regions"]])
    villages = list(Village.objects.filter(Q(slug__in=slugs) | practice))
    for page in VillagePage.objects.filter(village__in=villages):
        Page.objects.get(pk=page.pk).delete()
    for page in ContestPage.objects.filter(
        slug__in=[read("contest.yaml")["contest"]["slug"], "linli-demo", "zuimei-2024"]
    ):
        Page.objects.get(pk=page.pk).delete()
    for village in villages:
        Collection.objects.filter(name=f"{village.code} {village.name}").delete()
        village.delete()
    Appointment.objects.filter(user__username__startswith="demo-").delete()
    User.objects.filter(username__startswith="demo-").delete()
    for row in sorted(document["regions"], key=lambda row: -len(row["code"])):
        region = Region.objects.filter(code=row["code"], villages__isnull=True, children__isnull=True).first()
        if region is not None:
            for page in Page.objects.filter(regionpage__region=region):
                page.delete()
            region.delete()
    return len(villages)
