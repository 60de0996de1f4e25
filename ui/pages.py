"""What every page of the portal shares."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from .page_gates import GatedPermissionTester


class PortalPage(Page):
    """A page with a line for lists and a picture for cards and shares."""

    # Rights given further up the tree end before a page that is a gate (ui/page_gates.py).
    is_gate = False
    # Made by code with what it belongs to: edited and published as any, never moved, copied or deleted by hand.
    is_fixed = False

    summary = models.CharField(_("一句话介绍"), max_length=200, blank=True)
    listing_image = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("配图"),
    )

    search_fields = [*Page.search_fields, index.SearchField("summary")]
    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("summary"), FieldPanel("listing_image")],
            heading=_("列表与分享"),
        ),
        *Page.promote_panels,
    ]

    class Meta:
        abstract = True

    def permissions_for_user(self, user: Any) -> GatedPermissionTester:
        return GatedPermissionTester(user, self)
