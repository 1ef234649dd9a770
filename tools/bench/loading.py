# SPDX-License-Identifier: GPL-2.0-or-later
"""Put the points into a site's store as the product would have, and beside it for the peers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

import psycopg
import shapely
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from geoapi import feature_rows
from geoapi.store.columns import SRID_WGS84
from geoapi.store.postgis import SCHEMA
from geoapi.store.tables import FEATURE_TABLES, change
from tools.bench.multiplying import TABLE, multiply
from tools.bench.points import Written, make_point

BASE = 200_000
PEER_SCHEMA, PEER_TABLE = "peers", "points"
_CHUNK = 20_000
_MAKERS = 2
_SESSION = f"-c search_path={SCHEMA},public -c synchronous_commit=off -c timezone=UTC"


def connect(dsn: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a connection that commits each statement and finds the product's tables."""
    return psycopg.connect(dsn, autocommit=True, options=_SESSION)


def base_of(count: int) -> int:
    """Return how many points are made one by one; the rest are copies of them."""
    return BASE if count > BASE and count % BASE == 0 else count


def load_postgis(dsn: str, count: int) -> None:
    """Fill an initialised database: both rows of each point, its history, statistics.

    Indexes are made after the rows, the sequences go on behind them.
    """
    base = base_of(count)
    with connect(dsn) as connection:
        indexes = _drop_indexes(connection)
        first_seq = connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM change").fetchone()
        offset = first_seq[0] if first_seq else 1
        chunks = [
            (dsn, first, min(first + _CHUNK, base), base, offset)
            for first in range(0, base, _CHUNK)
        ]
        with ProcessPoolExecutor(_MAKERS, mp_context=get_context("spawn")) as makers:
            for done in makers.map(_copy_chunk, chunks):
                print(f"  {done:,} of {count:,} points", flush=True)
        multiply(connection, base, count)
        connection.execute("SET maintenance_work_mem = '512MB'")
        for statement in indexes:
            connection.execute(statement.encode())
        for table, column in ((TABLE, "fid"), ("change", "seq")):
            connection.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}").format(
                    table, column, sql.Identifier(column), sql.Identifier(table)
                )
            )
        connection.execute("VACUUM ANALYZE")


def _drop_indexes(connection: psycopg.Connection[tuple[Any, ...]]) -> list[str]:
    """Drop the indexes that carry no constraint and return how to make them again."""
    found = connection.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = ANY (%s::regclass[])"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)",
        ([TABLE, "change"],),
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    return [definition for _, definition in found]


def _copy_chunk(chunk: tuple[str, int, int, int, int]) -> int:
    """Make points and copy them in, in a process of its own; return the number of the last."""
    dsn, first, behind, count, first_seq = chunk
    # both rows of a point and many neighbours say the same words: a third of the time
    for name in ("search_text", "name_sort_key"):
        setattr(feature_rows, name, lru_cache(4_096)(getattr(feature_rows, name)))
    points = [make_point(number, count) for number in range(first, behind)]
    with connect(dsn) as connection, connection.transaction():
        _copy(connection, TABLE, _feature_rows(points, first))
        entries = ({"seq": first_seq + first + index, "at": point.at, **vars(point.entry)}
                   for index, point in enumerate(points))  # fmt: skip
        _copy(connection, change.name, entries)
    return behind


def _feature_rows(points: list[Written], first: int) -> Iterator[dict[str, Any]]:
    for index, point in enumerate(points, first):
        for fid, row in ((2 * index + 1, point.working), (2 * index + 2, point.published)):
            yield {"fid": fid, **row.values, **_geometry(row.geometry)}


def _geometry(geometry: BaseGeometry | None) -> dict[str, Any]:
    if geometry is None:
        return {}
    min_x, min_y, max_x, max_y = geometry.bounds
    wkb = shapely.to_wkb(shapely.set_srid(geometry, SRID_WGS84), hex=True, include_srid=True)
    return {"geom": wkb, "min_x": min_x, "max_x": max_x, "min_y": min_y, "max_y": max_y}


def _copy(
    connection: psycopg.Connection[tuple[Any, ...]], table: str, rows: Iterator[dict[str, Any]]
) -> None:
    first = next(rows)
    names = list(first)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(sql.Identifier(name) for name in names)
    )
    with connection.cursor().copy(statement) as copying:
        copying.write_row([first[name] for name in names])
        for row in rows:
            copying.write_row([row[name] for name in names])


def make_peer_table(dsn: str) -> None:
    """Make the plain table of the same public points that the peers serve.

    A number as primary key and a GiST index, as both of them recommend, and the public members
    as columns.
    """
    flat = ["official_id", "short_code", "name_th", "name_en", "category", "status", "state"]
    flat += ["province_code", "district_code", "subdistrict_code", "postal_code"]
    text = ["position_method"]
    instants = ["created_at", "updated_at", "verified_at"]
    shown = [*(f"t.{name}" for name in flat if name in FEATURE_TABLES[TABLE].columns)]
    shown += [f"t.feature::json -> 'properties' ->> '{name}' AS {name}" for name in text]
    shown += [
        f"(t.feature::json -> 'properties' ->> '{name}')::timestamptz AS {name}"
        for name in instants
    ]
    target = f"{PEER_SCHEMA}.{PEER_TABLE}"
    with connect(dsn) as connection:
        for statement in (
            f"CREATE SCHEMA {PEER_SCHEMA}",
            f"CREATE TABLE {target} AS SELECT t.fid / 2 AS id, t.id AS uuid, t.revision,"  # noqa: S608 - names of ours
            f" {', '.join(shown)}, t.geom::geometry(Point, 4326) AS geom"
            f" FROM {TABLE} t WHERE t.view = 'published' ORDER BY t.fid",
            f"ALTER TABLE {target} ADD PRIMARY KEY (id)",
            f"CREATE INDEX ON {target} USING gist (geom)",
            f"VACUUM ANALYZE {target}",
        ):
            connection.execute(statement.encode())
