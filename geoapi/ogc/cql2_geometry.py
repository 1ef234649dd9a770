# SPDX-License-Identifier: GPL-2.0-or-later
"""Geometries in filters: GeoJSON or a box, in a known reference system, into checked WKB."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import shapely
from pyproj import Transformer
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoapi.errors import UsageError
from geoapi.ogc.cql2_values import Reader, arguments, read_property
from geoapi.store.filter_model import (
    Constant,
    Expression,
    Predicate,
    Spatial,
    SpatialOperator,
    Value,
)
from geoapi.types import JsonObject

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
FILTER_CRS = (CRS84, *(
    f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in (4326, 3857, 32647, 32648)
))  # fmt: skip
SPATIAL_FUNCTIONS: dict[str, SpatialOperator] = {
    "s_intersects": "intersects",
    "s_equals": "equals",
    "s_disjoint": "disjoint",
    "s_touches": "touches",
    "s_within": "within",
    "s_overlaps": "overlaps",
    "s_crosses": "crosses",
    "s_contains": "contains",
}
_MOST_POSITIONS = 5_000
_MOST_LON_DEG, _MOST_LAT_DEG = 180.0, 90.0
_TYPES = frozenset(
    {
        "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
        "GeometryCollection",
    }
)  # fmt: skip


def read_spatial(reader: Reader, node: JsonObject, depth: int) -> Predicate:
    """Return the condition of a spatial function.

    Raises:
        UsageError: an argument is no geometry, is broken, or lies outside of its system.
    """
    operator = SPATIAL_FUNCTIONS[str(node["op"]).lower()]
    left, right = (_operand(reader, each, depth + 1) for each in arguments(node, 2, 2))
    if isinstance(left, Value) and isinstance(right, Value):
        first, second = (shapely.from_wkb(side.value) for side in (left, right))
        return Constant(bool(getattr(shapely, operator)(first, second)))
    return Spatial(operator, left, right)


def _operand(reader: Reader, node: Any, depth: int) -> Expression:  # noqa: ANN401 - any JSON
    reader.enter(depth)
    if isinstance(node, dict) and "property" in node:
        found = read_property(reader, node)
        if found.type != "geometry":
            raise UsageError("cql2.not_geometry", found=found.name)
        return found
    if isinstance(node, dict) and ("bbox" in node or node.get("type") in _TYPES):
        return Value(shapely.to_wkb(read_geometry(node, reader.crs), byte_order=1), "geometry")
    raise UsageError("cql2.not_geometry", found=str(node)[:60])


def read_geometry(node: JsonObject, crs: str) -> BaseGeometry:
    """Return a geometry in CRS84, without heights.

    Args:
        node: GeoJSON, or ``{"bbox": [...]}``.
        crs: URI of the system of its coordinates, one of :data:`FILTER_CRS`.

    Raises:
        UsageError: it is broken, crosses itself, or lies outside of the system.
    """
    try:
        geometry = _box(node["bbox"], crs) if "bbox" in node else shapely.force_2d(shape(node))
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise UsageError("cql2.geometry_broken", found=str(node)[:80]) from error
    if geometry.is_empty:
        raise UsageError("cql2.geometry_broken", found=str(node)[:80])
    if shapely.get_num_coordinates(geometry) > _MOST_POSITIONS:
        raise UsageError("cql2.too_many", most=_MOST_POSITIONS)
    geometry = to_crs84(geometry, crs)
    _refuse_outside(geometry)
    if not shapely.is_valid(geometry):
        raise UsageError("cql2.geometry_invalid", reason=shapely.is_valid_reason(geometry)[:80])
    return geometry


def to_crs84(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    """Return a geometry with the coordinates of CRS84, degrees.

    Args:
        geometry: axes in the order that the system has.
        crs: URI of the system.
    """
    if crs == CRS84:
        return geometry
    return shapely.transform(geometry, _transformer(crs).transform, interleaved=False)


@cache
def _transformer(crs: str) -> Transformer:
    # the axes stay as the system defines them: EPSG:4326 is latitude before longitude
    return Transformer.from_crs("EPSG:" + crs.rpartition("/")[2], "OGC:CRS84")


def _refuse_outside(geometry: BaseGeometry) -> None:
    bounds = geometry.bounds
    if not all(map(math.isfinite, bounds)):
        raise UsageError("cql2.geometry_outside")
    min_lon, min_lat, max_lon, max_lat = bounds
    most_lon, most_lat = max(-min_lon, max_lon), max(-min_lat, max_lat)
    if most_lon > _MOST_LON_DEG or most_lat > _MOST_LAT_DEG:
        raise UsageError("cql2.geometry_outside")


def _box(numbers: Any, crs: str) -> BaseGeometry:  # noqa: ANN401 - any JSON
    """Return a box; one without width or height is a line or a point, as in ``bbox=``."""
    found = [float(number) for number in numbers]
    if len(found) == 6:  # noqa: PLR2004 - with heights
        found = [found[0], found[1], found[3], found[4]]
    x1, y1, x2, y2 = found
    if not all(map(math.isfinite, found)):
        raise ValueError(numbers)
    if x1 > x2 and crs == CRS84:  # it crosses 180 degrees
        return shapely.union_all([_rectangle(x1, y1, 180.0, y2), _rectangle(-180.0, y1, x2, y2)])
    if x1 > x2 or y1 > y2:
        raise ValueError(numbers)
    return _rectangle(x1, y1, x2, y2)


def _rectangle(x1: float, y1: float, x2: float, y2: float) -> BaseGeometry:
    return shapely.envelope(shapely.linestrings([(x1, y1), (x2, y2)]))
