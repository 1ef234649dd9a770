# SPDX-License-Identifier: GPL-2.0-or-later
"""Which point stands for a cell at which zoom, and for how many: arithmetic without a store.

At zoom z below 16 a tile has 32 x 32 cells and each cell shows its first point by rank, with the
number of points in the cell.  First in a cell is first in every smaller cell that holds it, so one
number a point, ``min_zoom``, says where it shows.  The answer depends on the set of points alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoapi.store.tile_grid import ALL_ZOOM, cell_shift

type _Long = NDArray[np.int64]


@dataclass(frozen=True)
class RankedPoint:
    """A point as it stands in ``tile_point``.

    Attributes:
        cell: its position.
        rank: its place among all points.
        counts: {zoom below 16 at which it is first in its cell: number of points in the cell}.
    """

    cell: int
    rank: int
    counts: Mapping[int, int] = field(default_factory=dict)

    @property
    def min_zoom(self) -> int:
        """Return the lowest zoom that shows it."""
        return min(self.counts, default=ALL_ZOOM)


def pack_counts(counts: Mapping[int, int]) -> str:
    """Write the counts from the lowest zoom on, while more than one.

    >>> pack_counts({13: 41, 14: 7, 15: 1}), unpack_counts(13, "41,7")
    ('41,7', {13: 41, 14: 7, 15: 1})
    """
    return ",".join(str(counts[zoom]) for zoom in sorted(counts) if counts[zoom] > 1)


def unpack_counts(min_zoom: int, text: str) -> dict[int, int]:
    """Read what :func:`pack_counts` wrote."""
    numbers = [int(number) for number in text.split(",")] if text else []
    return {
        zoom: numbers[place] if place < len(numbers) else 1
        for place, zoom in enumerate(range(min_zoom, ALL_ZOOM))
    }


def dirty_cells(positions: Iterable[int]) -> dict[int, set[int]]:
    """Return {zoom: numbers of the cells that hold one of the positions}."""
    known = list(positions)
    return {zoom: {p >> cell_shift(zoom) for p in known} for zoom in range(ALL_ZOOM)}


def rerank(
    points: Mapping[str, RankedPoint], dirty: Mapping[int, set[int]]
) -> dict[str, RankedPoint]:
    """Decide anew who is first in the dirty cells, from the smallest cells to the largest.

    Args:
        points: those that may be first in a dirty cell: at zoom 15 all of the cell, at a lower
            zoom those that are first in one of its four parts; a new or moved point without counts.
        dirty: of :func:`dirty_cells`, for all old and new positions that changed.

    Returns:
        The points with their new counts; those that stay as they are included.
    """
    counts: dict[str, dict[int, int]] = {}
    # {zoom: {dirty cell: {first point of a part of it: number of points in the part}}}
    candidates: list[dict[int, dict[str, int]]] = [defaultdict(dict) for _ in range(ALL_ZOOM)]
    for name, point in points.items():
        zoom = _deepest_dirty(point, dirty)
        counts[name] = {z: n for z, n in point.counts.items() if z > zoom}
        number = 1 if zoom + 1 == ALL_ZOOM else point.counts.get(zoom + 1, 0)
        if zoom >= 0 and number:
            candidates[zoom][point.cell >> cell_shift(zoom)][name] = number
    for zoom in range(ALL_ZOOM - 1, -1, -1):
        for cell, parts in candidates[zoom].items():
            first = min(parts, key=lambda each: (points[each].rank, each))
            counts[first][zoom] = sum(parts.values())
            if zoom:
                candidates[zoom - 1][cell >> 2][first] = counts[first][zoom]
    return {
        name: RankedPoint(point.cell, point.rank, counts[name]) for name, point in points.items()
    }


def _deepest_dirty(point: RankedPoint, dirty: Mapping[int, set[int]]) -> int:
    """Return the highest zoom at which the point's cell is dirty, -1 for none.

    A cell that holds a dirty one is dirty, so all zooms up to it are.
    """
    for zoom in range(ALL_ZOOM):
        if point.cell >> cell_shift(zoom) not in dirty[zoom]:
            return zoom - 1
    return ALL_ZOOM - 1


def rank_all(cells: _Long, ranks: _Long) -> tuple[NDArray[np.int64], list[str]]:
    """Rank a whole layer at once.

    Args:
        cells: (n,) positions.
        ranks: (n,) places among all points, all different.

    Returns:
        (n,) min_zoom and the n packed counts.
    """
    min_zoom = np.full(cells.shape, ALL_ZOOM, np.int64)
    numbers: dict[int, list[int]] = defaultdict(list)
    alive = np.argsort(cells, kind="stable")
    weights = np.ones(cells.shape, np.int64)
    for zoom in range(ALL_ZOOM - 1, -1, -1):
        if not alive.size:
            break
        codes = cells[alive] >> cell_shift(zoom)
        starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
        totals = np.add.reduceat(weights, starts)
        order = np.lexsort((ranks[alive], codes))
        alive, weights = alive[order[starts]], totals
        min_zoom[alive] = zoom
        several = totals > 1
        for index, total in zip(alive[several].tolist(), totals[several].tolist(), strict=True):
            numbers[index].append(total)
    packed = [""] * len(cells)
    for index, found in numbers.items():
        packed[index] = ",".join(map(str, reversed(found)))
    return min_zoom, packed


def as_ranked(row: Any) -> RankedPoint:  # noqa: ANN401 - a row of tile_point
    """Return the point of a row (cell, rank, min_zoom, counts as attributes)."""
    return RankedPoint(row.cell, row.rank, unpack_counts(row.min_zoom, row.counts))
