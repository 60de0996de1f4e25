"""Photographs that prove something to those concerned: tally sheets, written grants. Never served as plain media."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models, transaction
from django.db.models.functions import Now
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet


def private_storage() -> FileSystemStorage:
    """Files outside of what the web server hands out; a door that judges the right reads them."""
    return FileSystemStorage(location=Path(settings.PRIVATE_ROOT), base_url=None)


def where(photo: Photo, name: str) -> str:
    """A random name that tells nothing; we made the picture, so it is a JPEG."""
    del photo, name
    token = secrets.token_hex(16)
    return f"photos/{token[:2]}/{token}.jpg"


class Photo(models.Model):
    """One picture, made anew from what was sent: no location, no device, nothing hidden behind it."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+")
    file = models.FileField(storage=private_storage, upload_to=where)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("上传人")
    )
    uploaded_at = models.DateTimeField(db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("照片")
        verbose_name_plural = _("照片")

    def __str__(self) -> str:
        return self.sha256[:12]


@receiver(models.signals.post_delete, sender=Photo)
def _take_the_file_away(sender: type[Photo], instance: Photo, **more: object) -> None:
    """With the row, once that is committed: also where a whole village goes, which asks no function of ours."""
    storage, name = instance.file.storage, str(instance.file.name)
    transaction.on_commit(lambda: storage.delete(name))
