"""A real site without demo content: first county, first operator, settings and footer pages."""

from __future__ import annotations

import getpass
import re
import sys
from typing import Any

import environ
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consultation.errors import KeyStoreError
from consultation.key_store import prepare_when_new
from home.sites import SiteFacts, first_county, first_operator, prepare_site
from portal import readiness
from residents.models import User, Village

QUESTIONS = (
    ("SITE_PORTAL_NAME", gettext_lazy("门户名称（例如 桐坪县村务协商门户）"), True),
    ("SITE_ORGANISER", gettext_lazy("主办单位"), True),
    ("SITE_CONTACT", gettext_lazy("联系方式（电话或者地址）"), True),
    ("SITE_ICP", gettext_lazy("ICP备案号（还没有就直接回车，以后在后台填）"), False),
    ("SITE_POLICE", gettext_lazy("公安备案号（还没有就直接回车）"), False),
    ("SITE_PROVINCE", gettext_lazy("省（自治区、直辖市）"), True),
    ("SITE_PREFECTURE", gettext_lazy("市（州）"), True),
    ("SITE_COUNTY", gettext_lazy("县（市、区）"), True),
    ("SITE_COUNTY_CODE", gettext_lazy("县（市、区）六位区划代码"), True),
    ("SITE_OPERATOR", gettext_lazy("第一位运营人员的登录名（字母或者数字）"), True),
    ("SITE_OPERATOR_NAME", gettext_lazy("这位运营人员的姓名"), True),
)


class Command(BaseCommand):
    help = _("建一个正式网站：第一个县、第一位运营人员、网站设置和页脚页面。问题也可以用同名环境变量回答。")

    def handle(self, *args: Any, **options: Any) -> None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        self.stdout.write(_("正在准备数据库……"))
        call_command("migrate", interactive=False, verbosity=0)
        readiness.mark_done("migrated", readiness.migrations_stamp())
        if Village.objects.filter(slug="tingquanao", code="439921101201").exists():
            raise CommandError(_("这里装着演示内容。请换一个 DATA_DIR，或者先执行 manage.py demo --remove。"))
        answers = {name: self._ask(name, str(words), needed=needed) for name, words, needed in QUESTIONS}
        if not re.fullmatch(r"[0-9]{6}", answers["SITE_COUNTY_CODE"]):
            raise CommandError(_("区划代码要填六位数字，例如 430481。"))
        if User.objects.filter(username=answers["SITE_OPERATOR"]).exists():
            raise CommandError(_("这个登录名已经有人用了，网站可能已经建好。"))
        password = self._password(answers["SITE_OPERATOR"])
        prepare_site(
            SiteFacts(
                portal_name=answers["SITE_PORTAL_NAME"],
                organiser=answers["SITE_ORGANISER"],
                contact=answers["SITE_CONTACT"],
                icp_number=answers["SITE_ICP"],
                police_number=answers["SITE_POLICE"],
            )
        )
        first_county(
            province=answers["SITE_PROVINCE"],
            prefecture=answers["SITE_PREFECTURE"],
            county=answers["SITE_COUNTY"],
            code=answers["SITE_COUNTY_CODE"],
        )
        self._keys()
        first_operator(username=answers["SITE_OPERATOR"], display_name=answers["SITE_OPERATOR_NAME"], password=password)
        done = _("网站已建好。执行 make serve 启动，后台在 %(url)s 。") % {"url": f"{settings.PUBLIC_URL}/admin/"}
        self.stdout.write(done)

    def _keys(self) -> None:
        try:
            prepare_when_new()
        except KeyStoreError as error:
            raise CommandError(f"{error.message} {error.detail}") from error

    def _ask(self, name: str, words: str, *, needed: bool) -> str:
        answer = environ.Env().str(name, default="")
        while not answer and sys.stdin.isatty():
            answer = input(words + _("：")).strip()
            if not needed:
                break
        if needed and not answer:
            raise CommandError(_("缺少：%(words)s。可以用环境变量 %(name)s 给出。") % {"words": words, "name": name})
        return answer

    def _password(self, username: str) -> str:
        given = environ.Env().str("SITE_OPERATOR_PASSWORD", default="")
        while True:
            password = given or (getpass.getpass(_("密码（至少十位）：")) if sys.stdin.isatty() else "")
            try:
                validate_password(password, User(username=username))
            except ValidationError as error:
                if given or not sys.stdin.isatty():
                    raise CommandError(_("密码不合适：%(reasons)s") % {"reasons": "".join(error.messages)}) from error
                self.stdout.write("".join(error.messages))
            else:
                return password
