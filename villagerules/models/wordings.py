"""The county's list of wordings that rules had better not use."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from villagerules.wording import Wording

ONE_A_LINE = _("一行一个。中间隔几个字的，用“…”代替，例如：罚…元。")


class RiskyWording(models.Model):
    """One line: what is looked for, why it is risky, by what law. A hit is shown to people and decides nothing."""

    class Severity(models.TextChoices):
        BLOCK = "block", _("一般不能写")
        ASK = "ask", _("请再想一想")

    code = models.SlugField(_("代号"), max_length=60, unique=True)
    severity = models.CharField(_("轻重"), max_length=8, choices=Severity)
    words = models.TextField(_("出现这些说法就提示"), max_length=2000, help_text=ONE_A_LINE)
    beside = models.TextField(
        _("同一句里还要有"), max_length=2000, blank=True, help_text=_("一行一个，有一个就算。空着就不看。")
    )
    unless = models.TextField(
        _("同一句里有这些就不提示"), max_length=2000, blank=True, help_text=_("一行一个，有一个就不提示。")
    )
    reason = models.CharField(_("为什么"), max_length=200)
    source = models.CharField(_("依据"), max_length=200)
    verified = models.BooleanField(_("依据已核对"), default=False)
    used = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("村规审查用语")
        verbose_name_plural = _("村规审查用语")
        ordering = ("-severity", "code")  # block before ask, by the alphabet

    def __str__(self) -> str:
        return self.reason

    def clean(self) -> None:
        for name in ("words", "beside", "unless"):
            if any(not line.strip("…") for line in lines_of(getattr(self, name))):
                raise ValidationError({name: _("“…”不能单独成行，请写上前后的字。")})

    @property
    def wording(self) -> Wording:
        """As the checker takes it."""
        return Wording(
            code=self.code, severity=self.severity, words=lines_of(self.words), reason=self.reason,
            source=self.source, beside=lines_of(self.beside), unless=lines_of(self.unless),
        )  # fmt: skip


def lines_of(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
