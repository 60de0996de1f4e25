"""A sheet on its way into the roll: upload, match the columns, look at what would happen, ask a second person."""

from __future__ import annotations

import functools
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from residents import sheet_uploads
from residents.background import compare_sheet
from residents.forms import ColumnsForm, SheetForm
from residents.models import SheetUpload, Village
from residents.rights import Act
from residents.roll_imports import propose_import
from residents.sheets.applying import ImportRefused
from residents.sheets.files import roll_sheet
from residents.sheets.reading import SheetRefused
from residents.sheets.writing import blank_sheet, problem_sheet
from ui.answers import STATUS, refuse
from ui.limits import too_many_uploads

from .doors import village_door
from .roll import attachment, trail

SHOWN_REMARKS = 200
AT_ONCE_ROWS = 1500  # fewer are compared while the page waits
REFRESH_SECONDS = 2


def _where(village: Village, name: str, **more: Any) -> str:
    return reverse(f"residents:{name}", kwargs={"village": village.slug, **more})


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def upload(request: HttpRequest, village: Village) -> HttpResponse:
    """Take a sheet in. It is only kept sealed and for an hour, until somebody has looked at it."""
    form = SheetForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if too_many_uploads(request.user.pk):
            return refuse(request, "slow_down", _("一小时最多上传 20 次，请过一会儿再试。"), retry_after=3600)
        if form.is_valid():
            file = form.cleaned_data["file"]
            content = file.read()
            try:
                sheet, layout = roll_sheet(file.name, content)
            except SheetRefused as refused:
                form.add_error("file", refused.message)
                status = STATUS[refused.code]
            else:
                kept = sheet_uploads.keep_sheet(
                    village, request.user, name=file.name, content=content, whole=form.cleaned_data["whole"]
                )
                unknown = [
                    words for column, words in enumerate(layout.headings) if words and column not in layout.columns
                ]
                if unknown and sheet_uploads.mapping_for(village, layout) is None:
                    return redirect(_where(village, "import_columns", token=kept.token))
                _begin(kept, rows=len(sheet.rows))
                return redirect(_where(village, "import_preview", token=kept.token))
    context = {"form": form, "village": village, "trail": trail(village)}
    return render(request, "residents/roll/import.html", context, status=status)


def _begin(kept: SheetUpload, *, rows: int) -> None:
    """Compare a small sheet at once, leave a large one to the worker."""
    if rows <= AT_ONCE_ROWS:
        sheet_uploads.work_on(kept.pk)
    else:
        transaction.on_commit(functools.partial(compare_sheet.enqueue, kept.pk))


def _again(request: HttpRequest, village: Village) -> HttpResponse:
    messages.warning(request, _("这个表格已经过了一小时，请重新上传。"))
    return redirect(_where(village, "import"))


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def columns(request: HttpRequest, village: Village, token: str) -> HttpResponse:
    """Say by hand what each column means; remembered for the next sheet with the same headings."""
    kept = sheet_uploads.find_sheet(village, request.user, token)
    if kept is None:
        return _again(request, village)
    sheet, layout = sheet_uploads.opened(kept)
    form = ColumnsForm(request.POST or None, layout=layout, examples=sheet.rows[layout.row + 1 : layout.row + 4])
    if request.method == "POST" and form.is_valid():
        sheet_uploads.set_columns(kept, layout, form.mapping())
        _begin(kept, rows=len(sheet.rows))
        return redirect(_where(village, "import_preview", token=token))
    context = {"form": form, "village": village, "trail": trail(village)}
    return render(request, "residents/roll/import_columns.html", context, status=422 if form.is_bound else 200)


@village_door("GET", "POST", act=Act.IMPORT_ROLL)
def preview(request: HttpRequest, village: Village, token: str) -> HttpResponse:
    """How far the comparing is, then what the sheet would do. Nothing changes here: a second person is asked."""
    kept = sheet_uploads.find_sheet(village, request.user, token)
    if kept is None:
        return _again(request, village)
    if sheet_uploads.is_left_lying(kept):
        sheet_uploads.work_on(kept.pk)
        kept.refresh_from_db()
    if kept.state == SheetUpload.State.REFUSED:
        return refuse(request, kept.refused_code, kept.refused_message, back=_where(village, "import"))
    if kept.state != SheetUpload.State.READY:
        return _progress(request, village, kept)
    outcome = sheet_uploads.outcome_of(kept)
    if request.method == "POST":
        try:
            propose_import(village, outcome.people, outcome.preview, whole=kept.whole, by=request.user)
        except ImportRefused as refused:
            messages.error(request, str(refused))
        else:
            kept.delete()
            messages.success(request, _("已提交。请另一位村（社区）管理员在“待确认事项”里核对、确认，名册才会改。"))
            return redirect(_where(village, "proposals"))
    told = outcome.preview
    context = {
        "village": village,
        "trail": trail(village),
        "token": token,
        "file": kept.name,
        "told": told,
        "whole": kept.whole,
        "problems": told.problems[:SHOWN_REMARKS],
        "notes": told.notes[:SHOWN_REMARKS],
    }
    response = render(
        request, "residents/roll/import_preview.html", context, status=422 if told.problems else 200
    )  # fmt: skip
    response["Cache-Control"] = "no-store"
    return response


def _progress(request: HttpRequest, village: Village, kept: SheetUpload) -> HttpResponse:
    """The steps, and how many rows are done; the browser asks again by itself, without any script."""
    order = [SheetUpload.State.READING, SheetUpload.State.CHECKING, SheetUpload.State.COMPARING]
    here = order.index(kept.state) if kept.state in order else -1
    count = _("%(done)s / %(total)s 行") % {"done": kept.done, "total": kept.total} if kept.total else ""
    steps = [
        {
            "title": state.label,
            "state": "done" if number < here else "now" if number == here else "next",
            "text": count if number == here else "",
        }
        for number, state in enumerate(order)
    ]
    context = {"village": village, "trail": trail(village), "steps": steps, "kept": kept, "waiting": here < 0}
    response = render(request, "residents/roll/import_progress.html", context)
    response["Refresh"] = str(REFRESH_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


@village_door("GET", act=Act.IMPORT_ROLL)
def problems(request: HttpRequest, village: Village, token: str) -> HttpResponse:
    """The same sheet with its problems beside the rows, to be mended and sent again."""
    kept = sheet_uploads.find_sheet(village, request.user, token)
    if kept is None:
        return _again(request, village)
    if kept.state != SheetUpload.State.READY:
        return redirect(_where(village, "import_preview", token=token))
    sheet, layout = sheet_uploads.opened(kept)
    told = sheet_uploads.outcome_of(kept).preview
    return attachment(problem_sheet(sheet, layout, told.problems, told.notes), "problems.xlsx")


@village_door("GET", act=Act.IMPORT_ROLL)
def blank(request: HttpRequest, village: Village) -> HttpResponse:
    return attachment(blank_sheet(), "roll-blank.xlsx")
