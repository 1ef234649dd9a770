# SPDX-License-Identifier: GPL-2.0-or-later
"""The places that were assigned to the viewer and are not done yet; begin with one."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from geoapi import assignment_work
from geoapi.assignment_lists import AssignmentView, open_for
from geoapi.web.csrf import checked_form
from geoapi.web.point_desk import write_context
from geoapi.web.point_view import show_date
from geoapi.web.rendering import request_language, request_site, request_viewer

_MOST = 100
# The officer has done what was asked: it waits for the review.
_WAITING = frozenset({"pinned", "surveyed"})


@dataclass(frozen=True)
class AssignedPlace:
    """One place to pin.

    Attributes:
        id: of the assignment.
        name: of the place.
        due: day in words, '' for none.
        is_overdue: the day has passed.
        point_id: of its point, '' while there is none.
        is_begun: the officer has accepted it.
    """

    id: str
    name: str
    due: str
    is_overdue: bool
    point_id: str
    is_begun: bool


def assigned_places(request: Request) -> list[AssignedPlace]:
    """Return the viewer's own open assignments, overdue ones first, then by due day."""
    found = open_for(request_site(request), request_viewer(request), _MOST)
    return [_shown(request, view) for view in found if view.properties["state"] not in _WAITING]


def _shown(request: Request, view: AssignmentView) -> AssignedPlace:
    language, given = request_language(request), view.properties
    name = given.get("name_en") if language == "en" else ""
    return AssignedPlace(
        view.id,
        str(name or given.get("name_th") or view.id),
        show_date(given.get("due_on"), language),
        view.days_late > 0,
        str(given.get("point_id") or ""),
        bool(given.get("accepted_at")),
    )


async def begin_place(request: Request) -> Response:
    """Accept an assignment and open its point; name and type fill themselves in.

    Raises:
        NotFoundError: there is no such assignment, or the viewer may not know of it.
        ForbiddenError: it is a colleague's.
        ConflictError: it is over.
    """
    await checked_form(request)
    site, context = request_site(request), write_context(request)
    item_id = request.path_params["id"]
    point_id = await run_in_threadpool(assignment_work.start, site, context, item_id)
    return RedirectResponse(f"/my/points/{point_id}", 303)
