# SPDX-License-Identifier: GPL-2.0-or-later
"""The own jobs of whoever is signed in: list, start from a form, dismiss."""

from __future__ import annotations

from datetime import datetime

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi.errors import InvalidDocumentError, NotAuthenticatedError
from geoapi.jobs import submission
from geoapi.jobs.submission import NewJob
from geoapi.messages import message
from geoapi.ogc import cursor
from geoapi.ogc.process_documents import process_document
from geoapi.ogc.process_pages import job_view, may_start, process_context
from geoapi.ogc.process_request import read_execution
from geoapi.ogc.processes import find_process, ogc_base, request_processes
from geoapi.process_model import Process
from geoapi.rights import Viewer, require
from geoapi.store.jobs import JobFilter
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.forms import see_other
from geoapi.web.job_form import PREFIX, fields_of, read_inputs
from geoapi.web.rendering import render, request_language, request_site, request_viewer

_PAGE = 20
_LOOK_AGAIN_S = 5


def routes() -> list[Route]:
    """Return the routes of the own jobs."""
    return [
        Route("/my/jobs", my_jobs, name="my-jobs"),
        Route("/my/jobs/start/{process_id}", start_job, methods=["POST"]),
        Route("/my/jobs/{job_id}/dismiss", dismiss_job, methods=["POST"]),
    ]


def _signed_in(request: Request) -> Viewer:
    viewer = request_viewer(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    return viewer


def my_jobs(request: Request) -> Response:
    """List the own jobs and what can be started.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        UsageError: the place in the list is not one of ours.
    """
    viewer, site, language = _signed_in(request), request_site(request), request_language(request)
    binding = f"my-jobs:{viewer.user_id}"
    after = None
    if "after" in request.query_params:
        at, last = cursor.decode(site.keys, binding, request.query_params["after"])
        after = (datetime.fromisoformat(at), last)
    wanted = JobFilter(viewer.user_id, after=after, limit=_PAGE)
    rows = submission.list_jobs(site, wanted)
    next_url = ""
    if len(rows) == _PAGE:
        place = (rows[-1].created_at, rows[-1].id)
        next_url = f"/my/jobs?after={cursor.encode(site.keys, binding, place)}"
    processes = request_processes(request)
    context = {
        "jobs": [job_view(processes, row, language) for row in rows],
        "next_url": next_url,
        "look_again_s": 0 if all(row.is_finished for row in rows) else _LOOK_AGAIN_S,
        "startable": [
            {"id": p.id, "title": p.title(language), "description": p.description(language)}
            for p in processes.values()
            if may_start(viewer, p) and p.is_async
        ],
    }
    return render(request, "my_jobs.html", context)


async def start_job(request: Request) -> Response:
    """Start a process from its form.

    Raises:
        NotAuthenticatedError, ForbiddenError: it is not for this viewer.
        NotFoundError: no such process.
        TooManyRequestsError: the own queue is full.
    """
    viewer, site = _signed_in(request), request_site(request)
    form = await checked_form(request)
    process = find_process(request)
    if process.permission:
        require(viewer, process.permission)
    typed = {PREFIX + name: form_text(form, PREFIX + name) for name in process.inputs}
    try:
        execution = read_execution(process, {"inputs": read_inputs(process, typed)})
    except InvalidDocumentError as error:
        return await to_thread.run_sync(_again, request, process, typed, error)
    new = NewJob(
        process, execution.inputs, submission.owner_key(site, viewer, ""), execution.wanted,
        str(getattr(request.state, "request_id", "")),
    )  # fmt: skip
    row = await to_thread.run_sync(submission.submit, site, viewer, new)
    return see_other(f"/ogc/jobs/{row.id}?f=html")


def _again(
    request: Request, process: Process, typed: dict[str, str], error: InvalidDocumentError
) -> Response:
    """Show the form again with what was typed and what is wrong with it."""
    language = request_language(request)
    errors = {
        PREFIX + problem.pointer.split("/")[2]: message(
            problem.message_id, language, problem.params
        )
        for problem in error.problems
        if problem.pointer.startswith("/inputs/")
    }
    document = process_document(process, ogc_base(request), language)
    context = process_context(request, process, document) | {
        "fields": fields_of(process, language, typed),
        "errors": errors,
        "problems": [{"field": name, "text": text} for name, text in errors.items()],
    }
    return render(request, "ogc/process.html", context, 422)


async def dismiss_job(request: Request) -> Response:
    """End an own job, or delete it when it is over.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        NotFoundError: there is none, or it is somebody else's.
    """
    viewer, site = _signed_in(request), request_site(request)
    await checked_form(request)
    await to_thread.run_sync(submission.dismiss, site, viewer, request.path_params["job_id"])
    return see_other("/my/jobs")
