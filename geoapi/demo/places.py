# SPDX-License-Identifier: GPL-2.0-or-later
"""Find places for synthetic offices: in the town, or spread over the subdistricts.

No open data set gives polygons of subdistricts under a clear licence, so that each gets one
synthetic middle inside its district: the places are plausible, not true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from geoapi.demo.identity import fraction
from geoapi.demo.sources import Area

LonLat = tuple[float, float]

_METRES_PER_DEGREE = 111_320.0
_SAMPLES = 400
_ROUNDS = 12
_EDGE_M = 400.0

TOWN_SUBDISTRICTS = {
    "5701": "570101", "5702": "570202", "5703": "570301", "5704": "570401", "5705": "570513",
    "5706": "570601", "5707": "570701", "5708": "570801", "5709": "570906", "5710": "571001",
    "5711": "571102", "5712": "571201", "5713": "571301", "5714": "571401", "5715": "571504",
    "5716": "571601", "5717": "571701", "5718": "571801",
}  # fmt: skip
"""The subdistrict that holds the town centre, by district; as far as known."""


@dataclass(frozen=True)
class Ground:
    """What an office of one district may be placed on.

    Attributes:
        polygon: the district, CRS84.
        inner: the same without a strip along the border.
        town: town centre (lon, lat).
        middles: middle of each subdistrict (lon, lat) by code.
    """

    district: Area
    polygon: shapely.Geometry
    inner: shapely.Geometry
    town: LonLat
    middles: dict[str, LonLat]


def make_ground(
    district: Area, subdistricts: list[Area], polygon: shapely.Geometry, town: LonLat
) -> Ground:
    """Spread the subdistricts of a district over its polygon, the town's one at the town.

    Args:
        district: the district.
        subdistricts: those of this district, in order of code.
        polygon: the district, CRS84.
        town: town centre (lon, lat), inside the polygon.
    """
    inner = polygon.buffer(-_EDGE_M / _METRES_PER_DEGREE)
    if not inner.contains(shapely.Point(town)):
        inner = inner.union(shapely.Point(town).buffer(_EDGE_M / 2 / _METRES_PER_DEGREE))
    town_code = TOWN_SUBDISTRICTS[district.code]
    others = [area.code for area in subdistricts if area.code != town_code]
    spread = _spread(inner, town, len(others))
    # From north to south, so that one order of codes always gives one picture.
    spread.sort(key=lambda place: (-place[1], place[0]))
    middles = {town_code: town, **dict(zip(others, spread, strict=True))}
    return Ground(district, polygon, inner, town, middles)


def place_near(ground: Ground, centre: LonLat, near_m: float, far_m: float, key: str) -> LonLat:
    """Choose a place between two distances from a centre, inside the district.

    Args:
        ground: the district.
        centre: (lon, lat) to start from.
        near_m: least distance from the centre.
        far_m: greatest distance from the centre.
        key: what is placed; the same key gets the same place.
    """
    for attempt in range(40):
        angle = 2 * math.pi * fraction(f"{key}/angle/{attempt}")
        # Falls back towards the centre when the border is near.
        reach = (near_m + (far_m - near_m) * fraction(f"{key}/distance/{attempt}")) * (
            0.96**attempt
        )
        place = offset(centre, reach * math.sin(angle), reach * math.cos(angle))
        if ground.inner.contains(shapely.Point(place)):
            return place
    return rounded(centre)


def offset(place: LonLat, east_m: float, north_m: float) -> LonLat:
    """Move a place by metres; exact to a few per mille over some kilometres.

    >>> offset((100.0, 0.0), 111.32, 0.0)
    (100.001, 0.0)
    """
    lon, lat = place
    per_lon_degree = _METRES_PER_DEGREE * math.cos(math.radians(lat))
    return rounded((lon + east_m / per_lon_degree, lat + north_m / _METRES_PER_DEGREE))


def distance_m(first: LonLat, second: LonLat) -> float:
    """Measure between two near places in metres, on a local plane."""
    scale = math.cos(math.radians((first[1] + second[1]) / 2))
    east = (second[0] - first[0]) * scale
    return _METRES_PER_DEGREE * math.hypot(east, second[1] - first[1])


def place_beyond_border(ground: Ground, neighbour: shapely.Geometry, depth_m: float) -> LonLat:
    """Give the place a little inside the neighbour that lies nearest to the town."""
    core = neighbour.buffer(-depth_m / _METRES_PER_DEGREE)
    lon, lat = shapely.shortest_line(shapely.Point(ground.town), core).coords[-1]
    return rounded((lon, lat))


def rounded(place: LonLat) -> LonLat:
    """Keep six decimals, about 0.1 m."""
    return (round(place[0], 6), round(place[1], 6))


def _spread(inner: shapely.Geometry, town: LonLat, count: int) -> list[LonLat]:
    """Spread places evenly (Lloyd's relaxation), keeping away from the town."""
    if not count:
        return []
    samples = _samples(inner)
    scale = np.array([math.cos(math.radians(town[1])), 1.0])
    first = samples[np.linspace(0, len(samples) - 1, count).astype(int)]
    centres = np.vstack([np.array([town]), first])
    for _ in range(_ROUNDS):
        apart = ((samples[:, None, :] - centres[None, :, :]) * scale) ** 2
        nearest = apart.sum(axis=2).argmin(axis=1)
        for index in range(1, len(centres)):
            own = samples[nearest == index]
            if len(own):
                centres[index] = own.mean(axis=0)
    apart = (((samples[:, None, :] - centres[None, 1:, :]) * scale) ** 2).sum(axis=2)
    # The mean of a bent piece may lie outside: the sample nearest to it does not.
    chosen = samples[apart.argmin(axis=0)]
    return [rounded((float(lon), float(lat))) for lon, lat in chosen]


def _samples(area: shapely.Geometry) -> np.ndarray:
    """Give points all over an area (Halton sequence, bases 2 and 3)."""
    west, south, east, north = area.bounds
    shapely.prepare(area)
    found: list[LonLat] = []
    index = 1
    while len(found) < _SAMPLES:
        lon = west + (east - west) * _halton(index, 2)
        lat = south + (north - south) * _halton(index, 3)
        if area.contains(shapely.Point(lon, lat)):
            found.append((lon, lat))
        index += 1
    return np.array(found)


def _halton(index: int, base: int) -> float:
    value, share = 0.0, 1.0
    while index:
        share /= base
        value += share * (index % base)
        index //= base
    return value
