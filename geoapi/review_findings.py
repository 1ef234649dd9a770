# SPDX-License-Identifier: GPL-2.0-or-later
"""Cheap checks of a point that waits for review: place, doubles, gaps, and how far it moved.

Bad data is a list of findings and never an exception.  The rule ids are those of the catalogue
that the validation engine will serve; then its findings come from the same one function.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.readers import reader_of
from geoapi.rights import Viewer
from geoapi.service_points import MOVE_NEEDS_REASON_M, distance_m
from geoapi.site import Site
from geoapi.store.query import ItemQuery, read_page
from geoapi.thai import search_text
from geoapi.types import BBox, JsonObject, LonLat, Scope

Severity = Literal["error", "warning", "info"]

# Boundaries are approximate: a place this near to its area counts as inside.
AREA_TOLERANCE_M = 300.0
SAME_CATEGORY_M = 30.0
SAME_NAME_M = 2000.0
_METRES_PER_DEGREE = 111_195.0  # of latitude, on the mean sphere
# the innermost first: whoever is inside the subdistrict is inside the rest
_AREAS = (
    ("subdistrict_code", "subdistricts", "adm.outside_subdistrict"),
    ("district_code", "districts", "adm.outside_district"),
    ("province_code", "provinces", "adm.outside_province"),
)
_ENDED = frozenset({"merged", "moved", "closed", "withdrawn"})
_MOST_NEIGHBOURS = 50


@dataclass(frozen=True)
class ReviewFinding:
    """One thing that a reviewer should look at.

    Attributes:
        rule: id in the catalogue of rules.
        severity: an ``error`` should be returned; a batch does not choose such a point by itself.
        message_id: the sentence.
        params: fill its placeholders; an area or a point goes by its two names.
        other: document of another point that it is about, None for none.
    """

    rule: str
    severity: Severity
    message_id: str
    params: dict[str, Any] = field(default_factory=dict)
    other: JsonObject | None = None


def findings_for(site: Site, viewer: Viewer, feature: JsonObject) -> list[ReviewFinding]:
    """Return what the checks find on a working document, the gravest first.

    Args:
        site: the running site.
        viewer: who reviews; other points are looked for among those that the viewer may see.
        feature: the working document, CRS84.
    """
    found: list[ReviewFinding] = []
    place = _place(feature)
    if place is not None:
        found += _area_findings(site, feature, place)
        found += _doubles(site, viewer, feature, place)
        found += _move_findings(site, feature, place)
    found += _gaps(feature)
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda finding: order[finding.severity])


def is_blocking(finding: ReviewFinding) -> bool:
    """Say whether a finding keeps a point out of a batch unless somebody chooses it."""
    return finding.severity == "error"


def _place(feature: JsonObject) -> LonLat | None:
    geometry = feature.get("geometry")
    if not geometry:
        return None
    lon, lat = geometry["coordinates"][:2]
    return (float(lon), float(lat))


def box_around(place: LonLat, radius_m: float) -> BBox:
    """Return the box that holds the circle around a place, in degrees."""
    lon, lat = place
    dy = radius_m / _METRES_PER_DEGREE
    dx = dy / max(math.cos(math.radians(lat)), 0.01)
    return (lon - dx, lat - dy, lon + dx, lat + dy)


def _area_findings(site: Site, feature: JsonObject, place: LonLat) -> Iterator[ReviewFinding]:
    """Compare the place with the areas that the codes name; say the widest one that it misses."""
    box = box_around(place, AREA_TOLERANCE_M)
    missed: ReviewFinding | None = None
    for member, collection, rule in _AREAS:
        code = feature["properties"].get(member)
        if not code:
            continue
        source = COLLECTIONS[collection].source
        by_code = (("code", str(code)),)
        if read_page(site.store, ItemQuery(source, bbox=box, equals=by_code, limit=1)).features:
            break
        known = read_page(site.store, ItemQuery(source, equals=by_code, limit=1)).features
        area = orjson.loads(known[0]) if known else None
        if area is not None and area["geometry"] is not None:
            severity: Severity = "warning" if member == "subdistrict_code" else "error"
            missed = ReviewFinding(rule, severity, _AREA_WORDS[member], _names(area))
    if missed is not None:
        yield missed


_AREA_WORDS = {
    "subdistrict_code": "review.finding.outside_subdistrict",
    "district_code": "review.finding.outside_district",
    "province_code": "review.finding.outside_province",
}


def _names(feature: JsonObject) -> dict[str, Any]:
    properties = feature["properties"]
    name_th = properties.get("name_th") or properties.get("name_en") or ""
    return {"name_th": name_th, "name_en": properties.get("name_en") or name_th}


def _doubles(
    site: Site, viewer: Viewer, feature: JsonObject, place: LonLat
) -> Iterator[ReviewFinding]:
    """Find the same kind of office at the same spot, and the same name not far away."""
    properties = feature["properties"]
    held = reader_of(viewer, SERVICE_POINTS).scopes
    seen: set[str] = set()
    for radius_m, column, value, message_id in (
        (SAME_CATEGORY_M, "category", properties["category"], "review.finding.same_place"),
        (
            SAME_NAME_M,
            "name_th_key",
            search_text(properties["name_th"]),
            "review.finding.same_name",
        ),
    ):
        box = box_around(place, radius_m)
        equals = ((column, str(value)),)
        for other in _points(site, held, box, equals):
            other_place = _place(other)
            if other["id"] in seen or other_place is None or _are_related(feature, other):
                continue
            apart_m = distance_m(place, other_place)
            if apart_m <= radius_m:
                seen.add(other["id"])
                params = {**_names(other), "distance": f"{apart_m:,.0f}"}
                severity = _double_severity(feature, other, message_id)
                yield ReviewFinding("dup.possible", severity, message_id, params, other)


def _double_severity(feature: JsonObject, other: JsonObject, message_id: str) -> Severity:
    """Let two agencies share a building: the same kind of office there is no error then."""
    agencies = {f["properties"].get("agency_id") for f in (feature, other)}
    shares = message_id == "review.finding.same_place" and len(agencies - {None, ""}) > 1
    return "warning" if shares else "error"


def _points(
    site: Site, held: tuple[Scope, ...], box: BBox, equals: tuple[tuple[str, str], ...]
) -> list[JsonObject]:
    query = ItemQuery(
        SERVICE_POINTS.source, scopes=held, bbox=box, equals=equals, limit=_MOST_NEIGHBOURS
    )
    found = [orjson.loads(text) for text in read_page(site.store, query).features]
    return [f for f in found if f["properties"].get("state") not in _ENDED]


def _are_related(feature: JsonObject, other: JsonObject) -> bool:
    """Say whether two documents are the same point, or main place and branch, or two branches."""
    mine, theirs = feature["properties"].get("parent_id"), other["properties"].get("parent_id")
    if other["id"] in (feature["id"], mine) or theirs == feature["id"]:
        return True
    return bool(mine) and mine == theirs


def _move_findings(site: Site, feature: JsonObject, place: LonLat) -> Iterator[ReviewFinding]:
    query = ItemQuery(SERVICE_POINTS.source, equals=(("id", feature["id"]),), limit=1)
    found = read_page(site.store, query).features
    before = _place(orjson.loads(found[0])) if found else None
    if before is None:
        return
    moved_m = distance_m(before, place)
    if moved_m > MOVE_NEEDS_REASON_M:
        params = {"distance": f"{moved_m:,.0f}"}
        yield ReviewFinding("geom.moved_far", "warning", "review.finding.moved_far", params)


def _gaps(feature: JsonObject) -> Iterator[ReviewFinding]:
    properties = feature["properties"]
    if not properties.get("phones") and not properties.get("no_phone"):
        yield ReviewFinding("tel.missing", "warning", "review.finding.phone_missing")
    if not properties.get("name_en"):
        yield ReviewFinding("name.en_missing", "warning", "review.finding.name_en_missing")
