"""One way to refuse: the same plain sentence as a page or as JSON (the codes are those of docs/errors.md)."""

import uuid

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)

STATUS = {
    "bad_request": 400,
    "sign_in": 401,
    "forbidden": 403,
    "step_up": 403,
    "not_found": 404,
    "wrong_method": 405,
    "poll_closed": 409,
    "wrong_state": 409,
    "stale": 409,
    "already_voted": 409,
    "same_person": 409,
    "too_large": 413,
    "bad_type": 415,
    "invalid": 422,
    "refused_file": 422,
    "slow_down": 429,
    "try_again": 503,
}


def wants_json(request: HttpRequest) -> bool:
    """A script asks by its Accept header; browsers never put JSON there."""
    # Not `request.headers`, which names every header anew for each ballot.
    return "application/json" in request.META.get("HTTP_ACCEPT", "")


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def is_no_form(request: HttpRequest) -> bool:
    """Something was sent that is no form, JSON for one: nothing in it is read, so it must not pass for an empty one."""
    return request.content_type not in _FORMS and request.META.get("CONTENT_LENGTH", "") not in ("", "0")


def refuse_no_form(request: HttpRequest, *, back: str | None = None) -> HttpResponse:
    """The answer to it."""
    return refuse(request, "bad_type", _("这里只收网页上的表单，刚才的没有记下。请从页面上的按钮操作。"), back=back)


def refuse(
    request: HttpRequest,
    code: str,
    message: str,
    *,
    field: str | None = None,
    back: str | None = None,
    retry_after: int | None = None,
) -> HttpResponse:
    """Answer a refused request.

    `code` is a key of STATUS (else KeyError); `message` one plain sentence that says what to do; `field` the form
    field it concerns; `back` a path to go on from; `retry_after` seconds after which the same request may succeed.
    """
    request_id = uuid.uuid4().hex[:12]
    status = STATUS[code]
    retry = retry_after is not None
    log.info("refused", code=code, status=status, path=request.path, request_id=request_id)
    if wants_json(request):
        error = {
            "code": code,
            "message": str(message),
            "field": field,
            "retry": retry,
            "request_id": request_id,
        }
        response: HttpResponse = JsonResponse({"error": error}, status=status)
    else:
        context = {
            "code": code,
            "message": message,
            "back": back,
            "retry": retry,
            "request_id": request_id,
        }
        response = render(request, "refused.html", context, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    response["Cache-Control"] = "no-store"
    return response
