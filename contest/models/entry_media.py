"""What goes with an entry: photographs with words for those who do not see them, one film, and who speaks for it."""

from __future__ import annotations

import secrets

from django.db import models, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from consultation.models.photos import private_storage
from residents.models import Village, VillageQuerySet

from .entries import Entry

ALT_MOST = 120
WORDS_MOST = 500


def _random(kind: str, ending: str) -> str:
    token = secrets.token_hex(16)
    return f"{kind}/{token[:2]}/{token}.{ending}"


def photo_path(photo: EntryPhoto, name: str) -> str:
    del photo, name
    return _random("entry_photos", "jpg")


def film_path(film: EntryFilm, name: str) -> str:
    del film, name
    return _random("entry_films", "mp4")


class EntryPhoto(models.Model):
    """A picture made anew, and a smaller one for lists."""

    village = models.ForeignKey(Village, models.RESTRICT, related_name="+", verbose_name=_("村（社区）"))
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="photos", verbose_name=_("申报"))
    file = models.FileField(_("照片"), storage=private_storage, upload_to=photo_path)
    small = models.FileField(_("小图"), storage=private_storage, upload_to=photo_path)
    alt = models.CharField(_("照片说明"), max_length=ALT_MOST, blank=True)
    position = models.PositiveSmallIntegerField(_("顺序"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("申报照片")
        verbose_name_plural = _("申报照片")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.alt


class EntryFilm(models.Model):
    """Kept as it was sent, under a random name."""

    village = models.ForeignKey(Village, models.RESTRICT, related_name="+", verbose_name=_("村（社区）"))
    entry = models.OneToOneField(Entry, models.CASCADE, related_name="film", verbose_name=_("申报"))
    file = models.FileField(_("短片"), storage=private_storage, upload_to=film_path)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("申报短片")
        verbose_name_plural = _("申报短片")

    def __str__(self) -> str:
        return str(self.entry)


class Endorsement(models.Model):
    """Somebody who speaks for the entry, with what they are to the village."""

    village = models.ForeignKey(Village, models.RESTRICT, related_name="+", verbose_name=_("村（社区）"))
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="endorsements", verbose_name=_("申报"))
    who = models.CharField(_("推荐人"), max_length=60)
    relation = models.CharField(_("身份"), max_length=60)
    words = models.CharField(_("推荐的话"), max_length=WORDS_MOST)
    position = models.PositiveSmallIntegerField(_("顺序"))

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("推荐语")
        verbose_name_plural = _("推荐语")
        ordering = ("position", "pk")
        constraints = [models.CheckConstraint(condition=~Q(who=""), name="endorsement_has_a_name")]

    def __str__(self) -> str:
        return self.who


@receiver(models.signals.post_delete, sender=EntryPhoto)
@receiver(models.signals.post_delete, sender=EntryFilm)
def _take_files_away(sender: type[models.Model], instance: EntryPhoto | EntryFilm, **more: object) -> None:
    """With the row, once that is committed."""
    files = [instance.file, instance.small] if isinstance(instance, EntryPhoto) else [instance.file]
    names = [(one.storage, str(one.name)) for one in files if one]

    def take_away() -> None:
        for storage, name in names:
            storage.delete(name)

    transaction.on_commit(take_away)
