# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of officers: the places assigned to me, those of my office, and what I have to do."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import assignment_lists, assignment_work, service_points, take_over
from geoapi.assignments import ACTIVE
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    ServicePointError,
)
from geoapi.messages import message
from geoapi.rights import has, require
from geoapi.web.assignment_view import context_of, shown_assignments, shown_tasks, typed
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.forms import see_other, show_form
from geoapi.web.point_view import point_view
from geoapi.web.rendering import request_language, request_site, request_viewer

_PAGE = 50
_TABS = ("mine", "office", "done")
_NOTICES = ("taken", "asked")
_ON_PAGE = (ConflictError, InvalidDocumentError, ForbiddenError)


def routes() -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/my/assignments", my_assignments, methods=["GET"]),
        Route("/my/assignments/{id}", act, methods=["POST"]),
        Route("/my/points/{id}/take-over", ask_for_point, methods=["GET"]),
        Route("/my/points/{id}/take-over", take_point, methods=["POST"]),
        Route("/my/tasks", my_tasks, methods=["GET"]),
    ]


def my_assignments(request: Request) -> Response:
    """List the viewer's assignments, those of the office, or those that are done."""
    return _list(request, None)


def _list(request: Request, error: ServicePointError | None) -> Response:
    site, viewer = request_site(request), request_viewer(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    may_edit = has(viewer, "points.edit")
    given = request.query_params
    tab = given.get("tab", "mine") if given.get("tab") in _TABS else "mine"
    if tab == "office" and not may_edit:
        tab = "mine"
    page_text = given.get("page", "1")
    number = int(page_text) if page_text.isascii() and page_text.isdigit() else 1
    number = min(max(number, 1), 1000)
    offset = (number - 1) * _PAGE
    if tab == "office":
        found = assignment_lists.of_office(site, viewer, _PAGE + 1, offset)
        found = [v for v in found if v.properties.get("owner_id") != viewer.user_id]
    else:
        states = ("verified", "handed_over", "cancelled")
        wanted = states if tab == "done" else tuple(sorted(ACTIVE))
        found = assignment_lists.mine(site, viewer, wanted, _PAGE + 1, offset)
    done = given.get("done", "")
    context = {
        "tab": tab,
        "tabs": _TABS if may_edit else ("mine", "done"),
        "rows": shown_assignments(request, found[:_PAGE]),
        "may_edit": may_edit,
        "notice": message(f"assignments.done_{done}", request_language(request))
        if done in _NOTICES
        else "",
        "previous_url": f"/my/assignments?tab={tab}&page={number - 1}" if number > 1 else "",
        "next_url": f"/my/assignments?tab={tab}&page={number + 1}" if len(found) > _PAGE else "",
    }
    return show_form(request, "assignments/my.html", context, error)


async def act(request: Request) -> Response:
    """Start an assigned place and go to its point, or take a colleague's over."""
    require(request_viewer(request), "points.edit")
    posted = await checked_form(request)
    return await run_in_threadpool(_act, request, posted)


def _act(request: Request, posted: FormData) -> Response:
    site, item_id = request_site(request), request.path_params["id"]
    reason = typed(posted, ["reason"])["reason"]
    etag = form_text(posted, "etag")
    try:
        if form_text(posted, "action") == "take_over":
            done = take_over.take_over(site, context_of(request, reason, etag), item_id)
            tab = "mine" if done == "taken" else "office"
            return see_other(f"/my/assignments?tab={tab}&done={done}")
        point_id = assignment_work.start(site, context_of(request), item_id)
    except _ON_PAGE as error:
        return _list(request, error)
    return see_other(f"/my/points/{point_id}")


def ask_for_point(request: Request) -> Response:
    """Ask why somebody takes over the point of a predecessor."""
    return _point_form(request, None)


def _point_form(request: Request, error: ServicePointError | None) -> Response:
    site, viewer = request_site(request), request_viewer(request)
    require(viewer, "points.edit")
    found = service_points.get(site, viewer, request.path_params["id"])
    context = {"point": point_view(found.feature, request_language(request))}
    return show_form(request, "assignments/take_over.html", context, error)


async def take_point(request: Request) -> Response:
    """Take over the point of a predecessor."""
    require(request_viewer(request), "points.edit")
    posted = await checked_form(request)
    return await run_in_threadpool(_take_point, request, posted)


def _take_point(request: Request, posted: FormData) -> Response:
    context = context_of(request, typed(posted, ["reason"])["reason"])
    try:
        done = take_over.take_over_point(request_site(request), context, request.path_params["id"])
    except _ON_PAGE as error:
        return _point_form(request, error)
    tab = "mine" if done == "taken" else "office"
    return see_other(f"/my/assignments?tab={tab}&done={done}")


def my_tasks(request: Request) -> Response:
    """List the viewer's open tasks and those of the office."""
    viewer = request_viewer(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    own, office = assignment_lists.open_tasks(request_site(request), viewer)
    context = {"own": shown_tasks(request, own), "office": shown_tasks(request, office)}
    return show_form(request, "assignments/tasks.html", context)
