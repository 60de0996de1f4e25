"""The page of a contest in the tree of pages: a draft from its beginning, published with its announcement."""

from __future__ import annotations

import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Page, Site

from .models import Contest, ContestIndexPage, ContestPage


@translation.override("zh-hans")  # pages are in the site's own language, whoever makes them
def list_of_contests() -> ContestIndexPage:
    """The page that lists all editions, made below the home page where it is missing."""
    found = ContestIndexPage.objects.order_by("path").first()
    if found is not None:
        return found
    home = Site.objects.get(is_default_site=True).root_page
    made = ContestIndexPage(title=_("寻找最美村规"), slug="contest", summary=_("好规矩，大家找、大家评、大家学。"))
    home.add_child(instance=made)
    made.save_revision(log_action=False).publish(log_action=False)
    return made


def page_of(contest: Contest) -> ContestPage:
    """Its page, made as a draft where it has none. An edition written by hand under its address becomes its page."""
    if hasattr(contest, "page"):
        return contest.page
    written = ContestPage.objects.filter(slug=contest.slug, contest=None).first()
    if written is not None:
        written.contest = contest
        written.save(update_fields=["contest"])
        return written
    page = ContestPage(title=contest.title, slug=contest.slug, contest=contest, live=False)
    Page.objects.get(pk=list_of_contests().pk).add_child(instance=page)
    page.save_revision(log_action=False)
    return page


def show_page(contest: Contest) -> ContestPage:
    """Publish it with the contest's dates and organizers as they are; a draft that somebody writes is left alone."""
    page = page_of(contest)
    stages = list(contest.stages.all())
    page.organiser = "、".join(contest.organizers)[:200]  # untranslated: between names
    if stages:
        page.opens_on = contest.local(min(one.opens_at for one in stages)).date()
        last = max(one.closes_at for one in stages) - datetime.timedelta(seconds=1)
        page.closes_on = contest.local(last).date()
    if page.live:
        page.save(update_fields=["organiser", "opens_on", "closes_on"])
    else:
        page.save_revision(log_action=False).publish(log_action=False)
    return page
