"""The ground a site stands on: home page, footer pages, settings, the operators' group. Used by setup and demo."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.models import Collection, Page, Site

from consultation.presets import seed_presets
from consultation.topic_categories import seed_topic_categories
from contest.content import seed_templates
from residents.legal_figures import seed_figures
from residents.models import Region, User
from residents.rights import OPERATORS
from villagerules.adopting import seed_adopting_bodies
from villagerules.checking import seed_wordings
from villagerules.clause_library import seed_themes
from villagerules.council import seed_event_kinds

from .editors import give
from .models import HomePage, SiteSettings, StandardPage
from .villages import add_page, region_page


@dataclass(frozen=True)
class SiteFacts:
    """What the first operator is asked for."""

    portal_name: str
    organiser: str = ""
    contact: str = ""
    icp_number: str = ""
    police_number: str = ""


def operators() -> Group:
    """Those who run the site: settings, users, the page tree. No superuser: Wagtail lets one bypass everything."""
    group, created = Group.objects.get_or_create(name=OPERATORS)
    # No rights on groups: who is in which one follows from offices, not from a press in the admin.
    codes = ["change_sitesettings", "add_user", "change_user"]
    law = (
        "lawsource",
        "procedurepreset",
        "legalfigure",
        "topiccategory",
        "riskywording",
        "adoptingbody",
        "clausetheme",
        "eventkind",
        "contesttemplate",
    )
    codes += [f"{verb}_{model}" for verb in ("add", "change") for model in law]
    if group.permissions.filter(codename__in=codes).count() < len(codes):  # new, or of an older program
        group.permissions.set(Permission.objects.filter(codename__in=codes))
    if created:
        # The whole tree down to the villages' gates; a collection of its own, because a collection has no gate.
        collection = Collection.get_first_root_node().add_child(name=OPERATORS)
        give(group, Page.get_first_root_node(), collection, ("add", "change", "publish"))
    return group


def _home_page(title: str) -> HomePage:
    """The portal's home in the place of Wagtail's welcome page."""
    existing = HomePage.objects.first()
    if existing is not None:
        return existing
    root = Page.get_first_root_node()
    Site.objects.all().delete()
    for page in root.get_children():
        page.delete()
    home = add_page(Page.get_first_root_node(), HomePage(title=title, slug="home", welcome=_("村里的事，大家商量着办")))
    host = settings.PUBLIC_URL.split("//")[-1].split("/")[0]
    name, _colon, port = host.partition(":")
    Site.objects.create(
        hostname=name, port=int(port or (443 if settings.PUBLIC_URL.startswith("https") else 80)),
        root_page=home, is_default_site=True, site_name=title,
    )  # fmt: skip
    return HomePage.objects.get()


def _standard_page(slug: str, title: str, paragraphs: list[str]) -> StandardPage:
    existing = StandardPage.objects.filter(slug=slug).first()
    if existing is not None:
        return existing
    body = [("paragraph", f"<p>{text}</p>") for text in paragraphs]
    return add_page(HomePage.objects.get(), StandardPage(title=title, slug=slug, body=body))


def _privacy_words() -> list[str]:
    return [
        _(
            "本门户只收集办理村（居）务必需的信息：姓名、性别、出生日期、所在户和小组，用来确定谁有表决权；"
            "这是村（居）民委员会依法登记的（个人信息保护法第十三条）。不收集身份证号。"
        ),
        _(
            "手机号或者微信由您自己决定是否登记，用来登录、和名册核对您是谁、通知您开会。"
            "手机号加密保存，页面上只显示前三位和后四位；工作人员每查看一次完整号码都会写明用途、留下记录，您在“我的资料”里看得到。"
        ),
        _(
            "名册、会议记录和表决结果是村（社区）档案，依法长期保存；登录用的手机号保存到您注销或者撤回同意为止，"
            "两年没有使用的自动删除；纸上的代码和身份申请办完以后定期删除。"
        ),
        _("公开页面不显示居民姓名。记名表决的姓名只有本村（社区）的人能看到，无记名表决谁也看不到您投了什么。"),
        _(
            "登录以后打开“我的”→“我的资料”，可以看门户里关于您的全部内容、谁看过，可以下载一份、申请更正、撤回同意、注销账号；"
            "也可以请村（居）委会当面办理（个人信息保护法第四十四条至第四十八条）。注销以后，您投过的票仍然计入结果。"
        ),
        _("数据存放在境内，不提供给其他单位；法律要求提供的除外。"),
    ]


def _agreement_words() -> list[str]:
    return [
        _("请用真实身份参加议事。说话对事不对人，不发违法和侵犯他人权益的内容。"),
        _("您在门户里的一票和线下的一票同样有效，每户（每人）每项表决只投一次。"),
        _("门户记录村（居）民会议的决定，不能代替会议本身；公开栏上张贴的内容与门户一致。"),
    ]


def _contact_words() -> list[str]:
    return [
        _(
            "发现内容有错、链接打不开，或者对公开的事项有疑问，请直接联系所在村（社区）的村（居）民委员会，也可以联系主办单位。"
        ),
        _("请写清是哪个页面、哪里不对。工作人员核实后会更正并答复。"),
    ]


@translation.override("zh-hans")
@transaction.atomic
def prepare_site(facts: SiteFacts) -> HomePage:
    """Home page, footer pages, settings, presets, operators' group; what is there already stays as it is."""
    home = _home_page(facts.portal_name)
    site = Site.objects.get(is_default_site=True)
    site_settings, created = SiteSettings.objects.get_or_create(site=site)
    if created:
        site_settings.portal_name = facts.portal_name
        site_settings.organiser, site_settings.contact = facts.organiser, facts.contact
        site_settings.icp_number, site_settings.police_number = facts.icp_number, facts.police_number
    site_settings.privacy_page = site_settings.privacy_page or _standard_page(
        "privacy", _("隐私政策"), _privacy_words()
    )
    site_settings.agreement_page = site_settings.agreement_page or _standard_page(
        "agreement", _("用户协议"), _agreement_words()
    )
    site_settings.contact_page = site_settings.contact_page or _standard_page(
        "contact", _("联系和纠错"), _contact_words()
    )
    site_settings.save()
    seed_presets()
    seed_figures()
    seed_themes()
    seed_topic_categories()
    seed_wordings()
    seed_adopting_bodies()
    seed_event_kinds()
    seed_templates()
    operators()
    return home


@transaction.atomic
def first_operator(*, username: str, display_name: str, password: str) -> User:
    """The account that runs the site; it is no superuser."""
    user = User(username=username, display_name=display_name)
    user.set_password(password)
    user.save()
    user.groups.add(operators())
    return user


@transaction.atomic
def first_county(*, province: str, prefecture: str, county: str, code: str) -> Region:
    """Province, prefecture and county with the county's page. `code` is the county's six digits (GB/T 2260)."""
    levels = (
        (Region.Level.PROVINCE, province, code[:2]),
        (Region.Level.PREFECTURE, prefecture, code[:4]),
        (Region.Level.COUNTY, county, code[:6]),
    )
    region: Region | None = None
    for level, name, part in levels:
        region, _created = Region.objects.get_or_create(
            code=part, defaults={"level": level, "name": name, "parent": region}
        )
    assert region is not None  # noqa: S101  three levels were made
    region_page(region)
    return region
