"""Topics: the village's list, one of them, raising, seconding, taking back, withdrawing, answering."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consultation import topic_reads
from consultation import topics as rules
from consultation.errors import MeetingError, NotAllowed, PhotoRefused
from consultation.models import Recording, Seconding, Topic
from consultation.official.referral import may_be_written
from consultation.pictures import token_of
from consultation.topic_forms import AnswerForm, TopicForm, WordsForm
from consultation.topic_meetings import treated
from residents.models import Household, Resident, Village
from residents.rights import Act, Letter, granting, letters_of
from residents.step_up import ask
from residents.views.doors import village_door
from residents.views.roll_doors import trail
from ui.answers import STATUS, refuse
from ui.limits import too_many_uploads, too_often

from .doors import refused_back
from .places import inside_of, may_do, place_of

ROWS = 20
TOPICS_A_DAY = 5
SECONDS_A_MINUTE = 30


def _list_trail(village: Village) -> list[tuple[str, str]]:
    return trail(village, (_("议题"), reverse("consultation:topics", args=[village.slug])))


def _find(village: Village, number: int) -> Topic:
    found = Topic.objects.of(village).select_related(
        "village__region", "category", "raised_by__household__group", "merged_into__village", "answered_by"
    )
    return get_object_or_404(found, number=number)


@never_cache
@require_safe
def topics(request: HttpRequest, village: str) -> HttpResponse:
    """Open ones for the village, answered ones for everybody; how many are open and overdue is no secret."""
    place, letters = place_of(request, village)
    inside = inside_of(letters)
    today = place.local_date(timezone.now())
    mine = Topic.objects.of(place)
    answered_only = not inside or request.GET.get("show") == "answered"
    shown = mine.answered().order_by("-ended_at", "-number") if answered_only else topic_reads.by_urgency(mine.open())
    page = Paginator(shown.select_related("village", "category"), ROWS).get_page(request.GET.get("page"))
    counts = topic_reads.counts_of(page.object_list, on=today)
    context = {
        "village": place,
        "trail": trail(place),
        "inside": inside,
        "answered_only": answered_only,
        "page": page,
        "query": "show=answered" if inside and answered_only else "",
        "rows": [
            {"topic": topic, "count": counts.get(topic.pk, 0), "overdue": topic.is_overdue(today)} for topic in page
        ],
        "open_count": mine.open().count(),
        "overdue_count": mine.overdue(today).count(),
        "may_raise": may_do(letters, Act.JOIN_MEETING) and place.merged_into_id is None,
    }
    return render(request, "consultation/topics/topics.html", context)


@never_cache
@require_safe
def topic(request: HttpRequest, village: str, number: int) -> HttpResponse:
    """One topic: for the village all of it, for everybody else what was published of it."""
    place, letters = place_of(request, village)
    found = _find(place, number)
    if not inside_of(letters) and not found.is_answered:
        raise Http404
    return render(request, "consultation/topics/topic.html", _told(request, found, letters))


def _told(request: HttpRequest, found: Topic, letters: frozenset[Letter]) -> dict[str, Any]:
    today = found.village.local_date(timezone.now())
    inside = inside_of(letters)
    answers = may_do(letters, Act.ANSWER_TOPIC)
    writes = may_do(letters, Act.WRITE_DOWN)
    own = inside and request.user.is_authenticated and topic_reads.raised_by(found, request.user)
    knows = answers or own or Letter.SUPERVISOR in letters
    count = topic_reads.seconds_count(found, on=today)
    merged = Topic.objects.of(found.village).filter(merged_into=found).select_related("village").order_by("number")
    return {
        "village": found.village,
        "trail": _list_trail(found.village),
        "topic": found,
        "title": found.title if inside else found.published_title,
        "inside": inside,
        "author": found.raised_by.name if inside and (found.show_name or knows) else "",
        "name_hidden": inside and knows and not found.show_name,
        "own": own,
        "count": count,
        "missing": max(0, found.seconds_needed - count),
        "overdue": found.is_overdue(today),
        "photos": [token_of(photo) for photo in found.photos.order_by("pk")] if inside else [],
        "recording": Recording.objects.of(found.village).filter(topic=found).first() if inside else None,
        "hears": own,  # officers on the pages that ask for their second factor
        "may_write": writes and found.is_open,
        "homes": _homes(request, found) if inside and found.is_open and may_do(letters, Act.JOIN_MEETING) else [],
        "merged": merged if inside else [],
        "may_answer": answers and found.is_open,
        "meetings": treated(found, inside=inside, on=today),
        "may_call": found.state in Topic.ON_AGENDA and may_do(letters, Act.CALL_MEETING),
        "letter_url": f"{found.get_absolute_url()}letter.docx" if answers and may_be_written(found) else "",
    }


def _homes(request: HttpRequest, found: Topic) -> list[dict[str, Any]]:
    """Each household of the account: who of it seconded, or the button to."""
    today = found.village.local_date(timezone.now())
    homes = topic_reads.households_of(request.user, found.village, on=today)
    standing = Seconding.objects.of(found.village).filter(topic=found).standing(today).select_related("resident")
    seconded = {one.household_id: one for one in standing.filter(household__in=[home for home, _who in homes])}
    return [
        {
            "home": home,
            "person": person,
            "seconding": seconded.get(home.pk),
            "raised_it": home.pk == found.raised_by.household_id,
        }
        for home, person in homes
    ]


def _people(request: HttpRequest, village: Village) -> list[Resident]:
    """For whom the account may raise something: itself first."""
    today = village.local_date(timezone.now())
    people = [person for _home, person in topic_reads.households_of(request.user, village, on=today)]
    if not people:
        raise NotAllowed(_("要先和名册上的人对上，才能提议题、附议。请到“我的”里说一声您是谁。"))
    return people


@village_door("GET", "POST", act=Act.JOIN_MEETING)
@never_cache
def new(request: HttpRequest, village: Village) -> HttpResponse:
    """Raise a topic; what is refused stays in the form, but for the photos."""
    back = reverse("consultation:topics", args=[village.slug])
    try:
        people = _people(request, village)
    except MeetingError as error:
        return refuse(request, error.code, str(error.message), back=back)
    form = TopicForm(request.POST or None, request.FILES or None, village=village, people=people)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            key = f"topic:{request.user.pk}"
            if too_often(key, limit=TOPICS_A_DAY, seconds=86_400) or (
                request.FILES and too_many_uploads(request.user.pk)
            ):
                return refuse(
                    request, "slow_down", _("今天提得够多了，请明天再提。"), back=back, retry_after=3600
                )  # fmt: skip
            data = form.cleaned_data
            try:
                made = rules.raise_topic(
                    village=village, person=form.person(), title=data["title"], text=data["text"],
                    category=data["category"], show_name=not data["hide_name"], photos=data["photos"],
                    voice=data["voice"], by=request.user,
                )  # fmt: skip
            except MeetingError as error:
                field = "photos" if isinstance(error, PhotoRefused) else error.field
                form.add_error(field if field in form.fields else None, str(error.message))
                status = STATUS[error.code]
            else:
                messages.success(request, _("提好了。请左邻右舍也来附议，附议够了就要答复。"))
                return HttpResponseRedirect(made.get_absolute_url(), status=303)
    context = {"village": village, "trail": _list_trail(village), "form": form}
    return render(request, "consultation/topics/new.html", context, status=status)


def _household_act(
    request: HttpRequest, village: Village, number: int, act: Callable[[Topic, Household, Resident], None]
) -> HttpResponse:
    """Do it for the household whose number was sent; with a single one there is nothing to choose."""
    found = _find(village, number)
    today = village.local_date(timezone.now())
    try:
        if too_often(f"second:{request.user.pk}", limit=SECONDS_A_MINUTE, seconds=60):
            return refuse(
                request, "slow_down", _("按得太快了，请过一分钟再试。"), back=found.get_absolute_url(), retry_after=60
            )  # fmt: skip
        homes = topic_reads.households_of(request.user, village, on=today)
        sent = request.POST.get("household", "")
        chosen = [pair for pair in homes if str(pair[0].number) == sent] if sent or len(homes) > 1 else homes
        if not chosen:
            raise NotAllowed(_("您不能替这一户附议。请到“我的”里看看您替谁办事。"))
        act(found, *chosen[0])
    except MeetingError as error:
        return refused_back(request, error, found.get_absolute_url())
    return HttpResponseRedirect(found.get_absolute_url(), status=303)


@village_door("POST", act=Act.JOIN_MEETING)
def second(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    def act(found: Topic, home: Household, person: Resident) -> None:
        new = rules.second(found, person=person, by=request.user)
        said = _("%(name)s（%(home)s）附议了。") if new else _("%(name)s这一户（%(home)s）已经附议过了，一户只算一次。")
        messages.success(request, said % {"home": home, "name": person.name})

    return _household_act(request, village, number, act)


@village_door("POST", act=Act.JOIN_MEETING)
def take_back(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    def act(found: Topic, home: Household, person: Resident) -> None:
        rules.take_back_second(found, person=person, by=request.user)
        messages.success(request, _("%(name)s这一户（%(home)s）的附议撤回了。") % {"home": home, "name": person.name})

    return _household_act(request, village, number, act)


@village_door("POST", act=Act.JOIN_MEETING)
def withdraw(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """Whoever raised it takes it back."""
    found = _find(village, number)
    try:
        rules.withdraw(found, by=request.user)
    except MeetingError as error:
        return refused_back(request, error, found.get_absolute_url())
    messages.success(request, _("议题撤回了。"))
    return HttpResponseRedirect(found.get_absolute_url(), status=303)


@village_door("GET", "POST", act=Act.ANSWER_TOPIC, step_up=True)
@never_cache
def answer(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The committee's answer; what is refused stays in the form."""
    found = _find(village, number)
    if not found.is_open:
        messages.info(request, _("这件议题已经有结果了。"))
        return HttpResponseRedirect(found.get_absolute_url(), status=303)
    form = AnswerForm(request.POST or None, topic=found)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                rules.answer(found, form.answer(), by=request.user)
            except MeetingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                status = STATUS[error.code]
            else:
                messages.success(request, _("答复公布了。"))
                return HttpResponseRedirect(found.get_absolute_url(), status=303)
    told = _told(request, found, letters_of(request.user, village))
    context = told | {
        "trail": [*_list_trail(village), (found.title, found.get_absolute_url())],
        "form": form,
        "hears": True,
    }
    return render(request, "consultation/topics/answer.html", context, status=status)


@village_door("GET")
@never_cache
def recording(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """What was said: for who said it, and for those who write it down or answer, after their second factor."""
    found = _find(village, number)
    if not topic_reads.raised_by(found, request.user):
        letters = letters_of(request.user, village)
        if not may_do(letters, Act.WRITE_DOWN):
            return refuse(request, "forbidden", _("只有提出人、记录员和要答复的委员听得到语音。"))
        asked = ask(request, granting(letters, Act.WRITE_DOWN))
        if asked is not None:
            return asked
    kept = _recording_of(found)
    try:
        with kept.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    return _sound(request, content, str(Recording.Kind(kept.kind).label))


def _recording_of(found: Topic) -> Recording:
    return get_object_or_404(Recording.objects.of(found.village), topic=found)


def _sound(request: HttpRequest, content: bytes, kind: str) -> HttpResponse:
    """The whole, or the part that was asked for: iPhones play nothing that does not come in parts."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
    }
    wanted = re.fullmatch(r"bytes=(\d{1,9})-(\d{0,9})", request.headers.get("Range", ""))
    start, last = (int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)) if wanted else (0, -1)
    if last < start:
        return HttpResponse(content, content_type=kind, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{last}/{len(content)}"
    return HttpResponse(content[start : last + 1], status=206, content_type=kind, headers=headers)


@village_door("GET", "POST", act=Act.WRITE_DOWN)
@never_cache
def write_down(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The recorder types what was said."""
    found = _find(village, number)
    _recording_of(found)
    form = WordsForm(request.POST or None, topic=found)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                rules.write_down(found, words=data["words"], title=data.get("title", ""), by=request.user)
            except MeetingError as error:
                return refused_back(request, error, found.get_absolute_url())
            messages.success(request, _("写下来了。"))
            return HttpResponseRedirect(found.get_absolute_url(), status=303)
    told = _told(request, found, letters_of(request.user, village))
    context = told | {
        "trail": [*_list_trail(village), (found.title, found.get_absolute_url())],
        "form": form,
        "hears": True,
    }
    return render(request, "consultation/topics/write_down.html", context, status=status)
