# SPDX-License-Identifier: GPL-2.0-or-later
"""SQL functions that SQLite lacks: relations of geometries, folded texts, lists as sets."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geoapi.store.text_folding import without_accents, without_case

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_HEADER_BYTES = 8
_GEOPACKAGE_MAGIC = b"GP"
# The same relation with the two geometries exchanged.
_CONVERSE = {"within": "contains", "contains": "within"}


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the functions."""
    for name, arguments, function in (
        ("pakmud_intersects_box", 5, intersects_box),
        ("pakmud_relate", 3, relate),
        ("pakmud_casei", 1, _on_text(without_case)),
        ("pakmud_accenti", 1, _on_text(without_accents)),
        ("pakmud_lists", 3, compare_lists),
        ("pakmud_truncate", 1, _truncate),
        ("pakmud_power", 2, _power),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


def wkb_of(blob: bytes) -> bytes:
    """Return the WKB inside a GeoPackage geometry."""
    return blob[_HEADER_BYTES + _ENVELOPE_BYTES[(blob[3] >> 1) & 0b111] :]


def intersects_box(
    blob: bytes | None, min_x: float, min_y: float, max_x: float, max_y: float
) -> bool:
    """Say whether a GeoPackage geometry touches a box; the twin of PostGIS ST_Intersects."""
    if blob is None:
        return False
    geometry = shapely.from_wkb(wkb_of(blob))
    return bool(shapely.intersects(geometry, shapely.box(min_x, min_y, max_x, max_y)))


@lru_cache(maxsize=32)
def _prepared(wkb: bytes) -> BaseGeometry:
    geometry = shapely.from_wkb(wkb)
    shapely.prepare(geometry)
    return geometry


def _geometry(stored: bytes) -> BaseGeometry:
    """Read a GeoPackage geometry, or a literal, which is bare WKB and comes with every row."""
    if stored.startswith(_GEOPACKAGE_MAGIC):
        return shapely.from_wkb(wkb_of(stored))
    return _prepared(stored)


def relate(operator: str, left: bytes | None, right: bytes | None) -> bool | None:
    """Say whether two geometries are in a relation; None when one is not there."""
    if left is None or right is None:
        return None
    if left.startswith(_GEOPACKAGE_MAGIC):  # the prepared one goes first
        left, right, operator = right, left, _CONVERSE.get(operator, operator)
    return bool(getattr(shapely, operator)(_geometry(left), _geometry(right)))


def _on_text(function: Callable[[str], str]) -> Callable[[Any], str | None]:
    def call(text: Any) -> str | None:  # noqa: ANN401 - any value of SQLite
        return function(text) if isinstance(text, str) else None

    return call


def _truncate(number: float | None) -> float | None:
    return float(math.trunc(number)) if number is not None and math.isfinite(number) else None


def _power(base: float | None, exponent: float | None) -> float | None:
    if base is None or exponent is None:
        return None
    try:
        return math.pow(base, exponent)
    except (OverflowError, ValueError):
        return None


@lru_cache(maxsize=256)
def _members(text: str) -> frozenset[str]:
    listed = json.loads(text)
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(member for member in listed if isinstance(member, str))


def compare_lists(operator: str, left: str | None, right: str | None) -> bool:
    """Compare two JSON lists as sets; one that is not there is empty."""
    first, second = _members(left or "[]"), _members(right or "[]")
    if operator == "equals":
        return first == second
    if operator == "contains":
        return first >= second
    if operator == "contained_by":
        return first <= second
    return bool(first & second)
