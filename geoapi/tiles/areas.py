# SPDX-License-Identifier: GPL-2.0-or-later
"""Bring areas into a tile: cut to its box, simplified to half a pixel, rounded, rings turned.

Names have a layer of their own with one point an area, because an area lies in many tiles and each
would be labelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoapi.store.tile_grid import LEVEL, cell_of, deinterleave, interleave, tile_bounds
from geoapi.tiles import mvt
from geoapi.types import BBox

# Half a pixel of a map that draws a tile 512 pixels wide.
_TOLERANCE = 4.0
# Outlines run so far over the edge that no line is seen along it.
_BUFFER = 64
# Smaller than this, in square units of a tile (2 x 2 pixels), an area is left out.
_SMALLEST = 256.0
_RING_VERTICES = 3

type _Coordinates = NDArray[np.float64]


def tile_box(zoom: int, column: int, row: int) -> BBox:
    """Return the box of a tile with its margin, degrees."""
    west, south, east, north = tile_bounds(zoom, column, row)
    dx, dy = (east - west) * _BUFFER / mvt.EXTENT, (north - south) * _BUFFER / mvt.EXTENT
    return (west - dx, max(south - dy, -89.9), east + dx, min(north + dy, 89.9))


def area_shapes(
    rows: Sequence[tuple[bytes, tuple[Any, ...]]], tile: tuple[int, int, int]
) -> Iterator[mvt.Shape]:
    """Yield the areas of a tile as polygons.

    Args:
        rows: (WKB in CRS84, values of the keys).
        tile: (zoom, column, row).
    """
    geometries = shapely.from_wkb([wkb for wkb, _ in rows])
    cut = shapely.clip_by_rect(geometries, *tile_box(*tile))
    placed = shapely.transform(cut, lambda lonlat: _to_tile(lonlat, tile))
    simple = shapely.simplify(placed, _TOLERANCE, preserve_topology=False)
    for geometry, (_, values) in zip(simple, rows, strict=True):
        rings = list(_rings(geometry))
        if rings:
            yield mvt.Shape(mvt.POLYGON, mvt.polygon_commands(rings), values)


def name_shapes(
    rows: Sequence[tuple[bytes, tuple[Any, ...]]], tile: tuple[int, int, int]
) -> Iterator[mvt.Shape]:
    """Yield a point inside each area whose point lies in the tile; where its name stands."""
    zoom, column, row = tile
    middles = shapely.point_on_surface(shapely.from_wkb([wkb for wkb, _ in rows]))
    for middle, (_, values) in zip(middles, rows, strict=True):
        if middle is None or middle.is_empty:
            continue
        cell = cell_of(middle.x, middle.y)
        if cell >> 2 * (LEVEL - zoom) == interleave(column, row):
            yield mvt.Shape(mvt.POINT, points_in_tile((cell,), zoom)[0], values)


def points_in_tile(cells: Sequence[int], zoom: int) -> list[bytes]:
    """Encode where positions lie in their tile of a zoom."""
    codes = np.array(cells, np.int64)
    below = (1 << LEVEL - zoom) - 1
    shift = LEVEL - zoom - 12  # 4096 = 2 ** 12
    columns, rows = deinterleave(codes)
    xs, ys = ((part & below) >> shift for part in (columns, rows))
    return [mvt.point_commands(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]


def _to_tile(lonlat: _Coordinates, tile: tuple[int, int, int]) -> _Coordinates:
    """Transform (n, 2) degrees to units of a tile, y down."""
    zoom, column, row = tile
    side = 1 << zoom
    x = (lonlat[:, 0] + 180.0) / 360.0 * side - column
    tangent = np.tan(np.radians(np.clip(lonlat[:, 1], -89.9, 89.9)))
    y = (1.0 - np.arcsinh(tangent) / np.pi) / 2.0 * side - row
    return np.column_stack((x, y)) * mvt.EXTENT


def _rings(geometry: BaseGeometry | None) -> Iterator[list[tuple[int, int]]]:
    """Yield the rings of a simplified area, whole numbers, outer ones clockwise on the screen."""
    if geometry is None or geometry.is_empty:
        return
    for part in shapely.get_parts(geometry):
        if part.geom_type != "Polygon" or part.area < _SMALLEST:
            continue
        outer = _ring(part.exterior, is_hole=False)
        if not outer:
            continue
        yield outer
        for hole in part.interiors:
            inner = _ring(hole, is_hole=True)
            if inner:
                yield inner


def _ring(ring: BaseGeometry, *, is_hole: bool) -> list[tuple[int, int]]:
    """Return a ring rounded and turned, without its last vertex; [] when nothing is left of it."""
    corners = np.rint(shapely.get_coordinates(ring)).astype(np.int64)
    moved = np.any(corners[1:] != corners[:-1], axis=1)
    corners = corners[:-1][moved]
    if len(corners) < _RING_VERTICES:
        return []
    x, y = corners[:, 0], corners[:, 1]
    doubled = int(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    if doubled == 0 or (is_hole and abs(doubled) < 2 * _SMALLEST):
        return []
    # with y down, a positive area is clockwise on the screen
    if (doubled > 0) == is_hole:
        corners = corners[::-1]
    return [(int(a), int(b)) for a, b in corners]
