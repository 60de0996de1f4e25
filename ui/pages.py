"""What every page of the portal shares."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page


class PortalPage(Page):
    """A page with a line for lists and a picture for cards and shares."""

    summary = models.CharField(_("一句话介绍"), max_length=200, blank=True)
    listing_image = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("配图"),
    )

    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("summary"), FieldPanel("listing_image")],
            heading=_("列表与分享"),
        ),
        *Page.promote_panels,
    ]

    class Meta:
        abstract = True
