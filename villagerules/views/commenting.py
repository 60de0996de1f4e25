"""One article and what is said on it: read, say something, report, let through, hide. A page each, without scripts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from residents.models import Village
from residents.rights import Act, letters_of, may
from residents.views.doors import sign_in_first, wrong_method
from ui.answers import STATUS, is_no_form, refuse, refuse_no_form, wants_json
from ui.limits import too_often
from villagerules import commenting, opinion_reads, opinions
from villagerules.changes import pieces_of
from villagerules.commenting_forms import HideForm, ReportForm, SayForm
from villagerules.comparison import Piece
from villagerules.drafting import last_day
from villagerules.errors import RulesError
from villagerules.life_cycle import open_period, why_not
from villagerules.models import Opinion, RuleVersion
from villagerules.opinion_reads import Reader

from .doors import back_to, find_version, may_read, reader_of, trail, working_door

OPINIONS_A_MINUTE = 10
REPORTS_A_DAY = 10
WHOLE = "whole"
TYPED = "opinion_typed"  # in the session: what somebody had typed who was not signed in any more
TYPED_MOST = 10_000


def find_piece(version: RuleVersion, anchor: str) -> tuple[Piece | None, Piece | None, Piece | None]:
    """The one before, the piece itself (None: the whole text), the one behind. Raises Http404 for no such article."""
    pieces = pieces_of(version)
    if anchor == WHOLE:
        return None, None, pieces[0] if pieces else None
    at = next((place for place, one in enumerate(pieces) if one.anchor == anchor), None)
    if at is None:
        raise Http404
    return pieces[at - 1] if at else None, pieces[at], pieces[at + 1] if at + 1 < len(pieces) else None


def place_of(user: Any, opinion: Opinion) -> str:
    """The page on which it stands: of its article, of the whole where the article is no more, or of the making where
    the words are not to be read just now."""
    version = opinion.version
    if not may_read(user, version):
        return f"{version.address('making')}#opinion-{opinion.number}"
    found = next((one for one in pieces_of(version) if one.lineage == opinion.lineage), None)
    return f"{version.address('article', found.anchor if found else WHOLE)}#opinion-{opinion.number}"


def article(request: HttpRequest, village: str, rules: str, number: int, anchor: str) -> HttpResponse:
    """Whoever may read the version. A script that opens it within the text gets the part alone."""
    place = get_object_or_404(Village.objects.select_related("region__parent"), slug=village)
    version = find_version(place, rules, number)
    if not may_read(request.user, version):
        return _too_late(request, version) if _was_open_to(request, version) else _to_sign_in(request)
    if request.method == "POST":
        return _say(request, version, anchor)
    if request.method not in ("GET", "HEAD"):
        return wrong_method(request, ("GET", "POST"), back=request.path)
    return _page(request, version, anchor)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To sign in and back here, with what was typed; who is signed in finds nothing."""
    if request.user.is_authenticated:
        raise Http404
    if wants_json(request):
        return sign_in_first(request)
    typed = request.POST.get("text", "") if request.method == "POST" else ""
    if typed:
        request.session[TYPED] = {"at": request.path, "text": typed[:TYPED_MOST]}
    where = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    return HttpResponseClientRedirect(where) if request.htmx else HttpResponseRedirect(where)


def _was_open_to(request: HttpRequest, version: RuleVersion) -> bool:
    """Somebody of the village sends words typed before the draft was taken back to be mended."""
    return (
        request.method == "POST"
        and request.user.is_authenticated
        and version.steps.exists()
        and may(request.user, Act.READ_VILLAGE_ONLY, version.village)
    )


def _too_late(request: HttpRequest, version: RuleVersion) -> HttpResponse:
    context = {
        "village": version.village, "version": version, "left": request.POST.get("text", "")[:TYPED_MOST],
        "trail": trail(version.village),
    }  # fmt: skip
    return render(request, "villagerules/too_late.html", context, status=STATUS["wrong_state"])


def _say(request: HttpRequest, version: RuleVersion, anchor: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return _to_sign_in(request)
    if is_no_form(request):
        return refuse_no_form(request, back=request.path)
    piece = find_piece(version, anchor)[1]
    form = SayForm(request.POST, auto_id=f"{anchor}-%s")
    if not form.is_valid():
        return _page(request, version, anchor, form, status=422)
    if too_often(f"opinion:{request.user.pk}", limit=OPINIONS_A_MINUTE, seconds=60):
        form.add_error(None, _("提得太快了，请过一分钟再提。"))
        return _page(request, version, anchor, form, status=429)
    try:
        opinions.add_opinion(
            version, text=form.cleaned_data["text"], by=request.user,
            lineage=None if piece is None else piece.lineage,  # type: ignore[arg-type]
        )  # fmt: skip
    except RulesError as error:
        form.add_error(None, error.message)
        return _page(request, version, anchor, form, status=STATUS[error.code])
    messages.success(request, _("收到了，谢谢。委员会看过以后公开，并且会答复。"))
    return back_to(f"{request.path}#said")


def _page(
    request: HttpRequest, version: RuleVersion, anchor: str, form: SayForm | None = None, *, status: int = 200
) -> HttpResponse:
    """`form` holds what was refused; where nobody may say anything any more, its words stand there to be copied."""
    earlier, piece, later = find_piece(version, anchor)
    reader, asks = reader_of(request.user, version.village), open_to(request.user, version)
    if form is None:
        form = SayForm(initial={"text": _typed_before(request)}, auto_id=f"{anchor}-%s")
    period = open_period(version)
    context = {
        "village": version.village, "version": version, "anchor": anchor,
        "piece": piece, "earlier": earlier, "later": later, "rhyme": version.style == RuleVersion.Style.RHYME,
        "said": opinion_reads.said_on(version, None if piece is None else piece.lineage, reader),  # type: ignore[arg-type]
        "form": form, "asks": asks, "left": str(form["text"].value() or ""),
        "open_period": period is not None,
        "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
        "until": last_day(version, period) if period is not None and asks else "",
        "trail": trail(version.village, (version.shown_title, version.get_absolute_url())),
    } | reading(request.user, version, reader)  # fmt: skip
    name = "partials/article_said.html" if request.htmx else "article.html"
    response = render(request, f"villagerules/{name}", context, status=status)
    if not version.is_public or request.user.is_authenticated:
        response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])  # one address, two answers
    return response


def _typed_before(request: HttpRequest) -> str:
    """What was typed here before signing in, once."""
    kept = request.session.get(TYPED)
    if not request.user.is_authenticated or not kept or kept["at"] != request.path:
        return ""
    del request.session[TYPED]
    return str(kept["text"])


def open_to(user: Any, version: RuleVersion) -> bool:
    """Whether this account may say something now."""
    if not user.is_authenticated or why_not(letters_of(user, version.village), version.state, "add_opinion"):
        return False
    period = open_period(version)
    return period is not None and timezone.now() < period.closes_at


def reading(user: Any, version: RuleVersion, reader: Reader) -> dict[str, Any]:
    """What the template of an opinion needs to know of its reader."""
    signed_in = user.is_authenticated
    return {
        "works": reader.works,
        "moderates": reader.moderates,
        "may_report": reader.person is not None and may(user, Act.JOIN_MEETING, version.village),
        "answers": signed_in and why_not(letters_of(user, version.village), version.state, "answer_opinion") is None,
    }


# --- one opinion: reported, let through, hidden -------------------------------------------------------------------


def _find(version: RuleVersion, number: int, reader: Reader) -> opinion_reads.Said:
    """As this reader finds it, or 404."""
    mine = [one for one in opinion_reads.visible_to(version, reader) if one.number == number]
    if not mine:
        raise Http404
    mine[0].version = version
    return opinion_reads.read_by(mine, reader, late=opinion_reads.late_before(version))[0]


@working_door("GET", "POST", act=Act.JOIN_MEETING)
def report(request: HttpRequest, version: RuleVersion, opinion: int) -> HttpResponse:
    said = _find(version, opinion, reader_of(request.user, version.village))
    form = ReportForm(request.POST or None)
    back = place_of(request.user, said.opinion)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if too_often(f"report:{request.user.pk}", limit=REPORTS_A_DAY, seconds=86_400):
                return refuse(request, "slow_down", _("今天举报得够多了，请明天再来。"), back=back, retry_after=3600)
            try:
                commenting.report(said.opinion, by=request.user, **form.cleaned_data)
            except RulesError as error:
                form.add_error(None, error.message)
                status = STATUS[error.code]
            else:
                messages.success(request, _("举报收到了。处理的结果会在“我的”里告诉您。"))
                return back_to(back)
    return _one(request, version, said, {"report_form": form}, status=status)


@working_door("GET", act=Act.MODERATE_OPINIONS)
def moderate(request: HttpRequest, version: RuleVersion, opinion: int) -> HttpResponse:
    said = _find(version, opinion, reader_of(request.user, version.village))
    return _one(request, version, said, {"hide_form": HideForm()})


@working_door(act=Act.MODERATE_OPINIONS)
def let_through(request: HttpRequest, version: RuleVersion, opinion: int) -> HttpResponse:
    said = _find(version, opinion, reader_of(request.user, version.village))
    try:
        commenting.let_through(said.opinion, by=request.user)
    except RulesError as error:
        return refuse(request, error.code, error.message, back=place_of(request.user, said.opinion))
    messages.success(request, _("放出来了，村里人看得到。"))
    return back_to(place_of(request.user, said.opinion))


@working_door(act=Act.MODERATE_OPINIONS)
def hide(request: HttpRequest, version: RuleVersion, opinion: int) -> HttpResponse:
    said = _find(version, opinion, reader_of(request.user, version.village))
    form = HideForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            commenting.hide(said.opinion, because=form.cleaned_data["because"], by=request.user)
        except RulesError as error:
            form.add_error(None, error.message)
            status = STATUS[error.code]
        else:
            messages.success(request, _("不公开了，大家看到的是原因。"))
            return back_to(place_of(request.user, said.opinion))
    return _one(request, version, said, {"hide_form": form}, status=status)


def _one(
    request: HttpRequest, version: RuleVersion, said: opinion_reads.Said, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    reader = reader_of(request.user, version.village)
    context = {
        "village": version.village, "version": version, "one": said, "back": place_of(request.user, said.opinion),
        "trail": trail(version.village, (version.shown_title, version.get_absolute_url())),
    } | reading(request.user, version, reader) | more  # fmt: skip
    response = render(request, "villagerules/opinion.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
