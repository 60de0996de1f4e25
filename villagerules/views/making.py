"""How a version comes about, on one page: what is next, the steps that are one's own, opinions, reviews, history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from residents.models import User, Village
from residents.rights import Act, letters_of, may
from residents.views.doors import sign_in_first
from ui.answers import STATUS, refuse, wants_json
from ui.limits import too_often
from villagerules import (
    adopting,
    drafting,
    keeping,
    life_reads,
    opinion_reads,
    opinions,
    publication,
    reviewing,
    yearly,
)
from villagerules import making_forms as forms
from villagerules.errors import RulesError
from villagerules.forms import ReasonForm
from villagerules.life_cycle import STEPS, State, open_period, why_not
from villagerules.models import Opinion, RuleVersion

from .commenting import OPINIONS_A_MINUTE, reading
from .doors import back_to, find_version, may_read, reader_of, reads_drafts, trail, working_door

OPINIONS_ON_PAGE = 50
START = "start_version"

Do = Callable[[RuleVersion, dict[str, Any], User], object]


@dataclass(frozen=True)
class Door:
    """A step's form, what it does, what is said when it is done; `inline` ones stand beside what they concern."""

    form: type[forms.StepForm]
    do: Do
    done: Promise
    inline: bool = False


DOORS: dict[str, Door] = {
    START: Door(
        forms.CallForm, lambda v, data, by: drafting.start_version(v.rules, by=by, **data),
        gettext_lazy("新的一版开始了，请告诉大家来提意见。"),
    ),
    "open_call": Door(
        forms.CallForm, lambda v, data, by: drafting.open_call(v, by=by, **data), gettext_lazy("开始征集民意了。")
    ),
    "add_opinion": Door(
        forms.OpinionForm, lambda v, data, by: opinions.add_opinion(v, by=by, **data),
        gettext_lazy("收到了，谢谢。委员会看过以后公开，并且会答复。"),
    ),
    "enter_opinion": Door(
        forms.EnteredOpinionForm, lambda v, data, by: opinions.enter_opinion(v, by=by, **data),
        gettext_lazy("录好了。"),
    ),
    "answer_opinion": Door(
        forms.AnswerForm, lambda v, data, by: opinions.answer_opinion(by=by, **data), gettext_lazy("答复了。"),
        inline=True,
    ),
    "close_period": Door(
        forms.StepForm, lambda v, data, by: drafting.close_period(v, by=by), gettext_lazy("意见收齐了，可以改草案了。")
    ),
    "revise_text": Door(
        forms.TextForm, lambda v, data, by: drafting.revise_text(v, data["text"], by=by), gettext_lazy("改好了。")
    ),
    "publish_draft": Door(
        forms.StepForm, lambda v, data, by: drafting.publish_draft(v, by=by), gettext_lazy("草案公示了。")
    ),
    "submit_review": Door(
        forms.StepForm, lambda v, data, by: reviewing.submit_review(v, by=by), gettext_lazy("送审了。")
    ),
    "add_finding": Door(
        forms.FindingForm, lambda v, data, by: reviewing.add_finding(v, by=by, **data), gettext_lazy("写上了。")
    ),
    "drop_finding": Door(
        forms.DropForm, lambda v, data, by: reviewing.drop_finding(v, data["finding"], by=by),
        gettext_lazy("撤掉了。"), inline=True,
    ),
    "return_rules": Door(
        forms.WordsForm, lambda v, data, by: reviewing.return_rules(v, by=by, **data), gettext_lazy("退回了。")
    ),
    "clear_rules": Door(
        forms.ClearForm, lambda v, data, by: reviewing.clear_rules(v, by=by, **data),
        gettext_lazy("审核通过了，文字锁定。"),
    ),
    "record_party_step": Door(
        forms.DayForm, lambda v, data, by: reviewing.record_party_step(v, by=by, **data), gettext_lazy("登记好了。")
    ),
    "put_to_vote": Door(
        forms.VoteForm, lambda v, data, by: adopting.put_to_vote(v, data.pop("meeting"), by=by, **data),
        gettext_lazy("列入会议了。"),
    ),
    "take_result": Door(
        forms.StepForm, lambda v, data, by: adopting.take_result(v, by=by), gettext_lazy("表决结果登记好了。")
    ),
    "enter_amended_text": Door(
        forms.TextForm, lambda v, data, by: adopting.enter_amended_text(v, data["text"], by=by),
        gettext_lazy("录好了，备案时乡镇（街道）会对照。"),
    ),
    "file_rules": Door(
        forms.FileForm, lambda v, data, by: reviewing.file_rules(v, by=by, **data), gettext_lazy("备案好了。")
    ),
    "order_correction": Door(
        forms.CorrectionForm, lambda v, data, by: reviewing.order_correction(v, by=by, **data),
        gettext_lazy("责令改正发出了，另起了一版。"),
    ),
    "check_rules": Door(
        forms.CheckForm, lambda v, data, by: yearly.check_rules(v, by=by, **data), gettext_lazy("年检登记好了。")
    ),
    "publish_rules": Door(
        forms.PublishForm, lambda v, data, by: publication.propose_publication(v, by=by, **data),
        gettext_lazy("提交了，请另一位有公布权限的人打开这一页确认。"),
    ),
    "repeal_rules": Door(
        forms.RepealForm, lambda v, data, by: publication.propose_repeal(v, data.pop("motion"), by=by, **data),
        gettext_lazy("提交了，请另一位有公布权限的人打开这一页确认。"),
    ),
}  # fmt: skip


def act_of(action: str) -> Act:
    return Act.DRAFT_RULES if action == START else STEPS[action].act


def label_of(action: str) -> str:
    return _("另起一版，征集民意") if action == START else str(STEPS[action].label)


def making(request: HttpRequest, village: str, rules: str, number: int) -> HttpResponse:
    """Who reads the version, and the village as soon as it was asked about it."""
    place = get_object_or_404(Village.objects.select_related("region__parent"), slug=village)
    version = find_version(place, rules, number)
    if not may_read(request.user, version):
        if not request.user.is_authenticated:
            return sign_in_first(request)
        if not (version.steps.exists() and may(request.user, Act.READ_VILLAGE_ONLY, place)):
            raise Http404
    return page(request, version)


def step_door(action: str) -> Callable[..., HttpResponse]:
    """The button of one step."""
    door = DOORS[action]

    @working_door(act=act_of(action), step_up=act_of(action) == Act.PUBLISH_RULES)
    def view(request: HttpRequest, version: RuleVersion) -> HttpResponse:
        here = version.address("making")
        early = None if action == START else why_not(letters_of(request.user, version.village), version.state, action)
        if early is not None:
            return refuse(request, early.code, early.message, back=here)
        if action == "add_opinion" and too_often(f"opinion:{request.user.pk}", limit=OPINIONS_A_MINUTE, seconds=60):
            return refuse(request, "slow_down", _("提得太快了，请过一分钟再提。"), retry_after=60)
        form = door.form(request.POST, version=version, auto_id=f"{action}-%s")
        if not form.is_valid():
            if wants_json(request):
                return refuse(request, "invalid", str(next(iter(form.errors.values()))[0]))
            return page(request, version, {action: form}, status=422)
        try:
            made = door.do(version, dict(form.cleaned_data), request.user)
        except RulesError as error:
            if wants_json(request):
                return refuse(request, error.code, error.message)
            form.add_error(None, error.message)
            return page(request, version, {action: form}, status=STATUS[error.code])
        messages.success(request, door.done)
        return back_to(made.address("making") if action == START and isinstance(made, RuleVersion) else here)

    return view


def page(
    request: HttpRequest, version: RuleVersion, typed: dict[str, forms.StepForm] | None = None, *, status: int = 200
) -> HttpResponse:
    """`typed` holds the form that was refused, with all that was typed into it."""
    typed, user, village = typed or {}, request.user, version.village
    works = user.is_authenticated and reads_drafts(user, village)
    waiting = keeping.waiting_for(version)
    open_to = _open_to(version, user) if waiting is None else set()
    readable_whole = may_read(user, version)
    readable = works or version.state not in life_reads.UNSETTLED
    answer = typed.get("answer_opinion") or forms.AnswerForm(
        version=version, initial={"opinion": request.GET.get("answer")}, auto_id="answer-%s"
    )
    reader = reader_of(user, village)
    said = opinion_reads.unanswered_first(opinion_reads.visible_to(version, reader), reader)
    pages = Paginator(said, OPINIONS_ON_PAGE)
    answering = _number(answer["opinion"].value())
    opinions_page = pages.get_page(request.GET.get("page") or _page_with(said, answering))
    context = {
        "village": village, "rules": version.rules, "version": version,
        "trail": trail(village, *([(version.shown_title, version.get_absolute_url())] if readable_whole else [])),
        "next": life_reads.what_is_next(version),
        "steps": [
            {"action": name, "label": label_of(name), "url": version.address(name),
             "form": typed.get(name) or door.form(version=version, auto_id=f"{name}-%s"), "open": name in typed}
            for name, door in DOORS.items() if (name in open_to or name in typed) and not door.inline
        ],
        "waiting": waiting, "mine": waiting is not None and waiting.proposed_by_id == user.pk,
        "may_publish": user.is_authenticated and may(user, Act.PUBLISH_RULES, village),
        "reason_form": ReasonForm(),
        "opinions": opinions_page,
        "said": opinion_reads.read_by(opinions_page.object_list, reader, late=opinion_reads.late_before(version)),
        "looks": [one for one in opinion_reads.to_look_at(village) if one.version.pk == version.pk]
        if reader.moderates else (),
        "unanswered": version.opinions.filter(reply__isnull=True).count(),
        "answer_form": answer, "answering": answering,
        "drops": "drop_finding" in open_to, "edits": "revise_text" in open_to,
        "reviews": life_reads.reviews_for(version) if works else (),
        "amended": life_reads.amended(version) if works else None,
        "history": life_reads.history(version),
        "chapters": version.chapters.prefetch_related("articles") if readable else (),
        "stanzas": version.stanzas.all() if readable else (),
        "readable": readable, "asked": readable_whole and open_period(version) is not None,
    } | reading(user, version, reader)  # fmt: skip
    context["answers"] = "answer_opinion" in open_to or "answer_opinion" in typed
    response = render(request, "villagerules/making.html", context, status=status)
    if not version.is_public:
        response["Cache-Control"] = "no-store"
    return response


def _page_with(said: list[Opinion], number: int) -> int:
    """On which page an opinion stands, that a link leads to by its number; the first for none."""
    at = next((place for place, one in enumerate(said) if one.number == number), 0)
    return at // OPINIONS_ON_PAGE + 1


def _number(said: object) -> int:
    """0 for what is none."""
    words = str(said or "")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else 0


def _open_to(version: RuleVersion, user: Any) -> set[str]:
    """The steps that this account may take now, as far as right and state go."""
    if not user.is_authenticated or (version.imported and version.state == State.DRAFTING):
        return set()
    letters = letters_of(user, version.village)
    found = {name for name in STEPS if why_not(letters, version.state, name) is None}
    period = open_period(version)
    if period is not None and timezone.now() < period.closes_at:
        found.discard("close_period")
    if version.motion_id is not None:
        found.discard("put_to_vote")
    if version.state in (State.ADOPTED, State.VOTED_DOWN) and not _result_moved(version):
        found.discard("take_result")
    if version.state == State.ADOPTED:
        found.discard("publish_rules" if reviewing.needs_filing(version) else "file_rules")
        if not reviewing.amended_at_meeting(version):
            found.discard("enter_amended_text")
    if version.is_public and not yearly.is_in_force(version):
        found.discard("check_rules")
    if version.repealed_on is not None or not publication.repeal_motions(version):
        found.discard("repeal_rules")
    under_way = drafting.under_way(version.rules)
    if version.is_public and under_way is None and may(user, Act.DRAFT_RULES, version.village):
        found.add(START)
    return found


def _result_moved(version: RuleVersion) -> bool:
    decision = version.motion.latest_decision if version.motion is not None else None
    carried = decision is not None and decision.outcome == "carried"
    return carried != (version.state == State.ADOPTED)
