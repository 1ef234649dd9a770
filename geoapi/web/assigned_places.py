# SPDX-License-Identifier: GPL-2.0-or-later
"""The places that were assigned to the viewer and are not done yet, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from starlette.requests import Request

from geoapi.managers import BANGKOK
from geoapi.record_collections import ASSIGNMENTS
from geoapi.store.query import ItemQuery, read_page
from geoapi.types import JsonObject
from geoapi.web.point_data import name_of
from geoapi.web.point_view import show_date
from geoapi.web.rendering import request_language, request_site, request_viewer

# States in which nothing is left to do for the officer.
_DONE = frozenset({"done", "cancelled", "submitted", "verified", "closed"})
_MOST = 100


@dataclass(frozen=True)
class AssignedPlace:
    """One place to pin.

    Attributes:
        id: of the assignment.
        name: of the place.
        path: where the work goes on.
        due: day in words, '' for none.
        is_overdue: the day has passed.
        has_point: there is a point already.
    """

    id: str
    name: str
    path: str
    due: str
    is_overdue: bool
    has_point: bool


def assigned_places(request: Request) -> list[AssignedPlace]:
    """Return the viewer's own open assignments, the one due first on top."""
    viewer = request_viewer(request)
    query = ItemQuery(
        ASSIGNMENTS.source,
        owner_id=viewer.user_id,
        sort=(("due_on", False),),
        limit=_MOST,
    )
    texts = read_page(request_site(request).store, query).features if viewer.user_id else []
    return [_shown(request, f) for f in map(orjson.loads, texts) if _is_open(f)]


def _is_open(assignment: JsonObject) -> bool:
    return assignment["properties"].get("state") not in _DONE


def _shown(request: Request, assignment: JsonObject) -> AssignedPlace:
    language = request_language(request)
    properties = assignment["properties"]
    point_id, due_on = properties.get("point_id"), properties.get("due_on") or ""
    path = f"/my/points/{point_id}" if point_id else f"/my/points/new?assignment={assignment['id']}"
    return AssignedPlace(
        assignment["id"],
        name_of(assignment, language) or assignment["id"],
        path,
        show_date(due_on, language) if due_on else "",
        bool(due_on) and due_on < _today(request),
        bool(point_id),
    )


def _today(request: Request) -> str:
    return request_site(request).clock().astimezone(BANGKOK).date().isoformat()


def own_assignment(request: Request, assignment_id: str) -> JsonObject | None:
    """Return one of the viewer's own open assignments, None when there is none of that id."""
    viewer = request_viewer(request)
    if not viewer.user_id or "\0" in assignment_id:
        return None
    query = ItemQuery(
        ASSIGNMENTS.source,
        owner_id=viewer.user_id,
        equals=(("id", assignment_id),),
        limit=1,
    )
    texts = read_page(request_site(request).store, query).features
    found: JsonObject | None = orjson.loads(texts[0]) if texts else None
    return found if found is not None and _is_open(found) else None
