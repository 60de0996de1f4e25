"""What is typed and chosen when a paper is laid before a meeting."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ui.fields import PlainTextField

from .document_files import ACCEPTED
from .models.documents import TITLE_MOST


class DocumentForm(forms.Form):
    file = forms.FileField(
        label=_("文件"),
        help_text=_("PDF、Word（.docx）、Excel（.xlsx）或者照片，最多 20 MB。"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    title = PlainTextField(label=_("名称"), max_length=TITLE_MOST, required=False, help_text=_("不填就用文件的名字。"))
    village_only = forms.BooleanField(
        label=_("只给本村（社区）的人看"), required=False, initial=True,
        help_text=_("去掉勾，谁都能看、能下载。里面有个人姓名、电话、困难情况的，不要去掉。"),
    )  # fmt: skip
