"""Doors of Wagtail's admin that look at nobody's rights by themselves: its own API, its page chooser."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from wagtail import hooks
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.documents.permissions import permission_policy as document_policy
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.images.permissions import permission_policy as image_policy
from wagtail.models import Page
from wagtail.permissions import page_permission_policy


class OwnPages(PagesAdminAPIViewSet):
    """Pages that the account can come to in the explorer, by the one policy that knows the gates."""

    def get_base_queryset(self) -> QuerySet[Page]:
        return page_permission_policy.explorable_instances(self.request.user)


class OwnImages(ImagesAdminAPIViewSet):
    """Images of the collections the account may choose from."""

    def get_queryset(self) -> QuerySet[Any]:
        mine = image_policy.instances_user_has_any_permission_for(self.request.user, ["choose", "change"])
        return super().get_queryset().filter(pk__in=mine.values("pk"))


class OwnDocuments(DocumentsAdminAPIViewSet):
    def get_queryset(self) -> QuerySet[Any]:
        mine = document_policy.instances_user_has_any_permission_for(self.request.user, ["choose", "change"])
        return super().get_queryset().filter(pk__in=mine.values("pk"))


@hooks.register("construct_admin_api", order=100)  # after Wagtail's own, whose places they take
def own_things_only(router: Any) -> None:
    router.register_endpoint("pages", OwnPages)
    router.register_endpoint("images", OwnImages)
    router.register_endpoint("documents", OwnDocuments)


@hooks.register("construct_page_chooser_queryset")
def published_or_own(pages: QuerySet[Page], request: HttpRequest) -> QuerySet[Page]:
    """Anybody may link to a page that is out; one that is not is chosen by those who may write there."""
    mine = page_permission_policy.explorable_instances(request.user)
    return pages.filter(live=True) | pages.filter(pk__in=mine.values("pk"))


@hooks.register("before_move_page", order=-1)
def move_own_pages_only(request: HttpRequest, page: Page, destination: Page) -> None:
    """Wagtail refuses the move itself; here the question whether to move, too, which would tell the page's name."""
    if not page.permissions_for_user(request.user).can_move_to(destination):
        raise Http404
