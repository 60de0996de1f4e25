"""The site's own 400, 403, 404 and 500: plain Chinese, and 503 with a retry when the database is away."""

import sys
import uuid

import structlog
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _

from ui.answers import refuse, wants_json

log = structlog.get_logger(__name__)

READ_ONLY = "25006"  # read_only_sql_transaction


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return refuse(request, "too_large", _("提交的内容太多，没有保存。请删短一些，或者分几次提交。"))
    if isinstance(
        exception, SessionInterrupted
    ):  # could not be written, or ended meanwhile; the act itself may be done
        return refuse(request, "try_again", _("系统正忙，请过几秒再试一次。"), retry_after=5)
    return refuse(request, "bad_request", _("提交的内容看不懂，没有保存。请返回上一页重试。"))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refuse(request, "forbidden", _("您没有权限做这件事。如果认为不对，请联系村（居）委会。"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refuse(
        request,
        "forbidden",
        _("页面放得太久了，为了安全没有提交。请返回上一页刷新后再试一次。"),
        back=request.path if request.method == "GET" else None,
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refuse(request, "not_found", _("没有找到这个页面。可能是网址有误，也可能内容已经撤下。"))


def _only_reads(error: BaseException | None) -> bool:
    """PostgreSQL's standby before it is promoted takes no writing: away for who writes, though it is no such error."""
    return isinstance(error, InternalError) and getattr(error.__cause__, "sqlstate", "") == READ_ONLY


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without touching the database: it may be the very thing that is away."""
    error = sys.exc_info()[1]
    away = isinstance(error, OperationalError | InterfaceError) or _only_reads(error)
    code, status = ("try_again", 503) if away else ("server_error", 500)
    message = (
        _("系统正忙，刚才的操作没有保存。请过几秒再试一次。")
        if away
        else _("系统出了点问题，我们已经记下。请稍后再试。")
    )
    request_id = uuid.uuid4().hex[:12]
    log.error(
        "failed",
        code=code,
        path=request.path,
        error=type(error).__name__,
        request_id=request_id,
    )
    if wants_json(request):
        body = {
            "code": code,
            "message": message,
            "field": None,
            "retry": away,
            "request_id": request_id,
        }
        response: HttpResponse = JsonResponse({"error": body}, status=status)
    else:
        context = {"message": message, "retry": away, "request_id": request_id}
        response = HttpResponse(loader.get_template("500.html").render(context), status=status)
    if away:
        response["Retry-After"] = "5"
    response["Cache-Control"] = "no-store"
    return response
