"""What is filled in while a draft is edited article by article."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .editing import ARTICLE_MOST, TITLE_MOST, Row, Words, fingerprint
from .models import Article, RuleVersion
from .numbering import chapter_label


class PieceForm(forms.Form):
    """Title, words and chapter of one article; `seen` is the hash of what the writer has before the eyes."""

    title = PlainTextField(label=_("标题"), required=False, max_length=TITLE_MOST)
    text = PlainTextField(
        label=_("内容"), one_line=False, bidi=False, max_length=ARTICLE_MOST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("每一款、每一项另起一行；项写成（一）、（二）。"),
    )  # fmt: skip
    chapter = forms.TypedChoiceField(label=_("放在哪一章"), coerce=int, required=False, empty_value=None)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, version: RuleVersion, row: Row | None = None, **options: Any) -> None:
        if row is not None:
            chapter = row.chapter.number if isinstance(row, Article) else None
            options["initial"] = {
                "title": row.title, "text": row.text, "chapter": chapter, "seen": fingerprint(row.title, row.text),
            }  # fmt: skip
        super().__init__(*args, **options)
        chapters = list(version.chapters.order_by("number"))
        if len(chapters) < 2 or not isinstance(row, Article):
            del self.fields["chapter"]
            return
        field: Any = self.fields["chapter"]
        field.choices = [
            (one.number, f"{chapter_label(one.number)} {one.title}" if one.number else _("不在哪一章里"))
            for one in chapters
        ]

    @property
    def words(self) -> Words:
        data = self.cleaned_data
        return Words(data["title"], data["text"], data.get("chapter"))

    def with_seen(self, seen: str) -> None:
        """From now on the writer has seen the newest: the next save goes over it knowingly."""
        typed: Any = self.data
        changed = typed.copy()
        changed["seen"] = seen
        self.data = changed


class StandardsForm(forms.Form):
    """The figures that a draft advocates."""

    standards = PlainTextField(
        label=_("提倡标准"), one_line=False, required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("一行一个：名目、数、单位，例如“红事桌数 20 桌”。只是提倡，不处罚；在阅读页上列成表。"),
    )  # fmt: skip


class MoveForm(forms.Form):
    to = PlainTextField(max_length=6)


def lineage_in(asked: str) -> uuid.UUID | None:
    """Of an address or a field; None for what is none."""
    try:
        return uuid.UUID(asked)
    except ValueError:
        return None
