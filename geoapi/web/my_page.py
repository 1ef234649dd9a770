# SPDX-License-Identifier: GPL-2.0-or-later
"""The start page of an officer: what to do today, and the list of points to work on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from geoapi import drafts
from geoapi.drafts import Draft
from geoapi.errors import NotAuthenticatedError
from geoapi.rights import has
from geoapi.types import Permission
from geoapi.web import point_data
from geoapi.web.assigned_places import assigned_places
from geoapi.web.point_data import PointSearch
from geoapi.web.point_lists import list_context, read_search
from geoapi.web.point_view import point_view, show_date
from geoapi.web.rendering import render, request_language, request_site, request_viewer

_STATES = (
    "unpinned", "draft", "submitted", "returned", "verified", "withdrawn", "closed", "moved",
    "merged",
)  # fmt: skip
_MOST_RETURNED = 10
_COUNTED = ("returned", "unpinned", "draft", "submitted", "verified")


def my_points(request: Request) -> Response:
    """Show what waits for the viewer, and the points that the viewer may edit or review.

    Raises:
        NotAuthenticatedError: nobody is signed in.
    """
    site, viewer = request_site(request), request_viewer(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    is_editor = has(viewer, "points.edit")
    is_reviewer = has(viewer, "points.review") and not is_editor
    search = read_search(request)
    if is_reviewer and "state" not in request.query_params:
        search = replace(search, state="submitted")
    permission: Permission = "points.review" if is_reviewer else "points.edit"
    found = point_data.working_points(site, viewer, permission, search)
    context = {"states": _STATES, "is_reviewer": is_reviewer, "is_editor": is_editor}
    desk = _today(request) if is_editor else {}
    return render(request, "my.html", context | desk | list_context(request, found, search))


def _today(request: Request) -> dict[str, Any]:
    """Return what an editor has to do: assigned places, returned points, own drafts, counts."""
    site, viewer = request_site(request), request_viewer(request)
    language = request_language(request)
    searches = {s: PointSearch(state=s, size=_MOST_RETURNED, language=language) for s in _COUNTED}
    lists = {
        state: point_data.working_points(site, viewer, "points.edit", search)
        for state, search in searches.items()
    }
    kept = drafts.mine(site, viewer)
    return {
        "assigned": assigned_places(request),
        "returned": [point_view(f, language) for f in lists["returned"].features],
        "drafts": [_draft_row(request, draft) for draft in kept],
        "counts": [
            (state, f"{found.total:,}" if found.total is not None else "10,000+")
            for state, found in lists.items()
        ],
        "discarded": _discarded(request),
    }


def _draft_row(request: Request, draft: Draft) -> dict[str, str]:
    language = request_language(request)
    site, viewer = request_site(request), request_viewer(request)
    point = point_data.visible_point(site, viewer, draft.point_id)
    name = draft.name or (point_data.name_of(point, language) if point else draft.point_id)
    if draft.typed.is_new and point is None:
        path = f"/my/points/new?id={draft.point_id}"
    else:
        path = f"/my/points/{draft.point_id}"
    at = show_date(draft.updated_at, language, time=True)
    return {"name": name, "path": path, "at": at, "point_id": draft.point_id}


def _discarded(request: Request) -> str:
    """Return whose draft was just thrown away and may be had back, '' for none."""
    point_id = request.query_params.get("discarded", "")
    draft = drafts.any_of_point(request_site(request), request_viewer(request), point_id)
    return point_id if draft is not None and draft.is_discarded else ""
