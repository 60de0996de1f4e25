"""One version: read, taken away, printed; a draft sent on, put in force by two people, or thrown away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _

from residents.rights import Act, may
from residents.two_people import TwoPeopleError, decide
from ui.answers import refuse
from ui.pdf import as_pdf, offers_pdf
from ui.share_card import draw_card
from villagerules import exports, keeping, opinion_reads, reading_reads
from villagerules.bodies import adoption_words
from villagerules.changes import before
from villagerules.checking import check_rules
from villagerules.clauses import origins_of
from villagerules.errors import RulesError
from villagerules.forms import ReasonForm
from villagerules.life_cycle import open_period
from villagerules.models import RuleVersion
from villagerules.poster import SIZES, plan_poster

from .commenting import open_to
from .doors import back_to, public_door, reads_drafts, rules_index, trail, working_door

CARD_KEPT = 3600  # seconds
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _said(request: HttpRequest, version: RuleVersion) -> dict[str, Any]:
    """While the village is asked: the way to say something on each article, with how many have."""
    if open_period(version) is None:
        return {}
    return {"asked": True, "said_counts": opinion_reads.counts(version), "asks": open_to(request.user, version)}


def _text(version: RuleVersion) -> dict[str, Any]:
    """What the templates of the text need."""
    return {
        "village": version.village,
        "rules": version.rules,
        "version": version,
        "chapters": version.chapters.prefetch_related("articles"),
        "stanzas": version.stanzas.all(),
        "trail": trail(version.village, (version.shown_title, version.get_absolute_url())),
        "address": f"{settings.PUBLIC_URL}{version.get_absolute_url()}",
    }


@public_door
def version(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """Its text, the ways to take it away, and for those whom it concerns what is next."""
    village = version.village
    # What else waits for a second person is confirmed where it was asked: on the page of how it comes about.
    waiting = keeping.waiting_for(version) if version.imported and not version.is_public else None
    works = request.user.is_authenticated and reads_drafts(request.user, village)
    context = (
        _text(version)
        | {
            "trail": trail(village),
            "holds": reading_reads.holds(version, on=village.local_date(timezone.now())),
            "waiting": waiting,
            "mine": waiting is not None and waiting.proposed_by_id == request.user.pk,
            "may_publish": may(request.user, Act.PUBLISH_RULES, village),
            "may_draft": may(request.user, Act.DRAFT_RULES, village),
            "may_share": version.is_public and may(request.user, Act.SHARE_RULES, village),
            "origins": origins_of(version),
            "findings": check_rules(version.whole_text()) if works and not version.is_public else [],
            "compare_url": comparable.address("compare", version.number) if (comparable := before(version)) else "",
            "reason_form": ReasonForm(),
            "making_url": version.address("making") if works or version.steps.exists() else "",
        }
        | _said(request, version)
    )
    response = render(request, "villagerules/version.html", context)
    if not version.is_public:
        response["Cache-Control"] = "no-store"
    return response


def _file(content: str | bytes, kind: str, name: str, version: RuleVersion) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{version.rules.slug}-{version.number}.{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    if not version.is_public:
        response["Cache-Control"] = "no-store"
    return response


@public_door
def word(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    return _file(exports.as_word(version), DOCX, "docx", version)


@public_door
def text(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    return _file(exports.as_text(version), "text/plain; charset=utf-8", "txt", version)


@public_door
def values(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    return _file(exports.as_json(version), "application/json; charset=utf-8", "json", version)


@public_door
def card(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """The picture that a chat shows beside the address; the site's own where this machine has no Chinese font."""
    village = version.village
    words = reading_reads.words_to_pass_on(version).splitlines()[1:]
    key = f"card:{hashlib.sha256(repr((version.shown_title, words, village.name)).encode()).hexdigest()}"
    picture = cache.get(key)
    if picture is None:
        picture = draw_card(version.shown_title, words, seal=village.name, foot=str(village.region)) or b""
        cache.set(key, picture, CARD_KEPT)
    if not picture:
        return HttpResponseRedirect(static("ui/share.png"))
    response = HttpResponse(picture, content_type="image/png")
    response["Cache-Control"] = f"public, max-age={CARD_KEPT}" if version.is_public else "no-store"
    return response


@public_door
def paper(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """On A4 as papers of the authorities are laid out; a browser prints it, or keeps it as PDF."""
    return _paper(request, version)


def _paper(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    context = {"words": adoption_words(version), "offers_pdf": offers_pdf(request)}
    return render(request, "villagerules/print/paper.html", _text(version) | context)


@public_door
def pdf(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """The same as a file, where this machine can set one."""
    return as_pdf(request, lambda: _paper(request, version), f"{version.rules.slug}-{version.number}")


@public_door
def booklet(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """Pages of half the size, with a cover: two on a sheet when it is printed as a booklet."""
    contents = [
        (chapter.heading, chapter.articles[0].label, chapter.articles[-1].label)
        for chapter in version.whole_text().chapters
        if chapter.number and chapter.articles
    ]
    context = {"words": adoption_words(version), "contents": contents}
    return render(request, "villagerules/print/booklet.html", _text(version) | context)


@public_door
def poster(request: HttpRequest, version: RuleVersion, size: str) -> HttpResponse:
    """All of it on one sheet for the wall, as large as it goes."""
    if size not in SIZES:
        raise Http404
    plan = plan_poster(version.whole_text(), size)
    context = _text(version) | {"words": adoption_words(version), "plan": plan, "size": size}
    return render(request, "villagerules/print/poster.html", context)


def _done(request: HttpRequest, version: RuleVersion, act: Callable[[], object], words: str) -> HttpResponse:
    """Do it, and tell what came of it where it was asked."""
    here = version.get_absolute_url()
    try:
        act()
    except (RulesError, TwoPeopleError) as error:
        return refuse(request, error.code, error.message, back=here)
    messages.success(request, words)
    return back_to(here)


@working_door(act=Act.PUBLISH_RULES, step_up=True)
def put_in_force(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """Ask a second person to put an old text in force."""
    return _done(
        request, version, lambda: keeping.propose_imported(version, by=request.user),
        _("提交了。请另一位有公布权限的人（主任、书记或者管理员）打开这一页核对、确认。"),
    )  # fmt: skip


@working_door(act=Act.PUBLISH_RULES, step_up=True)
def confirm(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    waiting = keeping.waiting_for(version)
    if waiting is None:
        return _nothing_waits(request, version)
    return _done(
        request, version, lambda: decide(waiting, by=request.user, accept=True), _("公布了，从施行日期起有效。")
    )


@working_door(act=Act.PUBLISH_RULES)
def send_back(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    """Somebody else's with a reason; one's own is taken back without."""
    waiting = keeping.waiting_for(version)
    if waiting is None:
        return _nothing_waits(request, version)
    form = ReasonForm(request.POST)
    note = form.cleaned_data["reason"] if form.is_valid() else ""
    if not note and waiting.proposed_by_id != request.user.pk:
        messages.error(request, _("退回时请写明原因，好让提出的人知道怎么改。"))
        return back_to(version.get_absolute_url())
    return _done(
        request, version, lambda: decide(waiting, by=request.user, accept=False, note=note),
        _("退回了，还是草案。"),
    )  # fmt: skip


def _nothing_waits(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    return refuse(
        request, "wrong_state", _("这件事已经办过、退回或者过期了，请刷新页面看看。"), back=version.get_absolute_url()
    )


@working_door(act=Act.DRAFT_RULES)
def discard(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    try:
        keeping.discard(version, by=request.user)
    except RulesError as error:
        return refuse(request, error.code, error.message, back=version.get_absolute_url())
    messages.success(request, _("草案删掉了。"))
    return back_to(rules_index(version.village))
