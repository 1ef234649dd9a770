# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of processes and jobs; a page of a running job looks again by itself, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi.messages import Language, message
from geoapi.ogc.html_pages import json_url
from geoapi.ogc.process_documents import said
from geoapi.process_model import Process
from geoapi.process_registry import Processes
from geoapi.rights import Viewer, has
from geoapi.store.jobs import JobRow
from geoapi.types import JsonObject
from geoapi.web.forms import moment
from geoapi.web.job_form import fields_of
from geoapi.web.rendering import render, request_language, request_viewer

_LOOK_AGAIN_S = 3
_BADGES = {"successful": "good", "failed": "bad", "running": "warn"}
_KILO = 1000


async def _page(request: Request, template: str, context: dict[str, Any]) -> Response:
    return await to_thread.run_sync(partial(render, request, f"ogc/{template}.html", context))


async def processes_page(request: Request, document: JsonObject) -> Response:
    """Show the list of processes."""
    context = {"document": document, "json_url": json_url(request)}
    return await _page(request, "processes", context)


def may_start(viewer: Viewer, process: Process) -> bool:
    """Say whether a page should offer to start a process: to users with the right alone."""
    if viewer.is_anonymous:
        return False
    return not process.permission or has(viewer, process.permission)


async def process_page(request: Request, process: Process, document: JsonObject) -> Response:
    """Show a process: what goes in, what comes out, and a form for those who may start it."""
    return await _page(request, "process", process_context(request, process, document))


def process_context(request: Request, process: Process, document: JsonObject) -> dict[str, Any]:
    """Return what the page of a process shows."""
    language = request_language(request)
    can_start = may_start(request_viewer(request), process) and process.is_async
    return {
        "document": document,
        "json_url": json_url(request),
        "inputs": _inputs(document),
        "can_start": can_start,
        "fields": fields_of(process, language, {}) if can_start else [],
        "errors": {},
        "problems": [],
        "process_id": process.id,
    }


def _inputs(document: JsonObject) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "title": one["title"],
            "description": one["description"],
            "type": one["schema"].get("type", ""),
            "values": ", ".join(str(value) for value in one["schema"].get("enum", ())),
            "required": one["minOccurs"] > 0,
        }
        for name, one in document["inputs"].items()
    ]


def job_view(processes: Processes, row: JobRow, language: Language) -> dict[str, Any]:
    """Return what a page shows of a job."""
    process = processes.get(row.process_id)
    return {
        "id": row.id,
        "url": f"/ogc/jobs/{row.id}?f=html",
        "title": process.title(language) if process else row.process_id,
        "state": row.state,
        "state_label": message(f"jobs.state.{row.state}", language),
        "badge": _BADGES.get(row.state, ""),
        "is_finished": row.is_finished,
        "progress": row.progress,
        "message": said(row, language) if row.message.get("id") else "",
        "created": moment(row.created_at, language),
        "started": moment(row.started_at, language) if row.started_at else "",
        "finished": moment(row.finished_at, language) if row.finished_at else "",
        "expires": moment(row.expires_at, language) if row.expires_at else "",
        "results": [
            _result_view(process, row, name, language)
            for name in row.results
            if row.state == "successful"
        ],
    }


def _result_view(
    process: Process | None, row: JobRow, name: str, language: Language
) -> dict[str, Any]:
    result = row.results[name]
    output = process.outputs.get(name) if process else None
    value = result.get("value")
    return {
        "title": output.title(language) if output else name,
        "url": f"/ogc/jobs/{row.id}/results/{name}",
        "media_type": str(result["mediaType"]).partition(";")[0],
        "size": f"{max(1, round(result['bytes'] / _KILO)):,} kB" if "bytes" in result else "",
        "value": value if isinstance(value, int | float | str) else "",
    }


async def jobs_page(request: Request, rows: Sequence[JobRow], document: JsonObject) -> Response:
    """Show the own jobs."""
    language = request_language(request)
    processes: Processes = request.app.state.processes
    following = [each["href"] for each in document["links"] if each["rel"] == "next"]
    context = {
        "jobs": [job_view(processes, row, language) for row in rows],
        "next_url": f"{following[0]}&f=html" if following else "",
        "json_url": json_url(request),
    }
    return await _page(request, "jobs", context)


async def job_page(request: Request, row: JobRow, document: JsonObject) -> Response:
    """Show a job with its progress and results."""
    viewer, processes = request_viewer(request), request.app.state.processes
    context = {
        "job": job_view(processes, row, request_language(request)),
        "document": document,
        "json_url": json_url(request),
        "is_own": bool(row.user_id) and row.user_id == viewer.user_id,
        "look_again_s": 0 if row.is_finished else _LOOK_AGAIN_S,
    }
    return await _page(request, "job", context)
