# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditions of words and boxes, for either store; :mod:`geoapi.store.query` puts them together."""

from __future__ import annotations

from geoapi.store.filter_sql import Statement
from geoapi.store.item_query import ItemSource
from geoapi.types import BBox

# Trigram indexes need three characters; shorter words look at the beginnings of names.
SHORTEST_TRIGRAM = 3
AFTER_ALL_TEXT = "\U0010ffff"


def box_condition(statement: Statement, source: ItemSource, bbox: BBox) -> str:
    """Return the condition that an item's geometry touches a box.

    Args:
        statement: gets the parameters.
        source: says whether geometries are more than points.
        bbox: degrees, CRS84; may cross 180 degrees.
    """
    min_lon, min_lat, max_lon, max_lat = bbox
    if min_lon > max_lon:  # the box crosses 180 degrees: two boxes, either may touch
        west = _box_sql(statement, source, (min_lon, min_lat, 180.0, max_lat))
        east = _box_sql(statement, source, (-180.0, min_lat, max_lon, max_lat))
        return f"({west} OR {east})"
    return _box_sql(statement, source, bbox)


def _box_sql(statement: Statement, source: ItemSource, bbox: BBox) -> str:
    """Test bounds exactly on the columns, fast through the index, areas by their shape too."""
    x1, y1, x2, y2 = (statement.bind(value) for value in bbox)
    exact = f"t.min_x <= {x2} AND t.max_x >= {x1} AND t.min_y <= {y2} AND t.max_y >= {y1}"
    if statement.backend == "geopackage":
        # a subquery of the R-tree; its floats are rounded outwards, hence the exact test beside it
        fast = (
            f"t.fid IN (SELECT fid FROM {statement.table}_rtree WHERE min_x <= {x2}"
            f" AND max_x >= {x1} AND min_y <= {y2} AND max_y >= {y1})"
        )
        shape = f"pakmud_intersects_box(t.geom, {x1}, {y1}, {x2}, {y2})"
    else:
        box = f"ST_MakeEnvelope({x1}, {y1}, {x2}, {y2}, 4326)"
        fast = f"t.geom && {box}"
        # ST_Envelope makes a point or a line of a box without width or height, as it must be
        corners = f"ST_MakePoint({x1}, {y1}), ST_MakePoint({x2}, {y2})"
        area = f"ST_Envelope(ST_SetSRID(ST_MakeLine({corners}), 4326))"
        shape = f"ST_Intersects(t.geom, {area})"
    parts = [fast, exact]
    if source.has_areas:
        parts.append(shape)
    return "(" + " AND ".join(parts) + ")"


def word_condition(statement: Statement, word: str) -> str:
    """Look for a word anywhere in the search text, or at the beginning of a name when short."""
    if len(word) < SHORTEST_TRIGRAM:
        ranges = []
        for column in ("name_th", "name_en"):
            low, high = statement.bind(word), statement.bind(word + AFTER_ALL_TEXT)
            ranges.append(f"k.{column}_key >= {low} AND k.{column}_key < {high}")
        # a subquery over the index of keys: without it the page is walked in the order of its sort
        found = " UNION ".join(
            f"SELECT k.fid FROM {statement.table} k WHERE k.view IN ('published', 'working')"
            f" AND {condition}"
            for condition in ranges
        )
        return f"t.fid IN ({found})"
    if statement.backend == "geopackage":
        phrase = statement.bind('"' + word.replace('"', '""') + '"')
        words = f"{statement.table}_fts"
        return f"t.fid IN (SELECT rowid FROM {words} WHERE {words} MATCH {phrase})"
    return contains(statement, word)


def contains(statement: Statement, word: str, column: str = "search") -> str:
    """Return the condition that a column has a text anywhere in it."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"t.{column} LIKE {statement.bind(f'%{escaped}%')} ESCAPE '\\'"


def looked_for(statement: Statement, word: str) -> str:
    """Return the condition that a row's text has a word, spelled so that no index is used."""
    condition = contains(statement, word)
    if statement.backend == "geopackage":
        return condition
    return condition.replace("t.search LIKE", "(t.search || '') LIKE", 1)
