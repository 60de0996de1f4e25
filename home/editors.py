"""Who may write which pages in Wagtail: groups that follow the offices an account holds this very moment.

A village has a group that edits and one that also publishes, a county or township one for its own page; each holds its
rights on that page and its collection. Nobody is put into them by hand: whoever comes to the admin is first put right.
"""

from __future__ import annotations

import datetime

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from residents.models import Appointment, Region, Role, User
from residents.offices import held_by
from residents.rights import OFFICES, Letter

from .models import RegionPage, VillagePage

# Looked up again by name, so the same in every language.
EDITORS, PUBLISHERS = "编辑", "发布"  # untranslated: names of groups in the database
# Drafting is the committee's; publishing its chair's, the secretary's, and the administrator's.
_EDIT = OFFICES[Letter.DRAFTER]
_PUBLISH = OFFICES[Letter.PUBLISHER] | OFFICES[Letter.ADMIN]
# Wagtail asks for the rights of its own image and document models, whichever models stand in for them.
_MEDIA_RIGHTS = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")


def media_rights() -> QuerySet[Permission]:
    """What lets a group upload, change and choose images and documents of a collection."""
    return Permission.objects.filter(
        codename__in=_MEDIA_RIGHTS, content_type__app_label__in=["wagtailimages", "wagtaildocs"]
    )


def give(group: Group, page: Page, collection: Collection, page_rights: tuple[str, ...]) -> None:
    """Let a group into the admin, with these rights on one part of the tree and one collection."""
    group.permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
    for codename in page_rights:
        right = Permission.objects.get(codename=f"{codename}_page", content_type__app_label="wagtailcore")
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=right)
    for right in media_rights():
        GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=right)


def make_groups(page: Page, name: str) -> None:
    """The groups and the collection of a village's page, or of a county's or township's own; safe to repeat.

    `name` tells them apart for people: "<code> <name>".
    """
    root = Collection.get_first_root_node()
    collection = root.get_children().filter(name=name).first() or root.add_child(name=name)
    publishers, _created = Group.objects.get_or_create(name=f"{name} · {PUBLISHERS}")
    give(publishers, page, collection, ("add", "change", "publish"))
    if isinstance(page, VillagePage):
        editors, _created = Group.objects.get_or_create(name=f"{name} · {EDITORS}")
        give(editors, page, collection, ("add", "change"))


def _managed() -> QuerySet[Group]:
    """Groups that belong to a place: they hold rights on its page."""
    places = ContentType.objects.get_for_models(VillagePage, RegionPage).values()
    return Group.objects.filter(page_permissions__page__content_type__in=places)


def _wanted(user: User, on: datetime.date) -> set[int]:
    """The groups that the offices of this day put the account into."""
    if not user.is_active:
        return set()
    roles = [*_EDIT, *_PUBLISH, Role.COUNTY_EDITOR]
    held = Appointment.objects.current(on).filter(held_by(user), role__in=roles)
    publishes: set[int] = set()
    edits: set[int] = set()
    regions: set[int] = set()
    for role, village_id, region_id in held.values_list("role", "village_id", "region_id"):
        if region_id is not None:
            regions.add(region_id)
        elif role in _PUBLISH:
            publishes.add(village_id)
        elif role in _EDIT:
            edits.add(village_id)
    if regions:
        _make_regional(regions)
    if not (publishes or edits or regions):
        return set()
    pages = {"page_permissions__permission__codename": "publish_page"}
    of_publishers = Group.objects.filter(
        Q(page_permissions__page__in=VillagePage.objects.filter(village__in=publishes).values("pk"))
        | Q(page_permissions__page__in=RegionPage.objects.filter(region__in=regions).values("pk")),
        **pages,
    )
    of_editors = (
        _managed()
        .filter(page_permissions__page__in=VillagePage.objects.filter(village__in=edits - publishes).values("pk"))
        .exclude(**pages)
    )
    return set(of_publishers.values_list("pk", flat=True)) | set(of_editors.values_list("pk", flat=True))


def _make_regional(regions: set[int]) -> None:
    """A county's group is made when it first has an editor."""
    without = RegionPage.objects.filter(region__in=regions, group_permissions=None)
    for page in without.select_related("region"):
        make_groups(page, f"{page.region.code} {page.region.name}")


@transaction.atomic
def keep_groups(user: User, *, on: datetime.date | None = None) -> bool:
    """Put the account into the groups of its present offices and out of all others; whether anything changed."""
    held = set(_managed().filter(user=user).values_list("pk", flat=True))
    wanted = _wanted(user, on or timezone.localdate())
    if held == wanted:
        return False
    user.groups.remove(*(held - wanted))
    user.groups.add(*(wanted - held))
    return True


def keep_all_groups() -> int:
    """The same for everybody who is in such a group or holds an office; how many were put right."""
    today = timezone.localdate()
    holders = Appointment.objects.current(today).filter(role__in=[*_EDIT, *_PUBLISH, Role.COUNTY_EDITOR])
    users = User.objects.filter(
        Q(groups__in=_managed())
        | Q(appointments__in=holders)
        | Q(claims__state="confirmed", claims__relation="self", claims__resident__appointments__in=holders)
    ).distinct()
    return sum(keep_groups(user, on=today) for user in users)


def pages_of_region(region: Region) -> RegionPage | None:
    return RegionPage.objects.filter(region=region).first()
