"""Suggestions to amend: everybody reads what is suggested about and how many second it, the village the words too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consultation.views.places import inside_of, may_do, place_of
from residents.legal_figures import figures_for
from residents.models import Household, Resident, Village
from residents.rights import Act
from residents.views.doors import village_door
from ui.answers import refuse
from ui.limits import too_often
from villagerules import carrying_forms as forms
from villagerules import suggestions as suggesting
from villagerules.models import RuleSuggestion, VillageRules

from .carrying_doors import Refusal, blank, carry_out, homes_of, told_back
from .doors import back_to, trail

ROWS = 20
SUGGESTIONS_A_DAY = 5
SECONDS_A_MINUTE = 30


def _document(village: Village, slug: str) -> VillageRules:
    return get_object_or_404(VillageRules.objects.of(village).select_related("village"), slug=slug)


def _page_of(document: VillageRules) -> list[tuple[str, str]]:
    page = getattr(document, "page", None)
    return trail(document.village, *([(document.title, page.url)] if page is not None else []))


@never_cache
@require_safe
def suggestions(request: HttpRequest, village: str, rules: str) -> HttpResponse:
    """Those about one document, the open ones first; the public counter."""
    place, letters = place_of(request, village)
    document = _document(place, rules)
    if not document.versions.public().exists():
        raise Http404
    today = place.local_date(timezone.now())
    shown = RuleSuggestion.objects.of(place).filter(rules=document).select_related("village", "rules")
    page = Paginator(shown.order_by("-state", "-number"), ROWS).get_page(request.GET.get("page"))
    figures = figures_for(place.kind, on=today)
    context = {
        "village": place,
        "rules": document,
        "trail": _page_of(document),
        "inside": inside_of(letters),
        "page": page,
        "rows": [_row(one, today) for one in page],
        "needed": figures.get("suggestion_seconds"),
        "answered": figures.get("suggestion_answered"),
        "in_force": document.version_in_force(today),
        "may_suggest": bool(homes_of(request, place)),
    }
    return render(request, "villagerules/carrying/suggestions.html", context)


def _row(one: RuleSuggestion, today: Any) -> dict[str, Any]:
    return {"suggestion": one, "count": suggesting.seconds_count(one, on=today), "overdue": one.is_overdue(today)}


@village_door("GET", "POST", act=Act.JOIN_MEETING)
@never_cache
def new(request: HttpRequest, village: Village, rules: str) -> HttpResponse:
    """Suggest a change of what is in force."""
    document = _document(village, rules)
    today = village.local_date(timezone.now())
    version = document.version_in_force(today)
    back = reverse("villagerules:suggestions", args=[village.slug, document.slug])
    people = [person for _home, person in homes_of(request, village)]
    if not people:
        return refuse(
            request, "forbidden", _("要先和名册上的人对上，才能提议修订。请到“我的”里说一声您是谁。"), back=back
        )
    if version is None:
        return refuse(request, "wrong_state", _("这份村规现在没有施行的版本，不能提议修订。"), back=back)
    form = forms.SuggestionForm(request.POST or None, version=version, people=people)
    form.initial.setdefault("lineage", request.GET.get("article", ""))

    def page(bound: Any, status: int) -> HttpResponse:
        way = [*_page_of(document), (_("提议修订"), back)]
        context = {"village": village, "rules": document, "form": bound, "trail": way}
        return render(request, "villagerules/carrying/new_suggestion.html", context, status=status)

    if request.method != "POST":
        return page(form, 200)
    if too_often(f"suggestion:{request.user.pk}", limit=SUGGESTIONS_A_DAY, seconds=86_400):
        return refuse(request, "slow_down", _("今天提得够多了，请明天再提。"), back=back, retry_after=3600)

    def do() -> None:
        asked = form.cleaned_data
        suggesting.suggest(
            rules=document, person=form.person(), text=asked["text"], reason=asked["reason"],
            lineage=asked["lineage"], by=request.user,
        )  # fmt: skip

    done = _("提好了。请左邻右舍也来附议，附议够了，委员会就要答复。")
    return carry_out(request, form, do, done=done, back=back, page=page)


def _find(village: Village, number: int) -> RuleSuggestion:
    known = RuleSuggestion.objects.of(village).select_related(
        "village", "rules__village", "rules__page", "version__village", "version__rules", "raised_by",
        "taken_into__village", "taken_into__rules", "opinion",
    )  # fmt: skip
    return get_object_or_404(known, number=number)


@never_cache
@require_safe
def one(request: HttpRequest, village: str, number: int) -> HttpResponse:
    """One suggestion: the words for the village, the counter and the answer for everybody."""
    place, _letters = place_of(request, village)
    return _page(request, _find(place, number))


def _page(request: HttpRequest, found: RuleSuggestion, form: Any = None, *, status: int = 200) -> HttpResponse:
    place, letters = place_of(request, found.village.slug)
    today = place.local_date(timezone.now())
    inside = inside_of(letters)
    count = suggesting.seconds_count(found, on=today)
    answers = may_do(letters, Act.DRAFT_RULES) and found.is_open
    own = inside and request.user.is_authenticated and suggesting.put_forward_by(found, request.user)
    context = {
        "village": place,
        "suggestion": found,
        "trail": [
            *_page_of(found.rules),
            (_("提议修订"), reverse("villagerules:suggestions", args=[place.slug, found.rules.slug])),
        ],
        "inside": inside,
        "count": count,
        "missing": max(0, found.seconds_needed - count),
        "overdue": found.is_overdue(today),
        "own": own,
        "homes": _homes(request, found) if inside and found.is_open else [],
        "answers": answers,
        "form": form or blank(forms.SuggestionAnswerForm),
        "under_way": suggesting.under_way(found.rules) if answers else None,
    }
    return render(request, "villagerules/carrying/suggestion.html", context, status=status)


def _homes(request: HttpRequest, found: RuleSuggestion) -> list[dict[str, Any]]:
    """Each household of the account: who of it seconded, or the button to."""
    today = found.village.local_date(timezone.now())
    standing = suggesting.seconds_of(found).standing(today).select_related("resident")
    seconded = {line.household_id: line for line in standing}
    return [
        {
            "home": home,
            "person": person,
            "seconding": seconded.get(home.pk),
            "raised_it": home.pk == found.raised_by.household_id,
        }
        for home, person in homes_of(request, found.village)
    ]


def _for_household(
    request: HttpRequest, village: Village, number: int, act: Callable[[RuleSuggestion, Household, Resident], None]
) -> HttpResponse:
    """Do it for the household whose number was sent; with a single one there is nothing to choose."""
    found = _find(village, number)
    back = found.get_absolute_url()
    if too_often(f"second:{request.user.pk}", limit=SECONDS_A_MINUTE, seconds=60):
        return refuse(request, "slow_down", _("按得太快了，请过一分钟再试。"), back=back, retry_after=60)
    homes = homes_of(request, village)
    sent = request.POST.get("household", "")
    chosen = [pair for pair in homes if str(pair[0].number) == sent] if sent or len(homes) > 1 else homes
    if not chosen:
        return refuse(request, "forbidden", _("您不能替这一户附议。请到“我的”里看看您替谁办事。"), back=back)
    try:
        act(found, *chosen[0])
    except Refusal as error:
        return told_back(request, error, back)
    return back_to(back)


@village_door("POST", act=Act.JOIN_MEETING)
def second(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    def act(found: RuleSuggestion, home: Household, person: Resident) -> None:
        said = _("%(name)s（%(home)s）附议了。")
        if not suggesting.second_suggestion(found, person=person, by=request.user):
            said = _("%(name)s这一户（%(home)s）已经附议过了，一户只算一次。")
        messages.success(request, said % {"home": home, "name": person.name})

    return _for_household(request, village, number, act)


@village_door("POST", act=Act.JOIN_MEETING)
def take_back(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    def act(found: RuleSuggestion, home: Household, person: Resident) -> None:
        suggesting.take_back_second(found, person=person, by=request.user)
        messages.success(request, _("%(name)s这一户（%(home)s）的附议撤回了。") % {"home": home, "name": person.name})

    return _for_household(request, village, number, act)


@village_door("POST", act=Act.JOIN_MEETING)
def withdraw(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """Whoever put it forward takes it back."""
    found = _find(village, number)
    try:
        suggesting.withdraw_suggestion(found, by=request.user)
    except Refusal as error:
        return told_back(request, error, found.get_absolute_url())
    messages.success(request, _("提议撤回了。"))
    return back_to(found.get_absolute_url())


@village_door("POST", act=Act.DRAFT_RULES)
def answer(request: HttpRequest, village: Village, number: int) -> HttpResponse:
    """The committee takes it up or declines."""
    found = _find(village, number)
    form = forms.SuggestionAnswerForm(request.POST, auto_id="SuggestionAnswerForm-%s")

    def do() -> None:
        asked = form.cleaned_data
        if asked["verdict"] == "take_up":
            suggesting.take_up_suggestion(found, answer=asked["answer"], days=asked["days"], by=request.user)
        else:
            suggesting.decline_suggestion(found, answer=asked["answer"], by=request.user)

    return carry_out(
        request, form, do, done=_("答复公布了。"), back=found.get_absolute_url(),
        page=lambda bound, code: _page(request, found, bound, status=code),
    )  # fmt: skip
