"""What a meeting's page shows of one's own: a ballot paper for each unit, and where each stands in the line."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from consultation.board import Board, read_board
from consultation.eligibility import acting_entries, may_vote, may_watch
from consultation.models import Ballot, Mark, Meeting, Motion

from .doors import door
from .own_floor import own_units


def papers_of(request: HttpRequest, meeting: Meeting, motion: Motion | None) -> list[dict[str, Any]]:
    """One ballot paper for each unit the account acts for: there already, voted already, or still to vote."""
    entries = list(acting_entries(request.user, meeting).prefetch_related("attendances"))
    ballots: dict[int, Ballot] = {}
    marks: dict[int, bool] = {}
    if motion is not None:
        ballots = {b.entry_id: b for b in Ballot.objects.filter(motion=motion, entry__in=entries)}
        marks = dict(Mark.objects.filter(motion=motion, entry__in=entries).values_list("entry_id", "paper"))
    papers = []
    for entry in entries:
        stays = [stay for stay in entry.attendances.all() if stay.voided_at is None]
        ballot = ballots.get(entry.pk)
        papers.append(
            {
                "entry": entry,
                "present": any(stay.out_at is None for stay in stays),
                "may_vote": motion is not None and may_vote(motion, entry),
                "voted": entry.pk in marks and not marks[entry.pk],
                "choice": motion.said(ballot.choice) if ballot and motion else "",
                "holds_paper": marks.get(entry.pk, False),
                "key": secrets.token_urlsafe(16),
                # For phones without scripts: the voter's own secret, kept nowhere but on the page that shows it.
                "secret": secrets.token_hex(16),
                "kept": {"motion": motion.pk, "entry": entry.number} if motion is not None else {},
                "code_url": meeting.address("my_code", entry.number),
                "remote_url": meeting.address("attend_remotely", entry.number),
            }
        )
    return papers


def own_part(request: HttpRequest, meeting: Meeting, board: Board | None) -> dict[str, Any]:
    """Of the page of a meeting that is under way; without a board there is nothing."""
    motion = board.motion if board is not None else None
    papers = papers_of(request, meeting, motion) if board is not None else []
    return {
        "papers": papers,
        "speakers": own_units(papers, board),
        "voting_paused": motion is not None and motion.state == Motion.State.PAUSED,
        "voting_open": motion is not None and motion.state == Motion.State.OPEN,
    }


@door("GET", right=may_watch)
def own_papers(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The same alone, for a page whose owner is being signed in at the table: presence.js asks for it."""
    board = read_board(meeting) if hasattr(meeting, "roster") and meeting.is_live else None
    context = {"meeting": meeting, "village": meeting.village, "board": board, **own_part(request, meeting, board)}
    response = render(request, "consultation/partials/own_now.html", context)
    response["Cache-Control"] = "no-store"
    return response
