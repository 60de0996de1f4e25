"""The library of model clauses; sharing one's rules, choosing clauses, taking one into a draft."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from residents.models import Village
from residents.rights import Act, may
from residents.views.doors import sign_in_first, village_door
from ui.answers import STATUS, refuse, wants_json
from villagerules import clauses as clauses_rules
from villagerules.clause_forms import FilterForm, InsertForm, PickForm
from villagerules.clause_library import clauses_shown, themes_shown, with_articles
from villagerules.errors import RulesError
from villagerules.models import Article, ModelClause, RuleVersion

from .doors import back_to, find_version, trail

ON_PAGE = 20


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """Everybody: what villages share, by theme and words, the most used first."""
    form = FilterForm(request.GET)
    form.is_valid()
    theme, words = form.cleaned_data.get("theme", ""), form.cleaned_data.get("q", "")
    found = clauses_shown(timezone.localdate(), theme=theme, words=words)
    page = Paginator(found, ON_PAGE).get_page(request.GET.get("page"))
    drafts = clauses_rules.drafts_open_to(request.user).exists() if request.user.is_authenticated else False
    context = {
        "trail": [(_("首页"), "/")],
        "themes": themes_shown(),
        "theme": theme,
        "words": words,
        "form": form,
        "page": page,
        "clauses": with_articles(page.object_list),
        "query": urlencode({name: value for name, value in (("theme", theme), ("q", words)) if value}),
        "drafts": drafts,
    }
    return render(request, "villagerules/clauses/library.html", context)


@never_cache
@require_safe
def use(request: HttpRequest, lineage: uuid.UUID) -> HttpResponse:
    """Into which draft? For who drafts rules somewhere."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    found = clauses_rules.clause_shown(lineage)
    if found is None:
        raise Http404
    drafts = list(clauses_rules.drafts_open_to(request.user)[:100])
    context = {"found": found, "drafts": drafts, "trail": _trail()}
    return render(request, "villagerules/clauses/use.html", context)


def _trail() -> list[tuple[str, str]]:
    return [(_("首页"), "/"), (_("范文条款"), reverse("clauses:library"))]


@village_door("GET", "POST", act=Act.DRAFT_RULES)
@never_cache
def insert(request: HttpRequest, village: Village, rules: str, number: int, lineage: uuid.UUID) -> HttpResponse:
    """The clause beside the form in which it is adapted; nothing is written before that is sent."""
    version = find_version(village, rules, number)
    found = clauses_rules.clause_shown(lineage)
    if found is None:
        raise Http404
    begun = {"title": found.article.title, "words": found.article.text}
    form = InsertForm(request.POST if request.method == "POST" else None, version=version, initial=begun)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                clauses_rules.insert_clause(version, lineage, by=request.user, **form.cleaned_data)
            except RulesError as error:
                form.add_error(None, error.message)
                status = STATUS[error.code]
            else:
                messages.success(request, _("放进草案了。后面的条往后移了一位，请看看文中提到的条号。"))
                return back_to(version.get_absolute_url())
        if wants_json(request):
            return refuse(request, "invalid", str(next(iter(form.errors.values()))[0]))
    context = {
        "village": village, "version": version, "found": found, "form": form,
        "trail": trail(village, (version.shown_title, version.get_absolute_url())),
    }  # fmt: skip
    return render(request, "villagerules/clauses/insert.html", context, status=status)


@village_door("POST", act=Act.SHARE_RULES)
def share(request: HttpRequest, village: Village, rules: str, number: int) -> HttpResponse:
    """Agree, or take it back."""
    version = find_version(village, rules, number)
    shared = request.POST.get("shared") == "1"
    try:
        clauses_rules.share_rules(version.rules, shared=shared, by=request.user)
    except RulesError as error:
        return refuse(request, error.code, error.message, back=version.get_absolute_url())
    messages.success(request, _("别的村（社区）可以参考了。") if shared else _("收回了，别的村（社区）看不到了。"))
    return back_to(version.get_absolute_url())


def pick(request: HttpRequest, village: str, rules: str, number: int, anchor: str) -> HttpResponse:
    """For the committee and its township by their right; for the county's editors, who have no letter in a village."""
    place = get_object_or_404(Village.objects.select_related("region__parent__parent__parent"), slug=village)
    of = {"rules": rules, "number": number, "anchor": anchor}
    by_right = not request.user.is_authenticated or may(request.user, Act.PICK_CLAUSES, place)
    if not by_right and clauses_rules.may_pick(request.user, place):
        return _pick(request, place, **of)
    return _pick_door(request, village=village, **of)


@never_cache
def _pick(request: HttpRequest, village: Village, rules: str, number: int, anchor: str) -> HttpResponse:
    version = find_version(village, rules, number)
    article = _article(version, anchor)
    clause = ModelClause.objects.of(village).filter(rules=version.rules, lineage=article.lineage).first()
    here = version.address("similar", anchor)
    chosen = [theme.slug for theme in clause.themes.all()] if clause else []
    form = PickForm(request.POST if request.method == "POST" else None, initial={"themes": chosen})
    status = 200
    try:
        if request.method == "POST" and "drop" in request.POST:
            clauses_rules.drop_clause(version, article.lineage, by=request.user)
            messages.success(request, _("从范文条款里撤下了。"))
            return back_to(here)
        if form.is_bound and form.is_valid():
            clauses_rules.pick_clause(version, anchor, by=request.user, **form.cleaned_data)
            messages.success(request, _("列入范文条款了。"))
            return back_to(here)
    except RulesError as error:
        if wants_json(request) or "drop" in request.POST:
            return refuse(request, error.code, error.message, back=here)
        form.add_error(None, error.message)
        status = STATUS[error.code]
    if form.is_bound and status == 200:
        status = 422
    context = {
        "village": village, "version": version, "article": article, "clause": clause, "form": form,
        "trail": trail(village, (version.shown_title, version.get_absolute_url())),
    }  # fmt: skip
    return render(request, "villagerules/clauses/pick.html", context, status=status)


_pick_door = village_door("GET", "POST", act=Act.PICK_CLAUSES)(_pick)


def _article(version: RuleVersion, anchor: str) -> Article:
    found = Article.objects.of(version.village).filter(chapter__version=version)
    article = next((one for one in found if one.anchor == anchor), None)
    if article is None:
        raise Http404
    return article
