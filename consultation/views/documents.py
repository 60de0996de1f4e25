"""Papers of a meeting: the list for those who prepare it, adding, taking back, and the files themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from consultation import documents as rules
from consultation.document_forms import DocumentForm
from consultation.errors import MeetingError
from consultation.models import Meeting, MeetingDocument
from ui.answers import STATUS, refuse, wants_json
from ui.limits import too_many_uploads

from .doors import Factor, belongs, door, sign_in_first
from .meeting import trail

TYPES = {
    MeetingDocument.Kind.PDF: "application/pdf",
    MeetingDocument.Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    MeetingDocument.Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    MeetingDocument.Kind.JPG: "image/jpeg",
}


def _find(meeting: Meeting, number: int) -> MeetingDocument:
    found = rules.documents_of(meeting, inside=True).select_related("village", "meeting__village")
    return get_object_or_404(found, number=number)


@door("GET", "POST", right=rules.may_lay_before, factor=Factor.CONSOLE)
@never_cache
def documents(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """All papers, and the form for one more; what was typed stays, the file is chosen again."""
    form = DocumentForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if too_many_uploads(request.user.pk):
            return refuse(
                request, "slow_down", _("一小时里传得太多了，请过一会儿再传。"), back=meeting.address("documents"),
                retry_after=3600,
            )  # fmt: skip
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                kept = rules.add_document(
                    meeting, data["file"], title=data["title"], village_only=data["village_only"], by=request.user
                )
            except MeetingError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
                status = STATUS[error.code]
            else:
                messages.success(request, _("“%(title)s”放好了。") % {"title": kept.title})
                return HttpResponseRedirect(meeting.address("documents"), status=303)
        if wants_json(request):
            words = next(iter(form.errors.values()))[0]
            return refuse(request, "invalid", str(words), back=meeting.address("documents"))
    context = {
        "meeting": meeting,
        "village": meeting.village,
        "trail": trail(meeting, itself=True),
        "form": form,
        "documents": rules.documents_of(meeting, inside=True).select_related("village", "meeting"),
        "most": rules.A_MEETING,
        "may_still_go": rules.may_still_go(meeting),
        "console_url": meeting.address("console"),
    }
    return render(request, "consultation/documents.html", context, status=status)


@door("GET")
def document(request: HttpRequest, meeting: Meeting, document: int) -> HttpResponse:
    """The file itself, judged at every request: to be saved, never opened as a page of ours."""
    found = _find(meeting, document)
    if found.village_only and not belongs(request.user, meeting):
        if not request.user.is_authenticated:
            return sign_in_first(request)
        raise Http404
    try:
        with found.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise Http404 from error
    kind = MeetingDocument.Kind(found.kind)
    made_by_us = kind == MeetingDocument.Kind.JPG
    disposition = content_disposition_header(not made_by_us, f"{found.title}.{found.kind}")
    return HttpResponse(
        content,
        content_type=TYPES[kind],
        headers={
            "Content-Disposition": disposition or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )


@door("POST", right=rules.may_lay_before, back="documents", factor=Factor.CONSOLE)
def remove(request: HttpRequest, meeting: Meeting, document: int) -> HttpResponse:
    found = _find(meeting, document)
    rules.remove_document(found, by=request.user)
    messages.success(request, _("“%(title)s”删掉了。") % {"title": found.title})
    return HttpResponseRedirect(meeting.address("documents"), status=303)


@door("POST", right=rules.may_lay_before, back="documents", factor=Factor.CONSOLE)
def show(request: HttpRequest, meeting: Meeting, document: int) -> HttpResponse:
    """`to=everybody`, or else only the village."""
    line = rules.show_document(
        _find(meeting, document), village_only=request.POST.get("to") != "everybody", by=request.user
    )
    said = _("“%(title)s”现在只有本村（社区）的人能看。") if line.village_only else _("“%(title)s”现在谁都能看。")
    messages.success(request, said % {"title": line.title})
    return HttpResponseRedirect(meeting.address("documents"), status=303)
