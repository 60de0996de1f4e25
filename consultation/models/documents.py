"""Papers laid before a meeting (会议材料): drafts, budgets, drawings. Never served as plain media."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .meetings import Meeting
from .photos import private_storage

TITLE_MOST = 120


def where(document: MeetingDocument, name: str) -> str:
    """A random name that tells nothing; the ending says what it was found to be."""
    del name
    token = secrets.token_hex(16)
    return f"documents/{token[:2]}/{token}.{document.kind}"


class MeetingDocument(models.Model):
    """One paper of a meeting, numbered within it."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "Word"
        XLSX = "xlsx", "Excel"
        JPG = "jpg", _("图片")

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="documents", verbose_name=_("会议"))
    number = models.PositiveSmallIntegerField(_("编号"))
    title = models.CharField(_("名称"), max_length=TITLE_MOST)
    kind = models.CharField(_("格式"), max_length=4, choices=Kind)
    file = models.FileField(storage=private_storage, upload_to=where)
    size = models.PositiveIntegerField(_("大小"))
    sha256 = models.CharField(max_length=64)
    village_only = models.BooleanField(_("只给本村（社区）的人看"), default=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("上传人")
    )
    uploaded_at = models.DateTimeField(_("上传时间"), db_default=Now())

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("会议材料")
        verbose_name_plural = _("会议材料")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_document_per_number"),
            models.UniqueConstraint(fields=["meeting", "sha256"], name="one_document_per_content"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("consultation:document", args=[self.village.slug, self.meeting.number, self.number])


@receiver(models.signals.post_delete, sender=MeetingDocument)
def _take_the_file_away(sender: type[MeetingDocument], instance: MeetingDocument, **more: object) -> None:
    """With the row, once that is committed: also where a whole village goes, which asks no function of ours."""
    storage, name = instance.file.storage, str(instance.file.name)
    transaction.on_commit(lambda: storage.delete(name))
