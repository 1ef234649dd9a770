# SPDX-License-Identifier: GPL-2.0-or-later
"""Make many points of some inside PostgreSQL: neighbours with ids, codes and places of their own.

A million points made one by one take the better part of an hour; this takes minutes, and a row
differs from one that the product wrote in nothing but the digits of its entity tag.
"""

from __future__ import annotations

from typing import Any

import psycopg

from geoapi.store.tables import FEATURE_TABLES, change

TABLE = "service_point"
# About 3 km to each side.
_SHIFT_DEG = 0.03


def multiply(connection: psycopg.Connection[tuple[Any, ...]], base: int, count: int) -> None:
    """Add copies of the first ``base`` points until there are ``count``.

    Args:
        connection: to the product's tables, whose rows come in pairs, working and published.
        base: how many points there are, numbered from 0 by ``fid``.
        count: how many there shall be; ``base`` divides it.
    """
    first_seq = _one(connection, "SELECT min(seq) FROM change WHERE collection = 'service-points'")
    for times in range(1, count // base):
        numbers = {"k": times, "base": base, "shift": _SHIFT_DEG, "first_seq": first_seq}
        connection.execute(_points_sql().encode(), numbers)
        connection.execute(_changes_sql().encode(), numbers)
        print(f"  {(times + 1) * base:,} of {count:,} points", flush=True)


def _one(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> int:
    found = connection.execute(statement.encode()).fetchone()
    return int(found[0]) if found else 0


def _points_sql() -> str:
    """Return the statement that copies all rows once, as copy number ``k``.

    The steps follow from each other: new keys, then the text with them, then its entity tag.
    """
    changed = {
        "fid": "s.fid + 2 * %(base)s * %(k)s",
        "id": "s.new_id",
        "etag": "s.new_etag",
        "feature": "replace(s.new_feature, s.etag, s.new_etag)",
        "geom": "ST_SetSRID(ST_MakePoint(s.x, s.y), 4326)",
        "min_x": "s.x",
        "max_x": "s.x",
        "min_y": "s.y",
        "max_y": "s.y",
        "official_id": "s.new_official",
        "short_code": "s.new_code",
        "search": "replace(replace(s.search, s.official_id, s.new_official),"
        " lower(s.short_code), lower(s.new_code))",
    }
    names = [column.name for column in FEATURE_TABLES[TABLE].columns]
    values = ", ".join(changed.get(name, f"s.{name}") for name in names)
    return f"""
WITH keyed AS (
  SELECT t.*, md5(t.id || %(k)s)::uuid::text AS new_id,
    '9' || lpad(((t.fid - 1) / 2 + %(base)s * %(k)s)::text, 9, '0') AS new_official,
    %(k)s::text || substr(t.short_code, 2) AS new_code,
    round((t.min_x + {_shift("x")})::numeric, 7)::float8 AS x,
    round((t.min_y + {_shift("y")})::numeric, 7)::float8 AS y
  FROM {TABLE} t WHERE t.fid <= 2 * %(base)s
), told AS (
  SELECT k.*, replace(replace(replace(regexp_replace(k.feature,
      '"coordinates":\\[[^]]*\\]', '"coordinates":[' || k.x || ',' || k.y || ']'),
      k.id, k.new_id), k.official_id, k.new_official), k.short_code, k.new_code) AS new_feature
  FROM keyed k
), s AS (
  SELECT m.*, split_part(m.etag, '-', 1) || '-' || substr(md5(m.new_feature), 1, 16) AS new_etag
  FROM told m
)
INSERT INTO {TABLE} ({", ".join(names)}) SELECT {values} FROM s
"""  # noqa: S608 - names of ours


def _shift(axis: str) -> str:
    """Return how far a copy lies from its original along an axis, the same for both its rows."""
    thousands = f"(hashtextextended(t.id || '{axis}', %(k)s) & 65535) / 65535.0 - 0.5"
    return f"({thousands}) * 2 * %(shift)s"


def _changes_sql() -> str:
    """Return the statement that writes the history of the points just copied."""
    changed = {
        "seq": "c.seq + %(base)s * %(k)s",
        "item_id": "w.id",
        "document": "w.feature",
        "public_document": "p.feature",
    }
    names = [column.name for column in change.columns]
    values = ", ".join(changed.get(name, f"c.{name}") for name in names)
    return f"""
INSERT INTO change ({", ".join(names)})
SELECT {values} FROM change c
JOIN {TABLE} w ON w.fid = 2 * (c.seq - %(first_seq)s) + 1 + 2 * %(base)s * %(k)s
JOIN {TABLE} p ON p.fid = w.fid + 1
WHERE c.seq >= %(first_seq)s AND c.seq < %(first_seq)s + %(base)s
"""  # noqa: S608 - names of ours
