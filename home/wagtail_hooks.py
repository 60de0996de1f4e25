"""What weighs most in the admin asks for the second factor again: publishing and taking down, and accounts' groups.
And the way from there to the year's figures.

What was typed is safe meanwhile: Wagtail has saved it as a draft before it publishes.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from residents.rights import BY_SMS, OFFICERS, letters_anywhere
from residents.step_up import ask

from .my_page import villages_served
from .region_desk import regions_watched

PUBLISHES = (
    "before_publish_page",
    "before_unpublish_page",
    "before_delete_page",
    "before_move_page",
    "before_copy_page",
)
CHANGES_ACCOUNTS = ("before_create_user", "before_edit_user", "before_delete_user")


def ask_again(request: HttpRequest, *_about: Any) -> HttpResponse | None:
    """The way to the second factor when it was not shown in the last ten minutes; looking at a form asks nothing."""
    if request.method != "POST" or not request.user.is_authenticated:
        return None
    # A meeting's offices have nothing to do in the admin.
    return ask(request, letters_anywhere(request.user) & OFFICERS - BY_SMS, again=True)


for _hook in (*PUBLISHES, *CHANGES_ACCOUNTS):
    hooks.register(_hook, ask_again)


@hooks.register("before_bulk_action")
def ask_again_for_many(request: HttpRequest, action_type: str, objects: Any, action: Any) -> HttpResponse | None:
    """The same for many at once, whatever is done to them."""
    return ask_again(request)


class DashboardItem(MenuItem):
    """For those who hold an office in some village, township or county."""

    def is_shown(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_authenticated and bool(regions_watched(user) or villages_served(user))


@hooks.register("register_admin_menu_item")
def figures_of_the_year() -> MenuItem:
    return DashboardItem(
        _("议事协商一览"), reverse("home:dashboards"), name="dashboards", icon_name="list-ol", order=350
    )
