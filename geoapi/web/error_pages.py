# SPDX-License-Identifier: GPL-2.0-or-later
"""Answer an error: a document for programs, a page for people, a sign-in when that helps."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from jinja2 import TemplateError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from geoapi.errors import NotAuthenticatedError, ServicePointError, UsageError
from geoapi.problems import MEDIA_TYPE, kind_of, problem_document
from geoapi.web.authentication import BASIC, BEARER
from geoapi.web.rendering import render, request_language

_OTHER = "operation.http_other"
# status of the router or a middleware: (message, OGC code)
_HTTP_MESSAGES: dict[int, tuple[str, str]] = {
    400: ("operation.http_bad_request", "InvalidParameterValue"),
    404: ("operation.http_not_found", "NotFound"),
    405: ("operation.http_method", "MethodNotAllowed"),
    408: ("operation.http_slow_body", "RequestTimeout"),
    500: ("operation.http_defect", "NoApplicableCode"),
}
_RETRY_AFTER_S = 5
_KEPT_HEADERS = ("allow", "connection", "www-authenticate", "retry-after")


async def on_error(request: Request, error: Exception) -> Response:
    """Answer one of our own errors; Starlette's handler signature.

    Args:
        request: any request; its language decides that of the text.
        error: a :class:`ServicePointError`.
    """
    if not isinstance(error, ServicePointError):
        raise error
    is_read = request.method in {"GET", "HEAD"}
    if isinstance(error, NotAuthenticatedError) and is_read and _wants_page(request):
        return _to_login(request)
    document = problem_document(error, request_language(request), _request_id(request))
    headers: dict[str, str] = {}
    if isinstance(error, NotAuthenticatedError):
        headers["WWW-Authenticate"] = f"{BEARER}, {BASIC}"
    status = kind_of(error).status
    if status in {429, 503}:
        headers["Retry-After"] = str(int(error.params.get("retry_after_s", _RETRY_AFTER_S)))
    if status in {408, 413}:
        # the rest of the body is not read; it must not be taken for the next request
        headers["Connection"] = "close"
    return _answer(request, document, headers)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer an error of the router or a middleware, such as 404, 405 or 408."""
    if not isinstance(error, HTTPException):
        raise error
    given = {k: v for k, v in (error.headers or {}).items() if k.lower() in _KEPT_HEADERS}
    return _answer(request, http_problem(request, error.status_code), given)


def http_problem(request: Request, status: int) -> dict[str, Any]:
    """Make the problem document of a status that no error of ours stands for."""
    message_id, code = _HTTP_MESSAGES.get(status, (_OTHER, "NoApplicableCode"))
    params: dict[str, Any] = {"method": request.method, "path": request.url.path, "status": status}
    error = UsageError(message_id, **params)
    document = problem_document(error, request_language(request), _request_id(request))
    return document | {"status": status, "title": HTTPStatus(status).phrase, "code": code}


def defect_response(request: Request) -> Response:
    """Answer a defect of ours: no detail, only the id under which the log has it."""
    return _answer(request, http_problem(request, 500), {})


async def on_defect(request: Request, _error: Exception) -> Response:
    """Answer a defect in the layers outside of the one that answers those inside it."""
    response = defect_response(request)
    response.headers["Cache-Control"] = "no-store"
    return response


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))


def _wants_page(request: Request) -> bool:
    path = request.scope["path"]
    if path == "/ogc" or path.startswith("/ogc/"):
        return False
    return "text/html" in request.headers.get("accept", "")


def _to_login(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(
        f"/auth/login?next={quote(here, safe='')}",
        status_code=303,
        headers={"Cache-Control": "no-store"},
    )


def _answer(request: Request, document: dict[str, Any], headers: dict[str, str]) -> Response:
    response = _page(request, document) if _wants_page(request) else None
    if response is None:
        response = Response(
            orjson.dumps(document),
            document["status"],
            {"Content-Language": request_language(request), "Vary": "Accept-Language, Accept"},
            media_type=MEDIA_TYPE,
        )
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers)
    return response


def _page(request: Request, document: dict[str, Any]) -> Response | None:
    """Render the error's page, or None when even that fails."""
    context = {
        "problem": document,
        "status": document["status"],
        "title": document["title"],
        "detail": document["detail"],
        "problems": [entry["detail"] for entry in document.get("errors", ())],
        "request_id": document.get("request_id", ""),
    }
    try:
        return render(request, "error.html", context, document["status"])
    except TemplateError:
        return None
