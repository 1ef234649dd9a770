# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of progress reports: make, read and print one, take it as a file, send and receive it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import sent_reports
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    NotAuthenticatedError,
    NotFoundError,
    Problem,
    ServicePointError,
    UsageError,
)
from geoapi.messages import Language
from geoapi.progress_report import PERMISSION
from geoapi.progress_report_choices import agency_choices, area_choices, province_words
from geoapi.progress_report_html import report_body, style
from geoapi.progress_report_process import OUTPUTS
from geoapi.progress_report_words import about_words, file_name, maker_words, say
from geoapi.rights import require
from geoapi.sent_reports import MadeReport
from geoapi.web.assignment_view import typed, typed_day
from geoapi.web.csrf import checked_form
from geoapi.web.forms import actor_of, moment, see_other, show_form
from geoapi.web.rendering import request_language, request_site, request_viewer

_FIELDS = ("area", "agency_id", "campaign", "as_of", "group_by")
_ON_FORM = (UsageError, ConflictError)
_ON_PAGE = (ConflictError, ForbiddenError)
_NOTICES = ("sent", "received")
_FILES = {"html": "file_html", "xlsx": "file_xlsx", "csv": "file_csv", "json": "file_json"}
_PROVINCE_DIGITS = 2


def routes() -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/my/reports", reports, methods=["GET", "POST"]),
        Route("/my/report-style.css", style_sheet, methods=["GET"]),
        Route("/my/reports/{id}", one, methods=["GET", "POST"]),
        Route("/my/reports/{id}/{ending}", as_file, methods=["GET"]),
    ]


async def reports(request: Request) -> Response:
    """List reports and offer to make one; make it."""
    require(request_viewer(request), PERMISSION)
    if request.method == "GET":
        return await run_in_threadpool(_list, request, {}, None)
    posted = await checked_form(request)
    # counting takes a second or more where there are many points: never in the event loop
    return await run_in_threadpool(_make, request, posted)


def _list(request: Request, given: dict[str, str], error: ServicePointError | None) -> Response:
    site, viewer = request_site(request), request_viewer(request)
    language = request_language(request)
    own, sent = sent_reports.listed(site, viewer)
    context = {
        "own": [_row(made, language) for made in own],
        "sent": [_row(made, language) for made in sent],
        "areas": area_choices(site, viewer, language),
        "agencies": agency_choices(site, viewer, language),
        "typed": dict.fromkeys(_FIELDS, "") | given,
    }
    return show_form(request, "reports/list.html", context, error)


def _row(made: MadeReport, language: Language) -> dict[str, Any]:
    total = made.report.total
    sums = {name: getattr(total, name) for name in ("places", "pinned", "verified", "late")}
    return {
        "id": made.id,
        "about": about_words(made.report, language),
        "made_at": moment(made.report.made_at, language),
        "maker": maker_words(made.report, language),
        "sums": say("sums", language, **sums),
        "state": _state(made),
    }


def _state(made: MadeReport) -> str:
    if made.received_at is not None:
        return "received"
    return "made" if made.sent_at is None else "sent"


def _make(request: Request, posted: FormData) -> Response:
    given = typed(posted, _FIELDS)
    try:
        inputs = _inputs(given, request_language(request))
        report_id = sent_reports.make(request_site(request), actor_of(request), inputs)
    except (NotAuthenticatedError, NotFoundError):
        raise
    except _ON_FORM as error:
        return _list(request, given, _on_field(error))
    return see_other(f"/my/reports/{report_id}")


def _inputs(given: dict[str, str], language: Language) -> dict[str, Any]:
    """Return what the form asks for, as the process takes it."""
    area = given["area"]
    name = "province_code" if len(area) == _PROVINCE_DIGITS else "district_code"
    asked = {
        name: area,
        "agency_id": given["agency_id"],
        "campaign": given["campaign"],
        "as_of": typed_day(given["as_of"], "as_of"),
        "group_by": given["group_by"],
        "language": language,
    }
    return {key: value for key, value in asked.items() if value}


def _on_field(error: ServicePointError) -> ServicePointError:
    """Return the error with its problems at the fields of the form."""
    moved = []
    for problem in error.problems:
        field = problem.pointer.rpartition("/")[2]
        shown = "area" if field in ("province_code", "district_code") else field
        moved.append(Problem(problem.message_id, f"/{shown}", params=problem.params))
    return type(error)(error.message_id, problems=tuple(moved), extra=error.extra, **error.params)


async def one(request: Request) -> Response:
    """Show a report; send it, or confirm that it came."""
    require(request_viewer(request), PERMISSION)
    if request.method == "GET":
        return await run_in_threadpool(_page, request, None)
    posted = await checked_form(request)
    return await run_in_threadpool(_act, request, posted)


def _page(request: Request, error: ServicePointError | None) -> Response:
    site, language = request_site(request), request_language(request)
    made = sent_reports.show(site, request_viewer(request), request.path_params["id"])
    done = request.query_params.get("done", "")
    context = {
        "made": made,
        "state": _state(made),
        "about": about_words(made.report, language),
        "body": report_body(made.report, language),
        "files": [(ending, say(name, language)) for ending, name in _FILES.items()],
        "province": province_words(site, made.province_code, language),
        "notice": say(f"notice_{done}", language) if done in _NOTICES else "",
    }
    return show_form(request, "reports/one.html", context, error)


def _act(request: Request, posted: FormData) -> Response:
    site, report_id = request_site(request), request.path_params["id"]
    steps: dict[str, tuple[Callable[..., None], str]] = {
        "send": (sent_reports.send, "sent"),
        "receive": (sent_reports.receive, "received"),
    }
    step = steps.get(typed(posted, ["action"])["action"])
    if step is None:
        return _page(request, None)
    try:
        step[0](site, actor_of(request), report_id)
    except _ON_PAGE as error:
        return _page(request, error)
    return see_other(f"/my/reports/{report_id}?done={step[1]}")


def as_file(request: Request) -> Response:
    """Send a made report as a file.

    Raises:
        NotFoundError: there is no such report, or no such format.
    """
    made = sent_reports.show(
        request_site(request), request_viewer(request), request.path_params["id"]
    )
    ending = request.path_params["ending"]
    output = next((o for o in OUTPUTS if o.ending == ending), None)
    if output is None:
        raise NotFoundError("progress.unknown_format", value=ending[:20])
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(made.report, ending)}"',
        "Cache-Control": "no-store",
        "Content-Language": request_language(request),
    }
    body = output.render(made.report, request_language(request))
    return Response(body, media_type=output.media_type, headers=headers)


def style_sheet(_request: Request) -> Response:
    """Send the style sheet of reports, which also stands inside their files."""
    return Response(style(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})
