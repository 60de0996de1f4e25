"""What was said and asked in a meeting, in words for the draft of its minutes."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from .models import AgendaItem, FloorQuestion, Meeting, Speech


def heard_in_words(meeting: Meeting, *, room: int) -> str:
    """Speeches that were summed up and questions that were answered, item by item: "who: what".

    When all of it is longer than `room` characters nothing is cut: a sentence says where to read it instead.
    """
    parts = []
    for item in (None, *meeting.agenda.all()):
        lines = [*_speeches(meeting, item), *_questions(meeting, item)]
        if lines:
            parts.append("\n".join([_title(item), *lines]))
    words = "\n\n".join(parts)
    if len(words) > room:
        return _(
            "（发言和提问的记录太长，没有放进草稿，一个字也没有删。"
            "请打开主持台的“发言记录”和“会上的提问”，把要点写在这里。）"
        )
    return words


def _title(item: AgendaItem | None) -> str:
    return f"{item.number}. {item.title}" if item is not None else _("议程开始以前")


def _who(said: Speech | FloorQuestion) -> str:
    return said.entry.name if said.entry is not None else _("%(name)s（来宾）") % {"name": said.guest}


def _speeches(meeting: Meeting, item: AgendaItem | None) -> Iterator[str]:
    spoken = meeting.speeches.spoken().filter(item=item).exclude(summary="").select_related("entry")
    for one in spoken.order_by("started_at", "number"):
        yield _("%(who)s：%(what)s") % {"who": _who(one), "what": one.summary}


def _questions(meeting: Meeting, item: AgendaItem | None) -> Iterator[str]:
    answered = (FloorQuestion.State.ANSWERED, FloorQuestion.State.ORAL)
    for one in meeting.questions.filter(item=item, state__in=answered).select_related("entry"):
        yield _("%(who)s问：%(what)s") % {"who": _who(one), "what": one.text}
        yield _("答：%(what)s") % {"what": one.answer} if one.answer else _("（当场口头答复）")
