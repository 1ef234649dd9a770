# SPDX-License-Identifier: GPL-2.0-or-later
"""One point on somebody's desk: its working document and what the viewer may do with it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from geoapi import service_points
from geoapi.errors import ForbiddenError, NotAuthenticatedError
from geoapi.messages import message
from geoapi.revisions import WriteContext, document_of
from geoapi.store import FeatureRow
from geoapi.transitions import open_steps
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.rendering import request_language, request_site, request_viewer
from geoapi.workflow import EDITABLE_STATES


@dataclass(frozen=True)
class Desk:
    """One point on somebody's desk.

    Attributes:
        request: who asks, and in which language.
        row: the working row.
        current: its document.
        may_edit: the viewer may change it, and its state allows that.
        actions: steps of the workflow that the viewer may take now.
        why_not: sentence on a step that is closed to the viewer, '' for none.
    """

    request: Request
    row: FeatureRow
    current: JsonObject
    may_edit: bool
    actions: tuple[str, ...]
    why_not: str

    @property
    def id(self) -> str:
        """Return the point's id."""
        return str(self.row.id)


def desk_of(request: Request) -> Desk:
    """Fetch the point and what the viewer may do with it.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        NotFoundError: there is no such point, or the viewer may not know of it.
        ForbiddenError: the viewer may see it, but not work on it.
    """
    site, viewer = request_site(request), request_viewer(request)
    item_id = request.path_params["id"]
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    rows = {
        permission: point_data.working_row(site, viewer, permission, item_id)
        for permission in ("points.edit", "points.submit", "points.review")
    }
    row = next((found for found in rows.values() if found is not None), None)
    if row is None:
        service_points.get(site, viewer, item_id)
        raise ForbiddenError("auth.outside_scope")
    current = document_of(row)
    steps = open_steps(site, viewer, row)
    why_not = ""
    if steps.is_own_edit:
        why_not = message("web.transition.own_edit", request_language(request))
    may_edit = rows["points.edit"] is not None and row.state in EDITABLE_STATES
    return Desk(request, row, current, may_edit, steps.actions, why_not)


def write_context(request: Request, etag: str = "*", reason: str = "") -> WriteContext:
    """Return who writes from a page, why, and over which revision."""
    return WriteContext(
        request_viewer(request),
        request_id=getattr(request.state, "request_id", ""),
        client="web",
        reason=reason,
        if_match=(etag,),
    )
