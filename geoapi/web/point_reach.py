# SPDX-License-Identifier: GPL-2.0-or-later
"""Fetch the point of a page's path for those who may see its working revision."""

from __future__ import annotations

from starlette.requests import Request

from geoapi import service_points
from geoapi.errors import ForbiddenError, NotAuthenticatedError
from geoapi.revisions import WriteContext
from geoapi.store import FeatureRow
from geoapi.web import point_data
from geoapi.web.rendering import request_site, request_viewer


def working_point(request: Request) -> FeatureRow:
    """Return the working row of the point in the path.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        NotFoundError: there is no such point, or the viewer may not know of it.
        ForbiddenError: the viewer sees the public revision only.
    """
    site, viewer = request_site(request), request_viewer(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    item_id = request.path_params["id"].replace("\0", "")
    row = point_data.working_row(site, viewer, "points.read_working", item_id)
    if row is None:
        service_points.get(site, viewer, item_id)
        raise ForbiddenError("auth.outside_scope")
    return row


def page_context(request: Request, etag: str, reason: str) -> WriteContext:
    """Return who writes from a page, why, and the revision the page showed."""
    return WriteContext(
        request_viewer(request),
        request_id=getattr(request.state, "request_id", ""),
        client="web",
        reason=reason,
        if_match=(etag,),
    )
