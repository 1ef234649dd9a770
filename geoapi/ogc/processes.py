# SPDX-License-Identifier: GPL-2.0-or-later
"""OGC API Processes Part 1: the list of processes, their descriptions, and their execution."""

from __future__ import annotations

import re
import time
from typing import Any

import anyio
import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi.errors import NotFoundError, Problem, UsageError
from geoapi.jobs import folders, submission
from geoapi.jobs.children import Call
from geoapi.jobs.engine import EnginePool
from geoapi.jobs.failures import error_of
from geoapi.jobs.submission import NewJob
from geoapi.messages import message
from geoapi.ogc import process_documents, process_pages
from geoapi.ogc.bodies import read_object
from geoapi.ogc.host import tagged
from geoapi.ogc.negotiation import JSON, finish, json_language, wanted_format
from geoapi.ogc.parameters import refuse_unknown
from geoapi.ogc.process_request import Execution, read_execution
from geoapi.ogc.process_results import Results, results_response, wanted_outputs
from geoapi.process_model import Process
from geoapi.process_registry import Processes
from geoapi.rights import require
from geoapi.store.jobs import JobRow
from geoapi.types import JsonObject
from geoapi.web.rendering import request_site, request_viewer

_NO_SUCH_PROCESS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-process"
_MOST_PROCESSES = 1000
_LONGEST_WAIT_S = 30.0
_LOOK_EVERY_S = 0.2


def request_processes(request: Request) -> Processes:
    """Return the processes of the application."""
    processes: Processes = request.app.state.processes
    return processes


def find_process(request: Request) -> Process:
    """Return the process that the address names.

    Raises:
        NotFoundError: there is none.
    """
    process_id = request.path_params["process_id"]
    process = request_processes(request).get(process_id)
    if process is None:
        raise NotFoundError(
            "jobs.no_such_process", extra={"type": _NO_SUCH_PROCESS}, id=process_id[:80]
        )
    return process


def ogc_base(request: Request) -> str:
    """Return the address of the OGC API."""
    return f"{request_site(request).settings.base_url}/ogc"


def json_response(request: Request, document: JsonObject, status: int = 200) -> Response:
    """Return a JSON document in the reader's language."""
    response = Response(orjson.dumps(document), status, media_type=JSON)
    response.headers["Content-Language"] = json_language(request)
    return response


async def get_processes(request: Request) -> Response:
    """Answer ``GET /processes``."""
    refuse_unknown(request.query_params, ("f", "lang", "limit"))
    limit = read_limit(request, _MOST_PROCESSES, _MOST_PROCESSES)
    language, base = json_language(request), ogc_base(request)
    shown = list(request_processes(request).values())[:limit]
    document = {
        "processes": [process_documents.process_summary(p, base, language) for p in shown],
        "links": process_documents.own_links(
            f"{base}/processes", message("jobs.processes", language)
        ),
    }
    if wanted_format(request) == "html":
        return tagged(request, await process_pages.processes_page(request, document))
    return tagged(request, json_response(request, document))


async def get_process(request: Request) -> Response:
    """Answer ``GET /processes/{process_id}``."""
    refuse_unknown(request.query_params, ("f", "lang"))
    process = find_process(request)
    document = process_documents.process_document(
        process, ogc_base(request), json_language(request)
    )
    if wanted_format(request) == "html":
        return tagged(request, await process_pages.process_page(request, process, document))
    return tagged(request, json_response(request, document))


def read_limit(request: Request, default: int, most: int) -> int:
    """Read ``limit``, cut to the most that is given.

    Raises:
        UsageError: it is no number from 1 on.
    """
    text = request.query_params.get("limit")
    if text is None:
        return default
    if not text.isdecimal() or len(text) > 12 or int(text) < 1:  # noqa: PLR2004 - digits
        params: dict[str, Any] = {"value": text[:40], "low": 1, "high": most}
        problem = Problem("ogc.not_in_range", parameter="limit", params=params)
        raise UsageError("ogc.invalid_parameters", problems=(problem,))
    return min(int(text), most)


async def execute(request: Request) -> Response:
    """Answer ``POST /processes/{process_id}/execution``.

    Raises:
        NotFoundError: no such process.
        NotAuthenticatedError, ForbiddenError: the process is not for this viewer.
        InvalidDocumentError: an input is wrong.
        ServicePointError: see :class:`EnginePool` and :func:`submission.submit`.
    """
    refuse_unknown(request.query_params, ("f", "lang"))
    process, viewer = find_process(request), request_viewer(request)
    if process.permission:
        require(viewer, process.permission)
    _, body = await read_object(request, (JSON,))
    execution = await to_thread.run_sync(read_execution, process, body)
    wants_job, wait_s = _preferred(request)
    if process.is_async and (wants_job or not process.is_sync):
        return await _as_job(request, process, execution, (wants_job, wait_s))
    return finish(request, await _at_once(request, process, execution, wait_s))


def _preferred(request: Request) -> tuple[bool, float | None]:
    """Read ``Prefer``: whether respond-async is wanted, and how long to wait, None unsaid."""
    wanted = ",".join(request.headers.getlist("prefer")).lower().replace('"', "")
    parts = [part.strip() for part in re.split("[,;]", wanted)]
    waits = [part.partition("=")[2].strip() for part in parts if part.startswith("wait")]
    wait_s = next((float(w) for w in waits if w.isascii() and w.isdecimal() and len(w) < 8), None)  # noqa: PLR2004
    return "respond-async" in parts, wait_s


def _owner(request: Request) -> str:
    address = request.client.host if request.client else ""
    return submission.owner_key(request_site(request), request_viewer(request), address)


async def _at_once(
    request: Request, process: Process, execution: Execution, wait_s: float | None
) -> Response:
    site = request_site(request)
    engines: EnginePool = request.app.state.engines
    seconds = min(process.sync_s, site.settings.sync_seconds)
    if wait_s is not None:
        seconds = max(0.1, min(seconds, wait_s))
    folder = folders.new_call_folder(site.settings.data_dir)
    call = Call(
        process.id, execution.inputs, request_viewer(request).user_id, folder, seconds,
        str(getattr(request.state, "request_id", "")),
    )  # fmt: skip
    try:
        found = await engines.run(call, _owner(request))
        results = Results(wanted_outputs(found, list(execution.outputs)), folder)
        response = await to_thread.run_sync(
            lambda: results_response(results, is_document=execution.is_document)
        )
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(folders.remove, folder)
    response.headers["Cache-Control"] = "no-store"
    if wait_s is not None:
        response.headers["Preference-Applied"] = f"wait={wait_s:.0f}"
    return response


async def _as_job(
    request: Request,
    process: Process,
    execution: Execution,
    preferred: tuple[bool, float | None],
) -> Response:
    site, viewer = request_site(request), request_viewer(request)
    wants_job, wait_s = preferred
    new = NewJob(
        process, execution.inputs, _owner(request), execution.wanted,
        str(getattr(request.state, "request_id", "")),
    )  # fmt: skip
    row = await to_thread.run_sync(submission.submit, site, viewer, new)
    if wait_s is not None:
        row = await _awaited(request, row, wait_s)
        if row.state == "successful":
            response = await to_thread.run_sync(job_results, request, row)
            response.headers["Preference-Applied"] = f"wait={wait_s:.0f}"
            response.headers["Cache-Control"] = "no-store"
            return finish(request, response)
        if row.state == "failed":
            raise error_of(row.message)
    base = ogc_base(request)
    document = process_documents.job_document(row, base, json_language(request))
    response = json_response(request, document, 201)
    response.headers["Location"] = f"{base}/jobs/{row.id}"
    response.headers["Cache-Control"] = "no-store"
    if wants_job:
        response.headers["Preference-Applied"] = "respond-async"
    return finish(request, response)


async def _awaited(request: Request, row: JobRow, wait_s: float) -> JobRow:
    """Wait for a job for as long as the client wants, half a minute at the most."""
    site, viewer = request_site(request), request_viewer(request)
    deadline = time.monotonic() + min(wait_s, _LONGEST_WAIT_S)
    while not row.is_finished and time.monotonic() < deadline:
        await anyio.sleep(_LOOK_EVERY_S)
        row = await to_thread.run_sync(submission.get_job, site, viewer, row.id)
    return row


def job_results(request: Request, row: JobRow) -> Response:
    """Return the results of a successful job in the form that was asked for."""
    data_dir = request_site(request).settings.data_dir
    folder = folders.attempt_folder(data_dir, row.id, row.attempt)
    names = row.wanted.get("outputs") or list(row.results)
    results = Results(wanted_outputs(row.results, names), folder)
    return results_response(results, is_document=bool(row.wanted.get("is_document")))
