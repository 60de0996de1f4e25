"""What the operator of a site fills in once: names, filing numbers, contacts, the pages every footer links to."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    """Footer and identity of the portal. Nothing of it is hard-coded (ICP and public-security filing, 找错)."""

    portal_name = models.CharField(
        _("门户名称"),
        max_length=60,
        default="村务协商门户",  # untranslated: a name, which the operator types over
    )
    organiser = models.CharField(_("主办单位"), max_length=120, blank=True)
    contact = models.CharField(
        _("联系方式"),
        max_length=120,
        blank=True,
        help_text=_("电话或者办公地点，显示在页脚。"),
    )
    icp_number = models.CharField(_("ICP备案号"), max_length=60, blank=True)
    police_number = models.CharField(_("公安备案号"), max_length=60, blank=True)
    correction_url = models.URLField(_("找错（纠错）网址"), blank=True, help_text=_("不填则链接到下面的联系页。"))
    privacy_page = models.ForeignKey(
        "wagtailcore.Page",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("隐私政策页"),
    )
    agreement_page = models.ForeignKey(
        "wagtailcore.Page",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("用户协议页"),
    )
    contact_page = models.ForeignKey(
        "wagtailcore.Page",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("联系与纠错页"),
    )

    panels = [
        MultiFieldPanel(
            [FieldPanel("portal_name"), FieldPanel("organiser"), FieldPanel("contact")],
            heading=_("名称与联系"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("icp_number"),
                FieldPanel("police_number"),
                FieldPanel("correction_url"),
            ],
            heading=_("备案与纠错"),
        ),
        MultiFieldPanel(
            [
                PageChooserPanel("privacy_page"),
                PageChooserPanel("agreement_page"),
                PageChooserPanel("contact_page"),
            ],
            heading=_("页脚页面"),
        ),
    ]

    class Meta:
        verbose_name = _("网站设置")
