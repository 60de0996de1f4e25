"""The library of model clauses: articles in force that their village shares, chosen by theme."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from residents.models import Village, VillageQuerySet

from .documents import RuleVersion, VillageRules


class ClauseTheme(models.Model):
    """What clauses are about; the county's list."""

    slug = models.SlugField(_("代号"), max_length=40, unique=True)
    name = models.CharField(_("主题"), max_length=30)
    order = models.PositiveSmallIntegerField(_("排第几"), default=100)
    source = models.CharField(_("依据"), max_length=200)
    verified = models.BooleanField(_("依据已核对"), default=False)
    used = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("范文条款主题")
        verbose_name_plural = _("范文条款主题")
        ordering = ("order", "slug")

    def __str__(self) -> str:
        return self.name


class ModelClause(models.Model):
    """An article that others may take as an example, by its lineage: its words are those in force on the day.

    It is shown only while its document is shared and in force.
    """

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    rules = models.ForeignKey(VillageRules, models.CASCADE, related_name="model_clauses", verbose_name=_("村规文件"))
    lineage = models.UUIDField(unique=True)
    themes = models.ManyToManyField(ClauseTheme, related_name="clauses", verbose_name=_("主题"))
    # Villages whose article in force is nearly the same, its own among them; counted when it is chosen and each night.
    village_count = models.PositiveIntegerField(_("几个村（社区）在用"), default=0)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("范文条款")
        verbose_name_plural = _("范文条款")
        ordering = ("-village_count", "pk")

    def __str__(self) -> str:
        return f"{self.rules} {self.lineage}"


class ClauseOrigin(models.Model):
    """Where an article of a draft was taken from; the names stay when the clause is no longer shared."""

    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("村（社区）"))
    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="origins", verbose_name=_("版本"))
    lineage = models.UUIDField(default=uuid.uuid4)  # of the new article
    clause = models.ForeignKey(ModelClause, models.SET_NULL, null=True, blank=True, related_name="+")
    from_village = models.CharField(_("哪个村（社区）"), max_length=60)
    from_title = models.CharField(_("哪份村规"), max_length=120)
    from_place = models.CharField(_("哪一条"), max_length=60)

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("条款来源")
        verbose_name_plural = _("条款来源")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.from_village} {self.from_title} {self.from_place}"
