"""What must not be on a real site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError
from django.utils.translation import gettext as _


@register(Tags.database)
def no_superuser(app_configs: Any = None, databases: Any = None, **options: Any) -> list[CheckMessage]:
    """Wagtail lets a superuser bypass every right, so outside development there is none (operators are a group)."""
    if settings.DEVELOPMENT or not databases:
        return []
    try:
        found = get_user_model().objects.filter(is_superuser=True).exists()
    except DatabaseError:  # before the first migration
        return []
    if not found:
        return []
    return [
        Error(
            _("正式网站不能有超级用户账号。"),
            hint=_("请取消这些账号的超级用户身份，把运营人员加入“运营人员”组。"),
            id="portal.E001",
        )
    ]
