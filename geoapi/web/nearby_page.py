# SPDX-License-Identifier: GPL-2.0-or-later
"""Places around a position, looked at before a new one is added."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from geoapi import drafts, nearby
from geoapi.errors import NotAuthenticatedError, Problem
from geoapi.messages import message
from geoapi.nearby import RADII_M, Neighbour
from geoapi.rights import has
from geoapi.typed_positions import LONGEST_TEXT, fault_of, read_position
from geoapi.types import LonLat
from geoapi.web import point_data
from geoapi.web.point_choices import area_options
from geoapi.web.point_form import spelled_degrees
from geoapi.web.point_view import point_view
from geoapi.web.rendering import render, request_language, request_site, request_viewer

_DEFAULT_RADIUS_M = 200
_NEARBY_M = (999.5, 1000.0)


def nearby_places(request: Request) -> Response:
    """List the places around a position, or in a district or subdistrict.

    Raises:
        NotAuthenticatedError: nobody is signed in.
    """
    viewer = request_viewer(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    at = read_at(request)
    place = at if isinstance(at, tuple) else None
    problem = at if isinstance(at, Problem) else None
    radius_m, code = _radius(request), _area_code(request)
    site, language = request_site(request), request_language(request)
    found: list[Neighbour] = []
    if place is not None:
        found = nearby.near(site, viewer, place, radius_m)
    elif code:
        found = nearby.within_area(site, viewer, code)
    context = {
        "at": typed_at(request) if place is None else f"{_degrees(place[1])}, {_degrees(place[0])}",
        "place": place,
        "radius_m": radius_m,
        "radii": RADII_M,
        "problem": message(problem.message_id, language, problem.params) if problem else "",
        "areas": _areas(request, code),
        "code": code,
        "is_asked": place is not None or bool(code),
        "places": neighbour_rows(request, found),
        "may_add": has(viewer, "points.edit"),
        "new_path": "/my/points/new" + (f"?{urlencode({'at': _pair(place)})}" if place else ""),
        "n_drafts": len(drafts.mine(site, viewer)),
    }
    return render(request, "my_nearby.html", context, 422 if problem else 200)


def typed_at(request: Request) -> str:
    """Return the position as it stands in the address: ``at``, or ``lat`` and ``lon``."""
    given = request.query_params
    if "lon" in given and "lat" in given:
        return f"{given['lat']}, {given['lon']}"[:LONGEST_TEXT]
    return given.get("at", "").strip()[:LONGEST_TEXT]


def read_at(request: Request) -> LonLat | Problem | None:
    """Read the position of the address; None when there is none, a problem when it is wrong."""
    text = typed_at(request)
    if not text:
        return None
    place = read_position(text)
    if place is None:
        return Problem("officers.position.unread", params={"text": text[:80]})
    if isinstance(place, Problem):
        return place
    # embassies are looked for abroad as well
    return fault_of(place, "embassy") or place


def _degrees(value: float) -> str:
    return spelled_degrees(round(value, 6))


def _pair(place: LonLat | None) -> str:
    return "" if place is None else f"{_degrees(place[1])},{_degrees(place[0])}"


def _radius(request: Request) -> int:
    text = request.query_params.get("radius", "")
    return int(text) if text in {str(radius) for radius in RADII_M} else _DEFAULT_RADIUS_M


def _area_code(request: Request) -> str:
    """Return the subdistrict of the address, or else its district; '' when neither is a code."""
    for name in ("subdistrict_code", "district_code"):
        code = request.query_params.get(name, "")
        if code.isascii() and code.isdigit() and len(code) in (4, 6):
            return code
    return ""


def _areas(request: Request, code: str) -> dict[str, Any]:
    """Return districts of the viewer's provinces, and the subdistricts of the chosen district."""
    viewer = request_viewer(request)
    provinces = sorted({g.area_code[:2] for g in viewer.grants if g.area_code})
    if not provinces:
        provinces = [code[:2]] if code else []
    districts = [o for p in provinces for o in area_options(request, "districts", p)]
    lower = area_options(request, "subdistricts", code[:4]) if code else []
    return {"districts": districts, "subdistricts": lower, "district": code[:4]}


def neighbour_rows(request: Request, found: list[Neighbour]) -> list[dict[str, Any]]:
    """Return rows for templates: words of the point, distance, and what the viewer may do."""
    site, viewer, language = (
        request_site(request),
        request_viewer(request),
        request_language(request),
    )
    rows = []
    for neighbour in found:
        row = point_view(neighbour.feature, language)
        own = point_data.working_row(site, viewer, "points.edit", row["id"])
        row["distance"] = distance_words(request, neighbour.distance_m)
        row["may_edit"] = own is not None
        rows.append(row)
    return rows


def distance_words(request: Request, metres: float | None) -> str:
    """Write a distance in metres, or in kilometres from one on; '' for none."""
    language = request_language(request)
    if metres is None:
        return ""
    if metres < _NEARBY_M[0]:
        return message("web.map.m", language, {"n": f"{metres:.0f}"})
    return message("web.map.km", language, {"n": f"{metres / _NEARBY_M[1]:.1f}"})
