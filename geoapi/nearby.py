# SPDX-License-Identifier: GPL-2.0-or-later
"""Find the service points around a position, so that nobody adds the same place twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import orjson

from geoapi.collections import SERVICE_POINTS
from geoapi.distances import distance_m
from geoapi.rights import Viewer, scopes
from geoapi.search_words import search_words
from geoapi.site import Site
from geoapi.store.query import ItemQuery, read_page
from geoapi.types import BBox, JsonObject, LonLat

RADII_M = (50, 200, 500, 1000, 5000)
DUPLICATE_M = 200.0
"""Within it a new place is compared with those that are there."""
_METRES_PER_DEGREE = 111_195.0
_MOST_READ = 2000
_MOST_SHOWN = 100


@dataclass(frozen=True)
class Neighbour:
    """A point and how far it is.

    Attributes:
        feature: its document, the working one inside the viewer's scope.
        distance_m: metres, None when it was not found by its position.
    """

    feature: JsonObject
    distance_m: float | None


def box_around(place: LonLat, radius_m: float) -> BBox:
    """Return the box that holds a circle, degrees.

    >>> [round(value, 2) for value in box_around((100.0, 0.0), 111_195)]
    [99.0, -1.0, 101.0, 1.0]
    """
    lon, lat = place
    dy = radius_m / _METRES_PER_DEGREE
    shrink = max(math.cos(math.radians(min(abs(lat) + dy, 89.0))), 0.01)
    dx = dy / shrink
    return (lon - dx, lat - dy, lon + dx, lat + dy)


def near(site: Site, viewer: Viewer, place: LonLat, radius_m: float) -> list[Neighbour]:
    """Return the points within a distance, the nearest first.

    Inside the viewer's scope working revisions, elsewhere what the public sees.

    Args:
        site: the running site.
        viewer: who looks.
        place: (lon, lat), degrees CRS84.
        radius_m: up to the largest of :data:`RADII_M`.
    """
    query = ItemQuery(
        SERVICE_POINTS.source,
        scopes=scopes(viewer, "points.read_working"),
        bbox=box_around(place, min(radius_m, RADII_M[-1])),
        limit=_MOST_READ,
    )
    found = []
    for text in read_page(site.store, query).features:
        feature = orjson.loads(text)
        lon, lat = feature["geometry"]["coordinates"][:2]
        distance = distance_m(place, (lon, lat))
        if distance <= radius_m:
            found.append(Neighbour(feature, distance))
    found.sort(key=lambda n: (n.distance_m, n.feature["id"]))
    return found[:_MOST_SHOWN]


def within_area(site: Site, viewer: Viewer, code: str) -> list[Neighbour]:
    """Return the points whose address lies in a district or subdistrict, by name."""
    column = "subdistrict_code" if len(code) == 6 else "district_code"  # noqa: PLR2004 - DOPA code
    query = ItemQuery(
        SERVICE_POINTS.source,
        scopes=scopes(viewer, "points.read_working"),
        equals=((column, code),),
        sort=(("name_sort_th", False),),
        limit=_MOST_SHOWN,
    )
    texts = read_page(site.store, query).features
    return [Neighbour(orjson.loads(text), None) for text in texts]


def like_new(
    site: Site, viewer: Viewer, name_th: str, category: str, place: LonLat | None
) -> list[Neighbour]:
    """Return the points that a new place may be: of its name, or of its kind close by."""
    found: dict[str, Neighbour] = {}
    if place is not None:
        for neighbour in near(site, viewer, place, DUPLICATE_M):
            if neighbour.feature["properties"]["category"] == category:
                found[neighbour.feature["id"]] = neighbour
    words = search_words(name_th)
    if words:
        query = ItemQuery(
            SERVICE_POINTS.source,
            scopes=scopes(viewer, "points.read_working"),
            search=words,
            limit=_MOST_SHOWN,
        )
        for text in read_page(site.store, query).features:
            feature = orjson.loads(text)
            if search_words(feature["properties"]["name_th"]) == words:
                found.setdefault(feature["id"], Neighbour(feature, _away(place, feature)))
    return list(found.values())


def _away(place: LonLat | None, feature: JsonObject) -> float | None:
    if place is None or not feature["geometry"]:
        return None
    lon, lat = feature["geometry"]["coordinates"][:2]
    return distance_m(place, (lon, lat))
