"""What must not be on a real site."""

from __future__ import annotations

import os
from pathlib import Path
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


@register(Tags.security)
def keys_apart(app_configs: Any = None, **options: Any) -> list[CheckMessage]:
    """The keys of secret motions lie in two directories that nobody is served from and no backup takes along."""
    found: list[CheckMessage] = []
    keys = [_real(settings.BALLOT_KEYS_DIR), _real(settings.BALLOT_KEYS_COPY_DIR)]
    if keys[0] == keys[1] or keys[0] in keys[1].parents or keys[1] in keys[0].parents:
        found.append(
            Error(
                _("存放票箱钥匙的两个目录要分开，不能是同一个，也不能一个套在另一个里面。"),
                hint=_("请改环境变量 BALLOT_KEYS_DIR 或者 BALLOT_KEYS_COPY_DIR，最好放在两块磁盘上。"),
                id="portal.E002",
            )
        )
    for name in ("MEDIA_ROOT", "STATIC_ROOT", "PRIVATE_ROOT"):
        root = _real(getattr(settings, name))
        if any(root == folder or root in folder.parents for folder in keys):
            found.append(
                Error(
                    _("票箱的钥匙不能放在 %(name)s 里面，那里的文件会被人看到或者被备份带走。") % {"name": name},
                    hint=_("请改环境变量 BALLOT_KEYS_DIR 或者 BALLOT_KEYS_COPY_DIR。"),
                    id="portal.E003",
                )
            )
    return found


def _real(path: Any) -> Path:
    return Path(os.path.realpath(path))
