"""Views of Wagtail's admin that ask nobody whose thing it is, and what is asked in their place."""

from __future__ import annotations

from typing import Any

from wagtail.images.permissions import permission_policy as image_policy
from wagtail.models import Page
from wagtail.permissions import page_permission_policy


def _image(user: Any, arguments: dict[str, Any]) -> bool:
    """Of a collection the account chooses from."""
    mine = image_policy.instances_user_has_any_permission_for(user, ["choose", "change"])
    return bool(mine.filter(pk=arguments["image_id"]).exists())


def _page(user: Any, arguments: dict[str, Any]) -> bool:
    """One that the account may write, so that no refusal tells another one's title."""
    page = Page.objects.filter(pk=arguments["page_id"]).first()
    rights = {"add", "change", "publish", "lock", "unlock"}
    return page is not None and page_permission_policy.user_has_any_permission_for_instance(user, rights, page)


_ASKED = {
    "wagtailimages_chooser:select_format": _image,
    "wagtailadmin_pages:workflow_action": _page,
    "wagtailadmin_pages:collect_workflow_action_data": _page,
    "wagtailadmin_pages:confirm_workflow_cancellation": _page,
    "wagtailadmin_pages:workflow_preview": _page,
}


def within_reach(user: Any, view_name: str, arguments: dict[str, Any]) -> bool:
    """Whether the thing that such a view speaks of is the account's to see; all other views ask by themselves."""
    asks = _ASKED.get(view_name)
    return asks is None or asks(user, arguments)
