# SPDX-License-Identifier: GPL-2.0-or-later
"""The grid behind the tiles: WebMercatorQuad positions as interleaved whole numbers.

A position is the square of level 30 (3.7 cm at the equator) that holds it, column and row
interleaved bit by bit (Morton order), so that every tile of every zoom is one range of numbers and
both stores agree on what lies in it.  Source: OGC 17-083r4, annex D.1 (WebMercatorQuad).
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

LEVEL = 30
# 2 ** 5 = 32 cells along the side of a tile, 1,024 in it: at most so many points are shown.
CELLS_LEVEL = 5
# From this zoom on every point is shown; below it one point a cell.
ALL_ZOOM = 16
MAX_ZOOM = 18
# Tiles below this one share its mark.
MARK_ZOOM = 12
MAX_LATITUDE = 85.05112877980659

_BRANCH = 1 << 61
_MASKS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
_GATHERED = (
    (1, 0x3333333333333333),
    (2, 0x0F0F0F0F0F0F0F0F),
    (4, 0x00FF00FF00FF00FF),
    (8, 0x0000FFFF0000FFFF),
    (16, 0x00000000FFFFFFFF),
)


def _spread(number: int) -> int:
    """Put a zero before each bit of a number of 32 bits."""
    for shift, mask in _MASKS:
        number = (number | number << shift) & mask
    return number


def _gather[N: (int, NDArray[np.int64])](number: N) -> N:
    """Take every second bit: the reverse of :func:`_spread`."""
    number = number & _MASKS[-1][1]  # not in place: it may be an array
    for shift, mask in _GATHERED:
        number = (number | number >> shift) & mask
    return number


def interleave(column: int, row: int) -> int:
    """Return the number of a square.

    >>> interleave(3, 0), interleave(0, 3), deinterleave(interleave(800_000_001, 470_000_007))
    (5, 10, (800000001, 470000007))
    """
    return _spread(column) | _spread(row) << 1


def deinterleave[N: (int, NDArray[np.int64])](code: N) -> tuple[N, N]:
    """Return (column, row) of a square, or of an array of squares."""
    return _gather(code), _gather(code >> 1)


def cell_of(lon: float, lat: float) -> int:
    """Return the number of the square of level 30 that holds a position.

    Args:
        lon: degrees, -180 to 180.
        lat: degrees; what lies beyond the edge of the projection counts as on it.
    """
    lat = min(max(lat, -MAX_LATITUDE), MAX_LATITUDE)
    size = 1 << LEVEL
    x = (lon + 180.0) / 360.0
    y = (1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2.0
    return interleave(
        min(max(int(x * size), 0), size - 1),
        min(max(int(y * size), 0), size - 1),
    )


def rank_of(item_id: str, *, is_branch: bool) -> int:
    """Return the place of a point among all: main places before branches, then by a hash.

    The hash scatters: whoever is first in a cell says nothing of the order of insertion.
    """
    digest = hashlib.sha256(item_id.encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 3) | (_BRANCH if is_branch else 0)


def cell_shift(zoom: int) -> int:
    """Return by how many bits a position is shifted to the number of its cell at a zoom."""
    return 2 * (LEVEL - CELLS_LEVEL - zoom)


def tile_range(zoom: int, column: int, row: int) -> tuple[int, int]:
    """Return the first position of a tile and the first one behind it."""
    shift = 2 * (LEVEL - zoom)
    code = interleave(column, row)
    return code << shift, (code + 1) << shift


def mark_of(cell: int) -> int:
    """Return the number of the tile of zoom 12 whose mark covers a position."""
    return cell >> 2 * (LEVEL - MARK_ZOOM)


def tile_bounds(zoom: int, column: int, row: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a tile, degrees."""

    def latitude(y: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y))))

    side = 1 << zoom
    return (
        column / side * 360.0 - 180.0,
        latitude((row + 1) / side),
        (column + 1) / side * 360.0 - 180.0,
        latitude(row / side),
    )
