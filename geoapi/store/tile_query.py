# SPDX-License-Identifier: GPL-2.0-or-later
"""Read what one tile shows: points by ranges of their numbers, areas by their boxes.

Only published rows are read, whoever asks; tiles are files that everybody shares.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from geoapi.store import sqlite_functions
from geoapi.store.database import Store
from geoapi.store.tile_grid import ALL_ZOOM, CELLS_LEVEL, tile_range
from geoapi.types import BBox

# Beyond this many points of the deepest zooms, the last one stands for the rest.
MOST_POINTS = 2_000
# Of a tile, and so the most points below the deepest zooms.
CELLS = 4**CELLS_LEVEL


class ShownPoint(NamedTuple):
    """A point as a tile shows it.

    Attributes:
        cell: position, see :mod:`geoapi.store.tile_grid`.
        stands_for: how many points it stands for, itself included.
        values: id and attributes, in the order asked for.
    """

    cell: int
    stands_for: int
    values: tuple[Any, ...]


def read_points(
    store: Store, layer: str, attributes: tuple[str, ...], tile: tuple[int, int, int]
) -> list[ShownPoint]:
    """Return the points that a tile shows, main places first.

    Args:
        store: where to look.
        layer: feature table with ranked points.
        attributes: columns to read beside ``id``.
        tile: (zoom, column, row).
    """
    zoom = tile[0]
    first, behind = tile_range(*tile)
    parameters = {"layer": layer, "first": first, "behind": behind}
    within = (
        f"t.layer = {_name(store, 'layer')}"
        f" AND t.cell >= {_name(store, 'first')} AND t.cell < {_name(store, 'behind')}"
    )
    columns = ", ".join(f"s.{name}" for name in ("id", *attributes))
    sql = (
        f"SELECT p.cell, p.min_zoom, p.counts, {columns} FROM"
        f" ({_ranked(store, min(zoom, ALL_ZOOM), within)} LIMIT {MOST_POINTS}) p"
        f" JOIN {layer} s ON s.id = p.item_id AND s.view = 'published' ORDER BY p.rank"
    )
    rows = store.rows(sql, parameters)
    if zoom < ALL_ZOOM:
        return [
            ShownPoint(row[0], _count(row[2], zoom - row[1]) if row[2] else 1, row[3:])
            for row in rows
        ]
    points = [ShownPoint(row[0], 1, row[3:]) for row in rows]
    if len(points) == MOST_POINTS:
        every = f"SELECT count(*) FROM tile_point t WHERE {within}"
        number = store.rows(every, parameters)[0][0]
        last = points[-1]
        points[-1] = ShownPoint(last.cell, 1 + number - MOST_POINTS, last.values)
    return points


def _ranked(store: Store, zoom: int, within: str) -> str:
    """Return the query of the points that show at a zoom, one range of the index a ``min_zoom``.

    In PostgreSQL each range is a query of its own: from the condition as a whole it expects many
    times the rows that there are, and starts helpers for them.
    """
    zooms = ", ".join(map(str, range(zoom + 1)))
    if store.backend == "geopackage":
        conditions = f"{within} AND t.min_zoom IN ({zooms})"
        return f"SELECT * FROM tile_point t WHERE {conditions} ORDER BY t.rank"
    most = MOST_POINTS if zoom == ALL_ZOOM else CELLS
    return (
        f"SELECT r.* FROM unnest(ARRAY[{zooms}]) m (zoom) CROSS JOIN LATERAL (SELECT * FROM"
        f" tile_point t WHERE {within} AND t.min_zoom = m.zoom ORDER BY t.rank LIMIT {most}) r"
        " ORDER BY r.rank"
    )


def _name(store: Store, parameter: str) -> str:
    return f":{parameter}" if store.backend == "geopackage" else f"%({parameter})s"


def _count(counts: str, place: int) -> int:
    """Return the number at a place of packed counts; behind the last it is one."""
    numbers = counts.split(",")
    return int(numbers[place]) if place < len(numbers) else 1


def read_areas(
    store: Store, level: str, attributes: tuple[str, ...], bbox: BBox
) -> list[tuple[bytes, tuple[Any, ...]]]:
    """Return (WKB in CRS84, values of id and attributes) of the areas that a box may touch.

    Args:
        store: where to look.
        level: which areas.
        attributes: columns to read beside ``id``.
        bbox: degrees.
    """
    names = ("level", "x1", "y1", "x2", "y2")
    parameters = dict(zip(names, (level, *bbox), strict=True))
    lev, x1, y1, x2, y2 = (_name(store, name) for name in names)
    columns = ", ".join(f"t.{name}" for name in ("id", *attributes))
    boxes = f"t.min_x <= {x2} AND t.max_x >= {x1} AND t.min_y <= {y2} AND t.max_y >= {y1}"
    geometry = "t.geom" if store.backend == "geopackage" else "ST_AsBinary(t.geom)"
    rows = store.rows(
        f"SELECT {geometry}, {columns} FROM area t WHERE t.view = 'published'"
        f" AND t.level = {lev} AND {boxes} ORDER BY t.id",
        parameters,
    )
    if store.backend == "geopackage":
        return [(sqlite_functions.wkb_of(row[0]), row[1:]) for row in rows]
    return [(bytes(row[0]), row[1:]) for row in rows]
