# SPDX-License-Identifier: GPL-2.0-or-later
"""OGC API Processes Part 1: the own jobs, the state of one, dismissing it, its results."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from functools import partial
from typing import Any
from urllib.parse import urlencode

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi.errors import NotFoundError, Problem, UsageError
from geoapi.jobs import folders, submission
from geoapi.jobs.failures import error_of
from geoapi.managers import BANGKOK
from geoapi.messages import message
from geoapi.ogc import cursor, process_pages
from geoapi.ogc.host import tagged
from geoapi.ogc.negotiation import finish, json_language, wanted_format
from geoapi.ogc.parameters import refuse_unknown
from geoapi.ogc.process_documents import job_document, link, own_links
from geoapi.ogc.process_results import Results, single_response
from geoapi.ogc.processes import job_results, json_response, ogc_base, read_limit
from geoapi.store.job_tables import STATES
from geoapi.store.jobs import JobFilter, JobRow
from geoapi.web.rendering import request_site, request_viewer

_NOT_READY = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/result-not-ready"
DEFAULT_JOBS, MAX_JOBS = 10, 1000
_PARAMETERS = (
    "f", "lang", "limit", "after", "type", "processID", "status", "datetime", "minDuration",
    "maxDuration",
)  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


async def get_jobs(request: Request) -> Response:
    """Answer ``GET /jobs``: those of the viewer; the public has none."""
    refuse_unknown(request.query_params, _PARAMETERS)
    wanted = _filter(request)
    site, language, base = request_site(request), json_language(request), ogc_base(request)
    rows = [] if wanted is None else await to_thread.run_sync(submission.list_jobs, site, wanted)
    params = {k: v for k, v in request.query_params.items() if k not in {"after", "f", "lang"}}
    links = own_links(f"{base}/jobs", message("jobs.list", language))
    if wanted is not None and len(rows) == wanted.limit:
        last = rows[-1]
        after = cursor.encode(site.keys, _binding(request), (last.created_at, last.id))
        query = urlencode(params | {"after": after}, safe=",:")
        links.append(link("next", f"{base}/jobs?{query}", message("jobs.next", language)))
    document = {"jobs": [job_document(row, base, language) for row in rows], "links": links}
    if wanted_format(request) == "html":
        return tagged(request, await process_pages.jobs_page(request, rows, document))
    return tagged(request, json_response(request, document))


def _binding(request: Request) -> str:
    """Name viewer and filter: a cursor counts within the same alone."""
    ignored = {"after", "limit", "f", "lang"}
    said = sorted(f"{k}={v}" for k, v in request.query_params.items() if k not in ignored)
    return "&".join(["jobs", request_viewer(request).user_id, *said])


def _refuse(name: str, message_id: str, **params: Any) -> UsageError:  # noqa: ANN401
    problem = Problem(message_id, parameter=name, params=params)
    return UsageError("ogc.invalid_parameters", problems=(problem,))


def _filter(request: Request) -> JobFilter | None:
    """Read the filter of a list, None when nothing can fit it.

    Raises:
        UsageError: a parameter is wrong.
    """
    params = request.query_params
    states = _list(params.get("status"))
    for state in states:
        if state not in STATES:
            raise _refuse("status", "ogc.unknown_code", value=state[:40], known=", ".join(STATES))
    since, until = _interval(params.get("datetime"))
    after = None
    if "after" in params:
        site = request_site(request)
        at, last = cursor.decode(site.keys, _binding(request), params["after"])
        after = (datetime.fromisoformat(at), last)
    if params.get("type") and "process" not in _list(params["type"]):
        return None
    return JobFilter(
        user_id=request_viewer(request).user_id,
        states=states,
        process_ids=_list(params.get("processID")),
        since=since,
        until=until,
        after=after,
        limit=read_limit(request, DEFAULT_JOBS, MAX_JOBS),
        least_s=_seconds(request, "minDuration"),
        most_s=_seconds(request, "maxDuration"),
    )


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _seconds(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 9:  # noqa: PLR2004 - digits
        raise _refuse(name, "ogc.not_in_range", value=text[:40], low=0, high=999_999_999)
    return int(text)


def _interval(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    parts = text.split("/")
    if len(parts) > 2:  # noqa: PLR2004 - an interval
        raise _refuse("datetime", "ogc.datetime", value=text[:80])
    first, last = parts[0], parts[-1]
    since = None if first in ("", "..") else _instant(first, text)
    until = None if last in ("", "..") else _instant(last, text, is_end=True)
    return since, until


def _instant(part: str, text: str, *, is_end: bool = False) -> datetime:
    """Read an instant; a date is the beginning or the end of that day in Thailand."""
    try:
        found = datetime.fromisoformat(part)
        if _DATE.fullmatch(part):
            time_of_day = time.max if is_end else time.min
            found = datetime.combine(found, time_of_day, BANGKOK)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _refuse("datetime", "ogc.datetime", value=text[:80]) from error


async def _job(request: Request) -> JobRow:
    site, viewer = request_site(request), request_viewer(request)
    return await to_thread.run_sync(submission.get_job, site, viewer, request.path_params["job_id"])


async def get_job(request: Request) -> Response:
    """Answer ``GET /jobs/{job_id}``."""
    refuse_unknown(request.query_params, ("f", "lang"))
    row = await _job(request)
    document = job_document(row, ogc_base(request), json_language(request))
    if wanted_format(request) == "html":
        return tagged(request, await process_pages.job_page(request, row, document))
    return _private(tagged(request, json_response(request, document)))


async def delete_job(request: Request) -> Response:
    """Answer ``DELETE /jobs/{job_id}``: end it, or delete it when it is over."""
    refuse_unknown(request.query_params, ("f", "lang"))
    site, viewer = request_site(request), request_viewer(request)
    row = await to_thread.run_sync(submission.dismiss, site, viewer, request.path_params["job_id"])
    document = job_document(row, ogc_base(request), json_language(request))
    return _private(finish(request, json_response(request, document)))


def _finished(row: JobRow) -> JobRow:
    """Return a successful job.

    Raises:
        NotFoundError: it is not finished, or was dismissed.
        ServicePointError: why it failed.
    """
    if row.state == "failed":
        raise error_of(row.message)
    if row.state != "successful":
        raise NotFoundError("jobs.not_ready", extra={"type": _NOT_READY}, progress=row.progress)
    return row


async def get_results(request: Request) -> Response:
    """Answer ``GET /jobs/{job_id}/results``."""
    refuse_unknown(request.query_params, ("f", "lang"))
    row = _finished(await _job(request))
    return _private(finish(request, await to_thread.run_sync(job_results, request, row)))


async def get_result(request: Request) -> Response:
    """Answer ``GET /jobs/{job_id}/results/{output_id}``: one output as it is."""
    refuse_unknown(request.query_params, ("f", "lang"))
    row = _finished(await _job(request))
    data_dir = request_site(request).settings.data_dir
    results = Results(row.results, folders.attempt_folder(data_dir, row.id, row.attempt))
    answer = partial(single_response, results, request.path_params["output_id"])
    return _private(finish(request, await to_thread.run_sync(answer)))


def _private(response: Response) -> Response:
    """Let no shared cache keep what is one person's, or known to one person alone."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response
