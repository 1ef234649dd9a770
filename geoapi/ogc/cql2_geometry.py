# SPDX-License-Identifier: GPL-2.0-or-later
"""Geometries in filters: GeoJSON or a box, in a known reference system, into checked WKB."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoapi.errors import UsageError
from geoapi.ogc.cql2_values import Reader, arguments, read_property
from geoapi.ogc.crs import DEFAULT, Crs, box_to_crs84, degrees_of, parse_crs
from geoapi.store.filter_model import (
    Constant,
    Expression,
    Predicate,
    Spatial,
    SpatialOperator,
    Value,
)
from geoapi.types import JsonObject

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
        crs: URI of the system of its coordinates, one of ``SUPPORTED_URIS``.

    Raises:
        UsageError: it is broken, crosses itself, or lies outside of the system.
    """
    system = parse_crs(crs)
    try:
        if "bbox" in node:
            return _box(node["bbox"], system)
        geometry = shapely.force_2d(shape(node))
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise UsageError("cql2.geometry_broken", found=str(node)[:80]) from error
    if geometry.is_empty:
        raise UsageError("cql2.geometry_broken", found=str(node)[:80])
    if shapely.get_num_coordinates(geometry) > _MOST_POSITIONS:
        raise UsageError("cql2.too_many", most=_MOST_POSITIONS)
    # also for CRS84: what is nowhere in its system becomes NaN
    geometry = shapely.transform(geometry, partial(degrees_of, system), interleaved=False)
    if np.isnan(shapely.get_coordinates(geometry)).any():
        raise UsageError("cql2.geometry_outside")
    if not shapely.is_valid(geometry):
        raise UsageError("cql2.geometry_invalid", reason=shapely.is_valid_reason(geometry)[:80])
    return geometry


def _box(numbers: Any, crs: Crs) -> BaseGeometry:  # noqa: ANN401 - any JSON
    """Return a box of CRS84, the same as that of ``bbox=`` with ``bbox-crs``.

    One without width or height is a line or a point; it may cross 180 degrees.
    """
    found = [float(number) for number in numbers]
    if len(found) == 6:  # noqa: PLR2004 - with heights
        found = [found[0], found[1], found[3], found[4]]
    x1, y1, x2, y2 = found
    if not all(map(math.isfinite, found)):
        raise ValueError(numbers)
    west, south, east, north = box_to_crs84((x1, y1, x2, y2), crs)
    corners = np.array([west, east]), np.array([south, north])
    if np.isnan(degrees_of(DEFAULT, *corners)).any():
        raise UsageError("cql2.geometry_outside")
    if south > north:
        raise ValueError(numbers)
    if west > east:
        parts = [_rectangle(west, south, 180.0, north), _rectangle(-180.0, south, east, north)]
        return shapely.union_all(parts)
    return _rectangle(west, south, east, north)


def _rectangle(x1: float, y1: float, x2: float, y2: float) -> BaseGeometry:
    return shapely.envelope(shapely.linestrings([(x1, y1), (x2, y2)]))
