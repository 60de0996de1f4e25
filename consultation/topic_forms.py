"""What people type into a topic: raising one, answering one. Shapes and limits, no rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from residents.models import Resident, Village
from ui.fields import PlainTextField

from .models import Topic, TopicCategory
from .models.topics import REASON_MOST, TEXT_MOST, TITLE_MOST
from .recordings import LONGEST_SECONDS
from .topic_reads import may_be_merged_into
from .topics import PHOTOS_MOST, UNTITLED, Answer, destinations


class CategoryField(forms.ModelChoiceField):
    """The categories of this kind of place; of a reserved one it says at once who decides."""

    def __init__(self, village: Village, **options: Any) -> None:
        categories = TopicCategory.objects.for_kind(village.kind)
        super().__init__(queryset=categories, to_field_name="key", empty_label=_("请选择"), **options)

    def label_from_instance(self, obj: TopicCategory) -> str:
        if not obj.reserved_for:
            return obj.label
        return str(_("%(label)s（由%(body)s定）") % {"label": obj.label, "body": obj.get_reserved_for_display()})


class PhotosInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class VoiceInput(forms.FileInput):
    """A file of the phone's own recorder; the page's script puts a recorder of its own in front of it."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        words = {
            "data-record": _("按这里录音"),
            "data-stop": _("说完了，停"),
            "data-again": _("重新录"),
            "data-done": _("录好了"),
            "data-refused": _("用不了话筒，请用下面的按钮选一段录音。"),
            "data-seconds": LONGEST_SECONDS,
        }
        return super().get_context(name, value, words | (attrs or {}))


class PhotosField(forms.FileField):
    """Several files at once; what they are is looked at when they are taken in."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        sent = data if isinstance(data, list | tuple) else [data]
        return [super(PhotosField, self).clean(one, initial) for one in sent if one]


class TopicForm(forms.Form):
    """Raising a topic, in the order people think of it."""

    title = PlainTextField(
        label=_("什么事"), max_length=TITLE_MOST, help_text=_("一句话说清楚，例如：三组井边的路灯坏了。")
    )
    text = PlainTextField(
        label=_("说明白一点"), one_line=False, max_length=TEXT_MOST,
        help_text=_("在哪里、多久了、影响哪些人、您觉得怎么办好。"),
    )  # fmt: skip
    voice = forms.FileField(
        label=_("不想打字，就说"), required=False,
        help_text=_("最多 3 分钟。只有您、记录员和要答复的委员听得到，记录员会把您说的写下来；上面两项就可以不填。"),
        widget=VoiceInput(attrs={"accept": "audio/*", "capture": True}),
    )  # fmt: skip
    category = forms.ChoiceField()
    photos = PhotosField(
        label=_("照片"), required=False,
        help_text=_("最多 4 张，jpg、png 或者 webp。照片里的地点、手机型号会去掉。不要拍到别人的脸。"),
        widget=PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": True}),
    )  # fmt: skip
    hide_name = forms.BooleanField(
        label=_("不在村里显示我的姓名"), required=False,
        help_text=_("要答复的委员和监督委员会仍然看得到是谁提的。"),
    )  # fmt: skip

    def __init__(self, *arguments: Any, village: Village, people: Sequence[Resident], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.people = {person.ref: person for person in people}
        if self.files and self.files.get("voice"):
            self.fields["title"].required = self.fields["text"].required = False
        self.fields["category"] = CategoryField(
            village, label=_("哪一类"),
            help_text=_("有些事法律规定由村（居）民会议、业主或者政府定：可以提，提了会转给它们。"),
        )  # fmt: skip
        if len(people) > 1:
            self.fields["person"] = forms.ChoiceField(
                label=_("谁提的"), choices=[(person.ref, person.name) for person in people]
            )

    def person(self) -> Resident:
        ref = self.cleaned_data.get("person")
        return self.people[ref] if ref else next(iter(self.people.values()))

    def clean_photos(self) -> list[UploadedFile]:
        photos = self.cleaned_data["photos"]
        if len(photos) > PHOTOS_MOST:
            raise forms.ValidationError(_("照片最多 %(most)s 张。") % {"most": PHOTOS_MOST})
        return photos


class WordsForm(forms.Form):
    """What somebody heard in a recording, and a title for a topic that came without one."""

    title = PlainTextField(label=_("什么事"), max_length=TITLE_MOST, help_text=_("一句话说清楚。"))
    words = PlainTextField(
        label=_("说了什么"), one_line=False, max_length=TEXT_MOST, help_text=_("照原话写，听不清的地方写“听不清”。")
    )

    def __init__(self, *arguments: Any, topic: Topic, **options: Any) -> None:
        super().__init__(*arguments, initial={"words": topic.recording.words}, **options)
        if topic.title != UNTITLED:
            del self.fields["title"]


# In the committee's words: what happens next.
ANSWERS = {
    Topic.State.ACCEPTED: _("列为议题，安排协商或者开会"),
    Topic.State.RESOLVED_DIRECTLY: _("直接解决，不用开会"),
    Topic.State.REDIRECTED: _("转给别处办"),
    Topic.State.MERGED: _("并入别的议题"),
    Topic.State.REJECTED: _("不列为议题"),
    Topic.State.REFERRED: _("转给有权定的会议或者机关（类别要改成由它们定的）"),
}


class AnswerForm(forms.Form):
    """The committee's answer; whoever comes by reads its title and its reason."""

    state = forms.ChoiceField(label=_("怎么答复"), widget=forms.RadioSelect)
    sent_to = forms.ChoiceField(label=_("转给谁"), required=False, help_text=_("选“转给别处办”才填。"))
    into = forms.ModelChoiceField(
        label=_("并入哪一件"), queryset=None, to_field_name="number", required=False, empty_label=_("不并入"),
        help_text=_("选“并入别的议题”才填。这一件的附议会一起算过去。"),
    )  # fmt: skip
    reason = PlainTextField(
        label=_("答复和理由"), one_line=False, max_length=REASON_MOST,
        help_text=_("会公布，谁都看得到。写清楚为什么、谁去办、什么时候办好；不要写住户的姓名、电话。"),
    )  # fmt: skip
    published_title = PlainTextField(
        label=_("公布时用的题目"), max_length=TITLE_MOST,
        help_text=_("没有登录的人也看得到。原来的题目里有谁的名字，请在这里去掉。"),
    )  # fmt: skip
    category = forms.ChoiceField()

    def __init__(self, *arguments: Any, topic: Topic, **options: Any) -> None:
        first = {"published_title": topic.title, "category": topic.category.key}
        super().__init__(*arguments, initial=first, **options)
        self.topic = topic
        if topic.reserved_for:
            named = _("转给%(body)s定") % {"body": topic.get_reserved_for_display()}
            self.fields["state"].choices = [(Topic.State.REFERRED, named)]
            self.initial["state"] = Topic.State.REFERRED
            del self.fields["sent_to"], self.fields["into"], self.fields["category"]
        else:
            self.fields["state"].choices = list(ANSWERS.items())
            self.fields["sent_to"].choices = [("", _("请选择")), *destinations(topic.village).items()]
            self.fields["into"].queryset = may_be_merged_into(topic)
            self.fields["category"] = CategoryField(
                topic.village, label=_("类别"), help_text=_("选错了可以改。改成由别的会议或者机关定的，就只能转给它。")
            )

    def answer(self) -> Answer:
        data = self.cleaned_data
        return Answer(
            state=Topic.State(data["state"]),
            reason=data["reason"],
            published_title=data["published_title"],
            sent_to=data.get("sent_to", ""),
            into=data.get("into"),
            category=data.get("category"),
        )
