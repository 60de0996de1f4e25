"""A contest's result for everybody, from its notice on: the arithmetic of each entry, and files to check it by."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contest import result_files
from contest.models import Contest, Objection, Ranking, Stage
from contest.result_words import told
from contest.rights import may_run
from contest.stages import stage

from .vote_doors import contest_door, trail_of

SHOWN_IN = (Contest.State.PUBLIC_NOTICE, Contest.State.PUBLISHED, Contest.State.ARCHIVED)
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _ranking(request: HttpRequest, contest: Contest) -> Ranking:
    """The version asked for, the newest by default. Raises Http404 before the public notice, but for who runs it."""
    if contest.state not in SHOWN_IN and not may_run(request.user, contest):
        raise Http404
    asked = request.GET.get("version", "")
    rankings = contest.rankings.order_by("-version")
    if asked:
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 4):
            raise Http404
        return get_object_or_404(rankings, version=int(asked))
    newest = rankings.first()
    if newest is None:
        raise Http404
    return newest


@contest_door("GET")
def results(request: HttpRequest, contest: Contest) -> HttpResponse:
    """The ranking with how each score came about."""
    ranking = _ranking(request, contest)
    notice = stage(contest, Stage.Key.PUBLIC_NOTICE)
    decided = contest.objections.exclude(state=Objection.State.OPEN).select_related("entry")
    context = {
        "contest": contest,
        "trail": trail_of(contest),
        "ranking": ranking,
        "lines": told(ranking.document),
        "out": ranking.document.get("out", []),
        "versions": contest.rankings.order_by("-version"),
        "in_notice": contest.state == Contest.State.PUBLIC_NOTICE,
        "until": contest.local(notice.closes_at) if notice is not None else None,
        "decided": decided,
        "waiting": contest.objections.filter(state=Objection.State.OPEN).count(),
        "judges": sorted(contest.judges.values_list("name", flat=True)),
        "kinds": list(KINDS),
        "script_hash": result_files.script_hash(),
    }
    return render(request, "contest/results.html", context)


@contest_door("GET")
def download(request: HttpRequest, contest: Contest, kind: str) -> HttpResponse:
    """The whole ranking as a file."""
    ranking = _ranking(request, contest)
    if kind not in KINDS:
        raise Http404
    make = {"csv": result_files.as_csv, "json": result_files.as_json, "xlsx": result_files.as_xlsx}[kind]
    response = HttpResponse(make(ranking), content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{contest.slug}-{ranking.version}.{kind}"'
    return response


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """recompute_ranking.py as it is."""
    response = HttpResponse(result_files.script_text(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recompute_ranking.py"'
    return response
